/// Blanks of a query that stand inside a word: 데이 터베이스를 is 데이터베이스를, if the index
/// holds that. What this is not: cutting words that lack their blanks (segmentation.cpp).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/analyzer.h"

namespace saerok {

/// The bytes of `text` where such blanks stand, ascending. Only blanks between words of Hangul, and
/// only near a word that the index does not hold: what it holds may well have been meant.
std::vector<std::uint32_t> find_wrong_blanks(std::string_view text, const Vocabulary& vocabulary);

}  // namespace saerok
