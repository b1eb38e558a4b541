#include "text/hangul_prefix.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/code_points.h"
#include "base/unicode.h"
#include "text/hangul_letters.h"

namespace saerok {
namespace {

constexpr std::string_view kAfterAllTerms = "\xFF";  // No UTF-8 begins with it.

struct Characters {
  char32_t first;
  char32_t last;  // Inclusive.
};

constexpr Characters syllables_with(std::uint32_t initial) {
  return {compose_syllable({initial, 0, 0}), compose_syllable({initial, 20, 27})};
}

// What a consonant becomes that a vowel follows: the part that stays, 0 for none, and the initial.
struct Moved {
  char32_t kept;
  char32_t initial;
};
constexpr Moved moved_by_vowel(char32_t consonant) {
  const TypedLetters typed = typed_letters(consonant);
  if (typed.second == 0) return {0, typed.first};
  return {typed.first, typed.second};
}

// Whether `letter` is `grown` or becomes it by one more key.
constexpr bool grows_into(char32_t letter, char32_t grown) {
  const TypedLetters both = typed_letters(grown);
  return letter == grown || (both.second != 0 && both.first == letter);
}

// Collects the ranges of a prefix whose characters before the last one are `head`.
class Ranges {
 public:
  explicit Ranges(std::string_view head) : head_(head) {}

  // For the last character: a syllable.
  void add_syllable(char32_t syllable) {
    const Jamo jamo = decompose_syllable(syllable);
    if (jamo.final == 0) return add_open_syllable(jamo);
    const char32_t final = kFinalLetters[jamo.final - 1];
    for (const char32_t grown : kFinalLetters) {
      if (!grows_into(final, grown)) continue;
      const char32_t closed = compose_syllable({jamo.initial, jamo.vowel, *final_index(grown)});
      add({}, {closed, closed});
    }
    const Moved moved = moved_by_vowel(final);
    const std::uint32_t kept = moved.kept == 0 ? 0 : *final_index(moved.kept);
    add_before_vowel(compose_syllable({jamo.initial, jamo.vowel, kept}), moved.initial);
  }

  // For the last character: a letter alone.
  void add_letter(char32_t letter) {
    for (char32_t grown = kFirstHangulLetter; grown <= kLastHangulLetter; ++grown) {
      if (grows_into(letter, grown)) add({}, {grown, grown});
    }
    if (!is_consonant_letter(letter)) return;
    const Moved moved = moved_by_vowel(letter);
    add_before_vowel(moved.kept, moved.initial);
  }

  std::vector<TermRange> merged() {
    std::ranges::sort(ranges_, {}, &TermRange::first);
    std::vector<TermRange> out;
    for (TermRange& range : ranges_) {
      if (!out.empty() && range.first <= out.back().last) {
        out.back().last = std::max(out.back().last, range.last);
      } else {
        out.push_back(std::move(range));
      }
    }
    return out;
  }

 private:
  void add_open_syllable(Jamo jamo) {
    for (char32_t grown = kFirstVowelLetter; grown <= kLastHangulLetter; ++grown) {
      if (!grows_into(kFirstVowelLetter + jamo.vowel, grown)) continue;
      const std::uint32_t vowel = *vowel_index(grown);
      add({}, {compose_syllable({jamo.initial, vowel, 0}),
               compose_syllable({jamo.initial, vowel, 27})});
    }
  }

  // `kept`, a character or 0 for none, then any syllable with the initial.
  void add_before_vowel(char32_t kept, char32_t initial) {
    std::string between;
    if (kept != 0) append_utf8(between, kept);
    add(between, syllables_with(*initial_index(initial)));
  }

  // Terms that begin with the head, `between`, and one of the characters.
  void add(std::string_view between, Characters characters) {
    const std::string begin = head_ + std::string(between);
    TermRange& range = ranges_.emplace_back(TermRange{begin, begin});
    append_utf8(range.first, characters.first);
    append_utf8(range.last, characters.last + 1);
  }

  std::string head_;
  std::vector<TermRange> ranges_;
};

// Calls `visit(initial)` with an index for each, as long as it returns true; false if it did not
// or if `text` holds anything but consonants.
template <class Visit>
bool visit_initials(std::string_view text, Visit&& visit) {
  for (std::size_t i = 0; i < text.size();) {
    const DecodedChar c = decode_utf8(text, i);
    if (!is_consonant_letter(c.code_point)) return false;
    const TypedLetters typed = typed_letters(c.code_point);
    if (!visit(*initial_index(typed.first))) return false;
    if (typed.second != 0 && !visit(*initial_index(typed.second))) return false;
    i += c.size;
  }
  return true;
}

}  // namespace

std::vector<TermRange> ranges_of_prefix(std::string_view prefix) {
  if (prefix.empty()) return {{"", std::string(kAfterAllTerms)}};
  if (!is_valid_utf8(prefix)) return {};
  const std::size_t begin = chars::code_point_before(prefix, prefix.size());
  const char32_t last = decode_utf8(prefix, begin).code_point;
  Ranges ranges(prefix.substr(0, begin));
  if (is_hangul_syllable(last)) {
    ranges.add_syllable(last);
    return ranges.merged();
  }
  if (is_hangul_letter(last)) {
    ranges.add_letter(last);
    return ranges.merged();
  }
  TermRange range{std::string(prefix), std::string(prefix)};
  ++range.last.back();  // UTF-8 never ends with 0xFF.
  return {range};
}

bool is_initials(std::string_view text) {
  std::size_t count = 0;
  return visit_initials(text, [&](std::uint32_t) { return ++count > 0; }) && count >= 2;
}

bool matches_initials(std::string_view term, std::string_view initials) {
  if (!is_initials(initials)) return false;
  return visit_initials(initials, [&](std::uint32_t initial) {
    if (term.empty()) return false;
    const DecodedChar c = decode_utf8(term, 0);
    term.remove_prefix(c.size);
    return is_hangul_syllable(c.code_point) && decompose_syllable(c.code_point).initial == initial;
  });
}

TermRange range_of_initials(std::string_view initials) {
  if (!is_initials(initials)) return {};
  const TypedLetters first = typed_letters(decode_utf8(initials, 0).code_point);
  const Characters syllables = syllables_with(*initial_index(first.first));
  TermRange range;
  append_utf8(range.first, syllables.first);
  append_utf8(range.last, syllables.last + 1);
  return range;
}

}  // namespace saerok
