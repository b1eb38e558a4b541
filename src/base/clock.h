/// The only clock: everything that needs the time asks here. Nothing durable is ordered by it.
#pragma once

#include <chrono>
#include <cstdint>

namespace saerok {

/// Nanoseconds since 1970-01-01 UTC; may jump.
inline std::int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Nanoseconds since some fixed point; never goes back.
inline std::int64_t steady_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace saerok
