/// Normalisation, folding, and what kind of character a code point is.
///
/// Nobody else in saerok knows Unicode. utf8proc, because it is small, in every distribution, and
/// has normalisation, folding and categories in one table; unicode.cpp is the only file that
/// includes it, and text that is ASCII, precomposed Hangul, Han or kana never reaches it. ICU
/// would replace it. What this is not: reading and writing UTF-8 (utf8.h), or cutting text into
/// terms (text/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace saerok {

/// Normalisation form C: what file names and note bodies are compared in. Bytes that are no
/// character stay as they are. Equal text costs one scan and one copy.
std::string to_nfc(std::string_view text);

/// Full-width letters and half-width kana in their usual width, ligatures, squared units, circled
/// and raised digits as plain ones (NFKC for those ranges only), then NFC.
std::string fold_width(std::string_view text);

/// Normalisation form KC, whole: what embedding models are trained on. Bytes that are no character
/// stay as they are.
std::string to_nfkc(std::string_view text);

/// Unicode's full case folding ("Straße" and "STRASSE" become equal), then NFC.
std::string fold_case(std::string_view text);

/// Characters that fold_sequence may return for one base letter and the marks given with it.
constexpr std::size_t kFoldedCharsMax = 128;
/// Characters that fold_sequence takes at once: a base letter and its marks. UAX 15 calls thirty
/// marks stream-safe; no language needs more than a few.
constexpr std::size_t kSequenceCharsMax = 32;

/// NFC, width and case folding of one base character with the marks that follow it. Returns how
/// many characters it wrote to `out`. Requires 1 <= in.size() <= kSequenceCharsMax.
std::size_t fold_sequence(std::span<const char32_t> in, std::span<char32_t, kFoldedCharsMax> out);

/// A Latin letter without its accents (é → e); anything else as it is.
char32_t base_letter(char32_t code_point);

enum class CharClass : std::uint8_t {
  space,   ///< White space and control characters.
  hangul,  ///< A precomposed syllable.
  jamo,    ///< A single Hangul letter.
  letter,  ///< Of a script that is written with spaces or is cased: Latin, Greek, Arabic …
  digit,   ///< A decimal digit or another number.
  mark,    ///< Combines with the character before it.
  han,     ///< A Chinese character.
  kana,    ///< Hiragana, katakana, and scripts written without spaces: Thai, Khmer …
  symbol,  ///< Emoji, currency, mathematics, private use.
  punctuation,
  ignorable,  ///< Zero-width characters, soft hyphen, variation selectors.
  invalid     ///< U+FFFD and surrogates.
};

constexpr bool is_ascii_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
/// class_of() for code points below 128.
constexpr CharClass ascii_class(char32_t c) {
  if (c <= U' ' || c == 127) return CharClass::space;
  if (is_ascii_letter(c)) return CharClass::letter;
  return c >= U'0' && c <= U'9' ? CharClass::digit : CharClass::punctuation;
}
CharClass class_of(char32_t code_point);
bool is_upper_case(char32_t code_point);

constexpr char32_t kFirstSyllable = 0xAC00;
constexpr char32_t kLastSyllable = 0xD7A3;
constexpr bool is_hangul_syllable(char32_t code_point) {
  return code_point >= kFirstSyllable && code_point <= kLastSyllable;
}

/// The letters of a syllable as indices: initial 0 to 18 (ㄱ…ㅎ), vowel 0 to 20 (ㅏ…ㅣ), final 0
/// (none) to 27 (ㅎ).
struct Jamo {
  std::uint32_t initial;
  std::uint32_t vowel;
  std::uint32_t final;
};

/// Requires is_hangul_syllable(syllable).
constexpr Jamo decompose_syllable(char32_t syllable) {
  const std::uint32_t index = syllable - kFirstSyllable;
  return {index / 588, index / 28 % 21, index % 28};
}
constexpr char32_t compose_syllable(Jamo jamo) {
  return kFirstSyllable + (jamo.initial * 21 + jamo.vowel) * 28 + jamo.final;
}
/// The final consonant's index, 0 for none. Requires is_hangul_syllable(syllable).
constexpr std::uint32_t final_of(char32_t syllable) { return (syllable - kFirstSyllable) % 28; }

/// A syllable spelt in conjoining letters, as macOS stores file names.
struct SpeltSyllable {
  char32_t syllable = 0;
  std::uint32_t size = 0;  ///< Bytes of its letters; 0: there is none here.
};
/// The syllable whose letters begin at `position`: an initial and a vowel, or a syllable without a
/// final, and a final if one follows. Requires position < text.size().
SpeltSyllable spelt_syllable(std::string_view text, std::size_t position);

/// Columns that `text` takes in a terminal: Hangul, Han and most emoji two, marks none.
std::size_t display_width(std::string_view text);

/// Version of the tables behind all this; a part of the analyser's fingerprint.
std::string unicode_version();

}  // namespace saerok
