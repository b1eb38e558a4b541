/// Four floats at a time, in vectors that every processor has: of wider ones the compiler makes
/// single operations where it is not told of wider registers, and eight times the time. Each lane
/// has the bits that the same operations on single floats give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/assert.h"

namespace saerok {

constexpr std::size_t kFloatLanes = 4;
using FloatLanes = float __attribute__((vector_size(4 * kFloatLanes)));
/// Of a comparison: all ones or all zeros in each lane.
using MaskLanes = std::int32_t __attribute__((vector_size(4 * kFloatLanes)));

inline FloatLanes load_lanes(const float* at) {
  FloatLanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}

/// The same number in every lane.
inline FloatLanes lanes_of(float number) { return FloatLanes{number, number, number, number}; }

/// out[i] = function(in[i]), where `function` takes and returns lanes. Of the same size.
template <class Function>
void for_each_lanes(std::span<const float> in, std::span<float> out, const Function& function) {
  DASSERT(in.size() == out.size());
  std::size_t i = 0;
  for (; i + kFloatLanes <= in.size(); i += kFloatLanes) {
    const FloatLanes result = function(load_lanes(in.data() + i));
    std::memcpy(out.data() + i, &result, sizeof result);
  }
  if (i == in.size()) return;
  FloatLanes rest = {};
  const std::size_t bytes = (in.size() - i) * sizeof(float);
  std::memcpy(&rest, in.data() + i, bytes);
  const FloatLanes result = function(rest);
  std::memcpy(out.data() + i, &result, bytes);
}

/// One bit for each lane of a mask.
inline std::uint32_t bits_of(MaskLanes mask) {
#ifdef __SSE2__
  FloatLanes lanes;
  std::memcpy(&lanes, &mask, sizeof lanes);
  return static_cast<std::uint32_t>(__builtin_ia32_movmskps(lanes));
#else
  mask &= MaskLanes{1, 2, 4, 8};
  return static_cast<std::uint32_t>(mask[0] | mask[1] | mask[2] | mask[3]);
#endif
}

}  // namespace saerok
