#include "index/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace saerok {

#if defined(__x86_64__)
// In distance_avx2.cpp, which includes no header of ours: an inline function compiled there could
// be the one that the linker keeps for everybody.
void dot_rows_avx2(const std::int16_t* query, std::size_t stride, const std::int8_t* rows,
                   std::size_t count, std::int32_t* dots);
#endif

namespace {

bool has_avx2() {
#if defined(__x86_64__)
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  return kHasAvx2;
#else
  return false;
#endif
}

}  // namespace

QuantizedQuery quantize_query(std::span<const float> query) {
  constexpr std::int64_t kRowCodeMax = 128;
  const std::size_t stride = row_stride(query.size());
  const std::int64_t bearable =
      std::numeric_limits<std::int32_t>::max() / (kRowCodeMax * static_cast<std::int64_t>(stride));
  const auto code_max = static_cast<float>(
      std::min<std::int64_t>(bearable, std::numeric_limits<std::int16_t>::max()));
  float largest = 0;
  for (const float component : query) largest = std::max(largest, std::fabs(component));
  QuantizedQuery quantized;
  quantized.codes.resize(stride, 0);
  if (!(largest > 0)) return quantized;
  quantized.scale = largest / code_max;
  for (std::size_t i = 0; i < query.size(); ++i) {
    // By division, as a tiny `largest` would make the inverse infinite.
    const float code = std::round(query[i] / largest * code_max);
    quantized.codes[i] = static_cast<std::int16_t>(std::clamp(code, -code_max, code_max));
  }
  return quantized;
}

void dot_rows_scalar(std::span<const std::int16_t> query, const std::int8_t* rows,
                     std::span<std::int32_t> dots) {
  for (std::int32_t& dot : dots) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < query.size(); ++i) sum += query[i] * rows[i];
    dot = sum;
    rows += query.size();
  }
}

void dot_rows(std::span<const std::int16_t> query, const std::int8_t* rows,
              std::span<std::int32_t> dots) {
  DASSERT(query.size() % kRowAlignment == 0);
#if defined(__x86_64__)
  if (has_avx2()) return dot_rows_avx2(query.data(), query.size(), rows, dots.size(), dots.data());
#endif
  dot_rows_scalar(query, rows, dots);
}

const char* dot_kernel_name() { return has_avx2() ? "avx2" : "scalar"; }

}  // namespace saerok
