#include "search/query_words.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "base/unicode.h"
#include "text/everyday_words.h"
#include "text/hangul_keys.h"
#include "text/hangul_prefix.h"
#include "text/spelling.h"
#include "text/wrong_blanks.h"

namespace saerok {
namespace {

/// Hangul syllables as UTF-8 begin so; exact words of other scripts that are cased stand below.
constexpr std::string_view kFirstHangul = "\xEA\xB0\x80";
constexpr std::string_view kBehindHangul = "\xED\x9E\xA4";
constexpr std::string_view kBehindLetters = "\xE1";

constexpr std::size_t kSyllableBytes = 3;

constexpr std::size_t kFewWords = 3;
/// A word typed with the keyboard in the wrong language; shorter ones are mostly abbreviations.
constexpr std::size_t kKeysMin = 3;

/// See frequency_needed().
constexpr std::size_t kShortUnits = 6, kMiddlingUnits = 8;
constexpr std::uint64_t kChunksForShort = 300, kChunksForMiddling = 3'000;

bool is_hangul(std::string_view text) {
  return !text.empty() && is_hangul_syllable(decode_utf8(text, 0).code_point);
}

std::string fold(std::string_view text) { return fold_case(fold_width(text)); }

/// A word of a query: where it stands and its first stem.
struct QueryWord {
  std::size_t begin, end;
  std::string stem;
  bool is_known;
};

class WordFinder {
 public:
  WordFinder(const Analyzer& analyzer, const Backend& backend)
      : analyzer_(analyzer), backend_(backend) {}

  std::vector<QueryWord> words_of(std::string_view query) {
    analyzer_.analyze(query, terms_);
    std::vector<QueryWord> words;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Term term = terms_[i];
      if (term.field != TermField::stem) continue;
      words.push_back({term.begin, term.end, std::string(term.text), false});
    }
    // Parts of a word that a blank cut in two are no misspelt words.
    const std::vector<std::uint32_t> blanks = find_wrong_blanks(query, backend_.vocabulary());
    for (QueryWord& word : words) {
      const bool is_part = std::any_of(blanks.begin(), blanks.end(), [&](std::uint32_t blank) {
        return word.end == blank || word.begin == blank + 1;
      });
      word.is_known = is_part || is_known(word, query);
    }
    return words;
  }

  /// Whether a text is one word that notes hold.
  bool holds(std::string_view text) {
    analyzer_.analyze(text, terms_);
    std::size_t stems = 0;
    bool known = true;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (terms_[i].field != TermField::stem) continue;
      ++stems;
      known = known && is_held(TermField::stem, terms_[i].text);
    }
    return stems == 1 && known;
  }

  /// Whether a note says it, or is titled or tagged with it.
  bool is_held(TermField field, std::string_view term) const {
    if (backend_.vocabulary().document_frequency(field, term) > 0) return true;
    bool found = false;
    const std::string behind = std::string(term) + '\0';
    backend_.visit_terms(field, term, behind,
                         [&](std::string_view, std::uint64_t) { found = true; });
    return found;
  }

 private:
  /// By its stem, because everybody says it, because it is part of a longer one, as camel is of
  /// camelCase, or because it is made of words that notes hold.
  bool is_known(const QueryWord& word, std::string_view query) {
    if (is_held(TermField::stem, word.stem) || is_initials(word.stem) || is_everyday(word.stem)) {
      return true;
    }
    const std::string_view written = query.substr(word.begin, word.end - word.begin);
    if (!is_hangul(word.stem)) return is_held(TermField::gram, fold(written));
    TermList cut;
    analyze_query(analyzer_, backend_.vocabulary(), written, cut);
    std::size_t covered = 0;
    for (std::size_t i = 0; i < cut.size(); ++i) {
      const Term part = cut[i];
      if (part.field != TermField::stem || part.begin != covered) continue;
      // Of single syllables that some note holds nearly every word could be made.
      if (part.text.size() < 2 * kSyllableBytes) continue;
      if (is_held(TermField::stem, part.text)) covered = part.end;
    }
    return covered == word.end - word.begin;
  }

