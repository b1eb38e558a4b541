/// The stem of a Korean word, without a dictionary: particles and endings come off by rule, and
/// only where the sound before them allows it. What this is not: morphological analysis; a wrong
/// cut is harmless as long as document and query are cut alike, and the grams catch the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace saerok {

/// Eight bytes, so that it travels in a register; there is one for every word.
struct KoreanStem {
  char32_t last = 0;               ///< The stem's last syllable; contraction may have changed it.
  std::uint8_t length = 1;         ///< Syllables of the word that make the stem, at least 1.
  std::uint8_t gram_length = 1;    ///< Syllables that grams are made of, at least `length`.
  bool is_bare = false;            ///< Nothing came off.
  bool has_syllable_gram = false;  ///< The first syllable may be the noun: 물에서.
};

/// Requires one to kKoreanWordSyllablesMax precomposed syllables.
KoreanStem stem_korean(std::span<const char32_t> word);

constexpr std::size_t kKoreanWordSyllablesMax = 21;

}  // namespace saerok
