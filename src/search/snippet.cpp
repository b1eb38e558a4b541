#include "search/snippet.h"

#include <algorithm>
#include <unordered_map>

#include "base/unicode.h"
#include "text/sentences.h"

namespace saerok {
namespace {

/// Sentences that end after this part of the room are cut at, rather than the last word.
constexpr double kSentenceEndFrom = 0.6;
/// A repeated word is worth so much beside a new one.
constexpr double kRepeatWorth = 0.1;
/// Longest look for a better place to cut, in characters.
constexpr std::size_t kWordCharactersMax = 24;
/// A passage that is longer than asked for by less than this part is shown whole.
constexpr double kSlack = 0.15;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The text as characters: where each begins, and the end.
std::vector<std::size_t> character_starts(std::string_view text, ByteSpan part) {
  std::vector<std::size_t> starts;
  for (std::size_t at = part.begin; at < part.end; at += decode_utf8(text, at).size) {
    starts.push_back(at);
  }
  starts.push_back(part.end);
  return starts;
}

/// Whether what stands at `at` begins something a reader sees as a character of its own.
bool begins_grapheme(std::string_view text, std::size_t at) {
  constexpr char32_t kZeroWidthJoiner = 0x200D;
  if (at == 0 || at >= text.size()) return true;
  const char32_t here = decode_utf8(text, at).code_point;
  std::size_t before_at = at - 1;
  while (before_at > 0 && (static_cast<unsigned char>(text[before_at]) & 0xC0) == 0x80) --before_at;
  const char32_t before = decode_utf8(text, before_at).code_point;
  const CharClass here_class = class_of(here);
  if (here_class == CharClass::mark || here_class == CharClass::ignorable) return false;
  if (before == kZeroWidthJoiner) return false;
  const auto is_vowel_or_final = [](char32_t c) { return c >= 0x1160 && c <= 0x11FF; };
  const auto is_flag_half = [](char32_t c) { return c >= 0x1F1E6 && c <= 0x1F1FF; };
  const auto is_skin_tone = [](char32_t c) { return c >= 0x1F3FB && c <= 0x1F3FF; };
  return !is_vowel_or_final(here) && !is_skin_tone(here) &&
         !(is_flag_half(here) && is_flag_half(before));
}

ByteSpan trimmed(std::string_view text, ByteSpan part) {
  while (part.begin < part.end && is_blank(text[part.begin])) ++part.begin;
  while (part.end > part.begin && is_blank(text[part.end - 1])) --part.end;
  return part;
}

/// The matches of the stretch of at most `characters` that holds most distinct words; the first of
/// equals. Half-open indices into `matches`, which are not empty.
struct MatchRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

MatchRange densest(std::span<const TextMatch> matches, const std::vector<std::size_t>& starts,
                   std::size_t characters) {
  const auto character_of = [&](std::size_t byte) {
    return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), byte) -
                                    starts.begin()) -
           1;
  };
  std::unordered_map<std::uint32_t, std::size_t> counts;
  double best_worth = -1;
  MatchRange best{0, 1};
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < matches.size(); ++begin) {
    const std::size_t limit = character_of(matches[begin].begin) + characters;
    while (end < matches.size() && (end <= begin || character_of(matches[end].end - 1) < limit)) {
      ++counts[matches[end++].word];
    }
    const double worth = static_cast<double>(counts.size()) +
                         kRepeatWorth * static_cast<double>(end - begin - counts.size());
    if (worth > best_worth) {
      best_worth = worth;
      best = {begin, end};
    }
    if (--counts[matches[begin].word] == 0) counts.erase(matches[begin].word);
  }
  return best;
}

/// Cuts a part out of a text that is longer than what can be shown. Offsets are characters.
class Cutter {
 public:
  Cutter(std::string_view text, ByteSpan part, std::size_t characters_max)
      : text_(text), starts_(character_starts(text, part)), room_(characters_max) {
    for (ByteSpan sentence : split_sentences(text.substr(part.begin, part.size()))) {
      sentence_begins_.push_back(sentence.begin + part.begin);
      sentence_ends_.push_back(sentence.end + part.begin);
    }
  }

  ByteSpan cut(std::span<const TextMatch> matches) const {
    const std::size_t count = starts_.size() - 1;
    std::size_t first = 0, last = 0;  // What has to be shown.
    if (!matches.empty()) {
      const MatchRange range = densest(matches, starts_, room_);
      first = character_of(matches[range.begin].begin);
      last = std::min(character_of(matches[range.end - 1].end - 1) + 1, first + room_);
    }
    const std::size_t begin = begin_before(first, room_ - (last - first));
    const std::size_t latest = std::min(begin + room_, count);
    const std::size_t end = latest == count ? count : end_before(latest, begin, last);
    return {starts_[begin], starts_[end]};
  }