  bool is_everyday(const std::string& stem) {
    if (everyday_.empty()) {
      TermList terms;
      for (const std::string_view words : {asking_words(), talk_words()}) {
        analyzer_.analyze(words, terms);
        for (std::size_t i = 0; i < terms.size(); ++i) {
          if (terms[i].field == TermField::stem) everyday_.emplace(terms[i].text);
        }
      }
    }
    return everyday_.contains(stem);
  }

  const Analyzer& analyzer_;
  const Backend& backend_;
  TermList terms_;
  std::unordered_set<std::string>
      everyday_;  ///< Stems; filled for the first word that is not held.
};

/// Chunks that must hold a word for which one is taken that none holds: the shorter the word, the
/// more words are near it by chance, and the more words a collection has, the more of them.
std::uint64_t frequency_needed(std::size_t units, std::uint32_t distance, std::uint64_t chunks) {
  const std::size_t sure = units / distance;  // Units for each error.
  if (sure <= kShortUnits) return 1 + chunks / kChunksForShort;
  return sure <= kMiddlingUnits ? 1 + chunks / kChunksForMiddling : 1;
}

/// The nearest word of the index, if it is frequent enough to be meant; of equally near ones the
/// most frequent, then the first by bytes.
std::string nearest_word(std::string_view word, const Backend& backend) {
  const std::u32string units = spelling_units(word);
  const std::uint32_t allowed = distance_allowed(units);
  if (allowed == 0) return {};
  const std::uint64_t bag = letter_bag(units);
  // A key more or less changes a Hangul word by a syllable at most.
  const std::size_t slack = std::size_t{3} * allowed;
  struct Found {
    std::uint32_t distance;
    std::uint64_t frequency;
  };
  std::map<std::string, Found> found;
  std::uint32_t limit = allowed;
  const bool hangul = is_hangul(word);
  backend.visit_terms(
      hangul ? TermField::stem : TermField::gram, hangul ? kFirstHangul : std::string_view(),
      hangul ? kBehindHangul : kBehindLetters, [&](std::string_view term, std::uint64_t count) {
        if (term.size() + slack < word.size() || term.size() > word.size() + slack) return;
        const std::u32string other = spelling_units(term);
        if (!may_be_within(bag, letter_bag(other), limit)) return;
        const std::uint32_t distance = spelling_distance(units, other, limit);
        if (distance > limit || distance == 0) return;
        limit = distance;
        const auto at = found.try_emplace(std::string(term), Found{distance, 0}).first;
        at->second.frequency += count;
      });
  const std::string* best = nullptr;
  std::uint64_t most = 0;
  for (const auto& [term, entry] : found) {
    if (entry.distance != limit || entry.frequency <= most) continue;
    best = &term;
    most = entry.frequency;
  }
  const bool is_meant = most >= frequency_needed(units.size(), limit, backend.chunk_count());
  return best == nullptr || !is_meant ? std::string() : *best;
}

/// Stretches without blanks that hold a Hangul letter by itself, and nothing but Hangul.
std::vector<QueryWord> words_with_lone_letters(std::string_view query) {
  std::vector<QueryWord> words;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t begin = at;
    bool has_letter = false, is_hangul_only = true;
    for (; at < query.size(); at += decode_utf8(query, at).size) {
      const CharClass kind = class_of(decode_utf8(query, at).code_point);
      if (kind == CharClass::space) break;
      has_letter = has_letter || kind == CharClass::jamo;
      is_hangul_only = is_hangul_only && (kind == CharClass::jamo || kind == CharClass::hangul);
    }
    if (has_letter && is_hangul_only && !is_initials(query.substr(begin, at - begin))) {
      words.push_back({begin, at, {}, false});
    }
    if (at < query.size()) at += decode_utf8(query, at).size;
  }
  return words;
}

/// What a word is if the keyboard was in the wrong language.
std::string other_keyboard(std::string_view typed, WordFinder& finder) {
  const std::optional<std::string> other =
      is_hangul(typed) || class_of(decode_utf8(typed, 0).code_point) == CharClass::jamo
          ? keys_of_hangul(typed)
      : typed.size() >= kKeysMin ? hangul_of_keys(typed)
                                 : std::nullopt;
  if (!other || other->size() < kKeysMin || !finder.holds(*other)) return {};
  return *other;
}

}  // namespace

