/// Single characters as Unicode's tables have them, for tokenizers that were defined by such
/// tables. Text that is searched is normalised by unicode.h instead.
#pragma once

#include <cstdint>

namespace saerok {

/// The general categories, as far as anyone asks: C (without the unassigned), M, P, S, the rest.
enum class CharCategory : std::uint8_t { other, control, mark, punctuation, symbol };
CharCategory category_of(char32_t code_point);

/// Unicode's White_Space.
bool is_white_space(char32_t code_point);

/// The first character of the canonical decomposition: "é" gives "e", and 가 its first letter.
char32_t decomposition_first(char32_t code_point);

/// The lower-case letter, where there is one of one character.
char32_t to_lower(char32_t code_point);

}  // namespace saerok