 private:
  std::size_t character_of(std::size_t byte) const {
    return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), byte) -
                                    starts_.begin()) -
           1;
  }

  /// The start of the sentence that holds `first` if it is within `spare` characters, else of a
  /// word a few words before, so that the match has some context.
  std::size_t begin_before(std::size_t first, std::size_t spare) const {
    auto after = std::upper_bound(sentence_begins_.begin(), sentence_begins_.end(), starts_[first]);
    if (after != sentence_begins_.begin()) {
      const std::size_t sentence = character_of(*std::prev(after));
      if (first - sentence <= spare) return sentence;
    }
    const std::size_t earliest = first - std::min(first, spare / 4);
    for (std::size_t at = earliest; at < std::min(first, earliest + kWordCharactersMax); ++at) {
      if (at == 0 || is_blank(text_[starts_[at] - 1])) return at;
    }
    for (std::size_t at = earliest; at < first; ++at) {
      if (begins_grapheme(text_, starts_[at])) return at;
    }
    return first;
  }

  /// The end of a sentence if one ends late enough, else of a word, else of a character.
  std::size_t end_before(std::size_t latest, std::size_t begin, std::size_t shown_to) const {
    const std::size_t late_enough = std::max(
        shown_to, begin + static_cast<std::size_t>(static_cast<double>(room_) * kSentenceEndFrom));
    auto after = std::upper_bound(sentence_ends_.begin(), sentence_ends_.end(), starts_[latest]);
    if (after != sentence_ends_.begin()) {
      const std::size_t end = character_of(*std::prev(after));
      if (end >= late_enough && end <= latest && end > begin) return end;
    }
    const std::size_t floor = std::max(shown_to, begin + 1);
    const std::size_t lowest = std::max(floor, latest - std::min(latest, kWordCharactersMax));
    for (std::size_t at = latest; at >= lowest; --at) {
      if (is_blank(text_[starts_[at]])) return at;
    }
    for (std::size_t at = latest; at > floor; --at) {
      if (begins_grapheme(text_, starts_[at])) return at;
    }
    // One cluster of marks from end to end: show it whole rather than in pieces.
    std::size_t at = floor;
    while (at + 1 < starts_.size() && !begins_grapheme(text_, starts_[at])) ++at;
    return at;
  }

  std::string_view text_;
  std::vector<std::size_t> starts_;
  std::size_t room_;
  std::vector<std::size_t> sentence_begins_, sentence_ends_;
};

/// Copies `span` of the text on one line and carries the matches over.
Snippet render(std::string_view text, ByteSpan span, std::span<const TextMatch> matches) {
  constexpr std::string_view kEllipsis = "…";
  Snippet snippet;
  snippet.span = span;
  const auto has_text = [&](std::size_t begin, std::size_t end) {
    return std::any_of(text.begin() + static_cast<std::ptrdiff_t>(begin),
                       text.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char c) { return !is_blank(c); });
  };
  if (has_text(0, span.begin)) snippet.text += kEllipsis;
  auto match = std::find_if(matches.begin(), matches.end(),
                            [&](const TextMatch& m) { return m.end > span.begin; });
  bool is_open = false;
  for (std::size_t at = span.begin; at <= span.end; ++at) {
    const auto here = static_cast<std::uint32_t>(snippet.text.size());
    if (is_open && (at >= match->end || at == span.end)) {
      snippet.highlights.back().end = here;
      is_open = false;
      ++match;
    }
    if (at == span.end) break;
    if (!is_open && match != matches.end() && at >= match->begin) {
      snippet.highlights.push_back({here, here});
      is_open = true;
    }
    if (!is_blank(text[at])) {
      snippet.text += text[at];
    } else if (at > span.begin && !is_blank(text[at - 1])) {
      snippet.text += ' ';
    }
  }
  std::erase_if(snippet.highlights, [](const Highlight& h) { return h.begin >= h.end; });
  if (has_text(span.end, text.size())) snippet.text += kEllipsis;
  return snippet;
}

}  // namespace

Snippet make_snippet(std::string_view text, ByteSpan passage, std::span<const TextMatch> matches,
                     std::size_t characters_max) {
  const ByteSpan whole{0, text.size()};
  ByteSpan part = trimmed(text, passage.size() == 0 ? whole : passage);
  if (part.size() == 0) part = trimmed(text, whole);
  const auto slack = static_cast<std::size_t>(static_cast<double>(characters_max) * kSlack);
  // A character has at least a byte, so that most passages need no counting.
  if (part.size() <= characters_max ||
      character_starts(text, part).size() - 1 <= characters_max + slack) {
    return render(text, part, matches);
  }
  const auto is_inside = [&](const TextMatch& match) {
    return match.begin >= part.begin && match.end <= part.end;
  };
  const auto first = std::find_if(matches.begin(), matches.end(), is_inside);
  const auto last = std::find_if_not(first, matches.end(), is_inside);
  const ByteSpan shown =
      Cutter(text, part, characters_max).cut({first, static_cast<std::size_t>(last - first)});
  return render(text, trimmed(text, shown), matches);
}

}  // namespace saerok