WordGroup words_of_prefix(std::string_view prefix, const Backend& backend) {
  const std::string folded = fold(prefix);
  const bool by_initials = is_initials(folded);
  const bool hangul = by_initials || is_hangul(folded);
  std::vector<TermRange> ranges;
  if (by_initials) ranges.push_back(range_of_initials(folded));
  else ranges = ranges_of_prefix(folded);
  // Hangul by its stems; other words by their exact forms, because a stem may be shorter than what
  // was typed (organizat, organ).
  const TermField field = hangul ? TermField::stem : TermField::gram;
  std::map<std::string, std::uint64_t> found;
  for (const TermRange& range : ranges) {
    backend.visit_terms(field, range.first, range.last,
                        [&](std::string_view term, std::uint64_t count) {
                          if (by_initials && !matches_initials(term, folded)) return;
                          found[std::string(term)] += count;
                        });
  }
  WordGroup group;
  std::vector<std::pair<std::uint64_t, const std::string*>> ranked;
  for (const auto& [term, count] : found) {
    ranked.emplace_back(count, &term);
    group.document_frequency += count;
  }
  group.document_frequency = std::min(group.document_frequency, backend.chunk_count());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (ranked.size() > kExpandedWordsMax) ranked.resize(kExpandedWordsMax);
  for (const auto& [count, term] : ranked) group.words.push_back({field, *term});
  return group;
}

std::vector<Correction> correct_words(std::string_view query, const Analyzer& analyzer,
                                      const Backend& backend) {
  WordFinder finder(analyzer, backend);
  std::vector<QueryWord> words = finder.words_of(query);
  // The analyser parts ㅗ디ㅣㅐ into letters and syllables; it was typed as one word.
  std::vector<Correction> corrections;
  for (const QueryWord& typed : words_with_lone_letters(query)) {
    std::string meant = other_keyboard(query.substr(typed.begin, typed.end - typed.begin), finder);
    if (meant.empty()) continue;
    std::erase_if(words, [&](const QueryWord& word) {
      return word.begin >= typed.begin && word.end <= typed.end;
    });
    corrections.push_back({typed.begin, typed.end, std::move(meant)});
  }
  const auto unknown = static_cast<std::size_t>(
      std::count_if(words.begin(), words.end(), [](const QueryWord& w) { return !w.is_known; }));
  const bool finds_little = words.size() <= kFewWords || unknown * 2 >= words.size();
  const bool may_scan = finds_little && unknown <= kCorrectedWordsMax;
  for (const QueryWord& word : words) {
    if (word.is_known) continue;
    const std::string typed(query.substr(word.begin, word.end - word.begin));
    // Letters that spell a Hangul word that notes hold are no accident, however long the query.
    std::string meant = other_keyboard(fold_width(typed), finder);
    if (meant.empty() && may_scan) {
      meant = nearest_word(is_hangul(word.stem) ? word.stem : fold(typed), backend);
    }
    if (!meant.empty()) corrections.push_back({word.begin, word.end, std::move(meant)});
  }
  std::sort(corrections.begin(), corrections.end(),
            [](const Correction& a, const Correction& b) { return a.begin < b.begin; });
  return corrections;
}

std::string corrected(const std::vector<Correction>& corrections, std::string_view text) {
  std::string result;
  std::size_t at = 0;
  for (const Correction& correction : corrections) {
    result += text.substr(at, correction.begin - at);
    result += correction.text;
    at = correction.end;
  }
  result += text.substr(at);
  return result;
}

std::vector<std::string> synonyms_of(const TermList& query, const Analyzer& analyzer) {
  const std::size_t longest = analyzer.synonym_stems_max();
  std::vector<std::string_view> stems;
  for (std::size_t i = 0; i < query.size() && longest > 0; ++i) {
    if (query[i].field == TermField::stem) stems.push_back(query[i].text);
  }
  std::vector<std::string> synonyms;
  for (std::size_t begin = 0; begin < stems.size(); ++begin) {
    std::string name;
    for (std::size_t i = begin; i < std::min(begin + longest, stems.size()); ++i) {
      name.append(name.empty() ? "" : " ").append(stems[i]);
      const std::string lines = analyzer.synonyms_of(name);
      for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at);
        synonyms.push_back(lines.substr(at, end - at));
        at = end + 1;
      }
    }
  }
  return synonyms;
}

}  // namespace saerok
