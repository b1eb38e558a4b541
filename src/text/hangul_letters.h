/// The letters of Hangul as single characters (compatibility jamo, ㄱ to ㅣ) and how two of them
/// make one: ㅗ and ㅏ make ㅘ, ㄱ and ㅅ make ㄳ. A doubled consonant (ㄲ) is one letter, as it is
/// one key. What this is not: syllables (base/unicode.h) or which key types what (hangul_keys.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/unicode.h"

namespace saerok {

constexpr char32_t kFirstHangulLetter = U'ㄱ';
constexpr char32_t kFirstVowelLetter = U'ㅏ';
constexpr char32_t kLastHangulLetter = U'ㅣ';
constexpr std::size_t kHangulLetterCount = kLastHangulLetter - kFirstHangulLetter + 1;

constexpr bool is_hangul_letter(char32_t c) {
  return c >= kFirstHangulLetter && c <= kLastHangulLetter;
}
constexpr bool is_consonant_letter(char32_t c) {
  return c >= kFirstHangulLetter && c < kFirstVowelLetter;
}
constexpr bool is_vowel_letter(char32_t c) {
  return c >= kFirstVowelLetter && c <= kLastHangulLetter;
}

/// By the indices of Jamo; finals begin at index 1.
constexpr std::u32string_view kInitialLetters = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr std::u32string_view kFinalLetters =
    U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

/// The index that Jamo has for a letter; none if the letter cannot stand there.
constexpr std::optional<std::uint32_t> initial_index(char32_t letter) {
  const std::size_t found = kInitialLetters.find(letter);
  if (found == std::u32string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(found);
}
constexpr std::optional<std::uint32_t> final_index(char32_t letter) {
  const std::size_t found = kFinalLetters.find(letter);
  if (found == std::u32string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(found + 1);
}
constexpr std::optional<std::uint32_t> vowel_index(char32_t letter) {
  if (!is_vowel_letter(letter)) return std::nullopt;
  return letter - kFirstVowelLetter;
}

/// What is typed for a letter: itself, or the two that it is made of.
struct TypedLetters {
  char32_t first = 0;
  char32_t second = 0;  ///< 0: there is none.

  bool operator==(const TypedLetters&) const = default;
};

namespace hangul_letters {

// A letter made of two, then those two.
inline constexpr std::u32string_view kMadeOfTwo =
    U"ㄳㄱㅅ ㄵㄴㅈ ㄶㄴㅎ ㄺㄹㄱ ㄻㄹㅁ ㄼㄹㅂ ㄽㄹㅅ ㄾㄹㅌ ㄿㄹㅍ ㅀㄹㅎ ㅄㅂㅅ "
    U"ㅘㅗㅏ ㅙㅗㅐ ㅚㅗㅣ ㅝㅜㅓ ㅞㅜㅔ ㅟㅜㅣ ㅢㅡㅣ ";

inline constexpr auto kTyped = [] {
  std::array<TypedLetters, kHangulLetterCount> typed{};
  for (std::size_t i = 0; i < kHangulLetterCount; ++i) {
    typed[i].first = kFirstHangulLetter + static_cast<char32_t>(i);
  }
  for (std::size_t i = 0; i < kMadeOfTwo.size(); i += 4) {
    typed[kMadeOfTwo[i] - kFirstHangulLetter] = {kMadeOfTwo[i + 1], kMadeOfTwo[i + 2]};
  }
  return typed;
}();

}  // namespace hangul_letters

/// Requires is_hangul_letter(letter).
constexpr TypedLetters typed_letters(char32_t letter) {
  return hangul_letters::kTyped[letter - kFirstHangulLetter];
}

/// The letter that the two make, 0 if they make none.
constexpr char32_t join_letters(char32_t first, char32_t second) {
  for (std::size_t i = 0; i < kHangulLetterCount; ++i) {
    if (hangul_letters::kTyped[i] == TypedLetters{first, second}) {
      return kFirstHangulLetter + static_cast<char32_t>(i);
    }
  }
  return 0;
}

/// Calls `visit(letter)` for each letter typed for `c`, in order: ㄱ, ㅗ, ㅏ, ㅂ, ㅅ for 괎.
/// Requires a syllable or a letter.
template <class Visit>
constexpr void visit_typed_letters(char32_t c, Visit&& visit) {
  const auto visit_both = [&](char32_t letter) {
    const TypedLetters typed = typed_letters(letter);
    visit(typed.first);
    if (typed.second != 0) visit(typed.second);
  };
  if (!is_hangul_syllable(c)) return visit_both(c);
  const Jamo jamo = decompose_syllable(c);
  visit_both(kInitialLetters[jamo.initial]);
  visit_both(kFirstVowelLetter + jamo.vowel);
  if (jamo.final != 0) visit_both(kFinalLetters[jamo.final - 1]);
}

}  // namespace saerok
