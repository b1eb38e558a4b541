/// An embedder's raw vector as the unit row that the port promises: the same for every runtime.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "saerok/result.h"

namespace saerok {

/// Requires vector.size() >= row.size(). Errors: unavailable (no length, or not a number in it).
inline Status store_unit_row(std::span<const float> vector, std::span<float> row) {
  double squares = 0;
  for (const float component : vector) squares += double{component} * double{component};
  if (!std::isfinite(squares) || squares <= 0) {
    return Error{ErrorCode::unavailable, "the embedder gave a vector without a direction"};
  }
  const double scale = 1.0 / std::sqrt(squares);
  for (std::size_t d = 0; d < row.size(); ++d) row[d] = static_cast<float>(vector[d] * scale);
  return {};
}

}  // namespace saerok
