/// Arithmetic on bits that every processor does at once.
#pragma once

#include <cstdint>

namespace saerok {

/// How many bits are set. std::popcount is a call into a table where the compiler may not assume
/// that the processor has an instruction for it, and takes three times as long.
constexpr std::uint32_t count_bits(std::uint64_t bits) {
  bits -= bits >> 1 & 0x5555'5555'5555'5555;
  bits = (bits & 0x3333'3333'3333'3333) + (bits >> 2 & 0x3333'3333'3333'3333);
  bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0F;
  return static_cast<std::uint32_t>(bits * 0x0101'0101'0101'0101 >> 56);
}

}  // namespace saerok
