/// Lengths of chunks in one byte: exact up to 40, then four significant bits, rounded down. The
/// scorer sees only what the byte keeps, so that a score does not depend on where it is computed.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace saerok {

/// Codes below this are the length itself; from here on a code is this plus a 4-bit float.
constexpr std::uint32_t kExactLengthCodes = 24;

constexpr std::uint8_t code_of_length(std::uint32_t length) {
  if (length < kExactLengthCodes) return static_cast<std::uint8_t>(length);
  const std::uint32_t rest = length - kExactLengthCodes;
  const auto width = static_cast<std::uint32_t>(std::bit_width(rest));
  if (width < 4) return static_cast<std::uint8_t>(kExactLengthCodes + rest);
  const std::uint32_t shift = width - 4;
  const std::uint32_t code = kExactLengthCodes + ((shift + 1) << 3 | (rest >> shift & 7));
  return static_cast<std::uint8_t>(code < 255 ? code : 255);
}

constexpr std::uint32_t decode_length_code(std::uint8_t code) {
  if (code < kExactLengthCodes) return code;
  const std::uint32_t rest = code - kExactLengthCodes;
  if (rest < 8) return code;
  return kExactLengthCodes + ((8 | (rest & 7)) << (rest / 8 - 1));
}

constexpr std::array<std::uint32_t, 256> kLengthOfCode = [] {
  std::array<std::uint32_t, 256> lengths{};
  for (std::uint32_t code = 0; code < 256; ++code) {
    lengths[code] = decode_length_code(static_cast<std::uint8_t>(code));
  }
  return lengths;
}();

}  // namespace saerok
