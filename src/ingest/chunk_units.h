/// The smallest pieces that chunks are put together from: whole blocks where they fit, else
/// sentences or lines, else words. Only chunker.cpp uses it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "saerok/types.h"

namespace saerok {

struct ChunkUnit {
  ByteSpan span;  ///< In the document's text; may end in white space.
  double tokens = 0;
  std::uint8_t heading = 0;  ///< Level of a heading; else 0.
};

/// Units in order, which leave out nothing but white space. None but a single sentence is larger
/// than the target, and none larger than twice of it. Linear.
std::vector<ChunkUnit> make_chunk_units(const Document& document, std::uint32_t target_tokens);

/// estimate_tokens before rounding: adds up over pieces cut at white space.
double token_weight(std::string_view text);

}  // namespace saerok
