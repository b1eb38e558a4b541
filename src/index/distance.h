/// Dot products of one 16-bit query with rows of 8-bit codes: a scalar reference, and one file an
/// instruction set, chosen when first used. All are exact in 32-bit integers, so they are equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace saerok {

/// Rows are stored with this many bytes' multiple, filled with zeros, so that no kernel has a tail.
constexpr std::size_t kRowAlignment = 32;

constexpr std::size_t row_stride(std::size_t dimension) {
  return (dimension + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
}

/// A query as integers: `codes` times `scale` is the vector, but for a rounding of at most half a
/// code. The largest code is as large as the sum over a row can bear in 32 bits: 15 bits up to 512
/// dimensions, 10 at 16,384.
struct QuantizedQuery {
  std::vector<std::int16_t> codes;  ///< row_stride() of them, zeros behind the dimension.
  float scale = 0;
};

/// Requires finite components.
QuantizedQuery quantize_query(std::span<const float> query);

/// dots[i] = query · row i. `rows` is [dots.size() × stride], stride = query.size(), a multiple of
/// kRowAlignment; query from quantize_query().
void dot_rows(std::span<const std::int16_t> query, const std::int8_t* rows,
              std::span<std::int32_t> dots);

/// The reference that every other kernel is compared with.
void dot_rows_scalar(std::span<const std::int16_t> query, const std::int8_t* rows,
                     std::span<std::int32_t> dots);

/// What dot_rows() uses on this processor: "avx2" or "scalar".
const char* dot_kernel_name();

}  // namespace saerok
