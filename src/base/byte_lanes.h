/// Sixteen bytes at a time, for looking through text, in vectors that every processor has
/// (float_lanes.h says why no wider ones).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace saerok {

constexpr std::size_t kByteLanes = 16;
using ByteLanes = std::uint8_t __attribute__((vector_size(kByteLanes)));

inline ByteLanes load_bytes(const char* at) {
  ByteLanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}

/// Whether any bit of them is set.
inline bool any(ByteLanes lanes) {
  std::uint64_t halves[2];
  std::memcpy(halves, &lanes, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

/// Lanes of ones where the byte is from `first` to `last`, else of zeros.
inline ByteLanes between(ByteLanes lanes, std::uint8_t first, std::uint8_t last) {
  return reinterpret_cast<ByteLanes>(lanes - first <= static_cast<std::uint8_t>(last - first));
}

}  // namespace saerok
