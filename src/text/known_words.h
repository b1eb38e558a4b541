/// Which stretch of Hangul is a word that the index holds, and how likely: what cutting a run
/// without blanks (segmentation.cpp) and joining words with wrong ones (wrong_blanks.h) go by.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "text/analyzer.h"

namespace saerok {

constexpr std::size_t kKnownWordSyllablesMax = 10;

/// The cost of a syllable that is in no word of the index; costs are negative logarithms of how
/// likely a word is.
constexpr double kUnknownSyllableCost = 20;

struct KnownWord {
  std::string stem;
  double cost = 0;
};

/// The likelier of what `syllables` are as they stand and without an ending; nothing if the index
/// holds neither. Requires 1 to kKoreanWordSyllablesMax syllables.
std::optional<KnownWord> known_word(std::span<const char32_t> syllables,
                                    const Vocabulary& vocabulary);

}  // namespace saerok
