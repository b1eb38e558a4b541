/// The only clock: everything that needs the time asks here. Nothing durable is ordered by it.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

#include "saerok/types.h"

namespace saerok {

/// Nanoseconds since 1970-01-01 UTC; may jump.
inline std::int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Today where the machine is.
inline Date local_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  if (localtime_r(&now, &parts) == nullptr) return {static_cast<std::int32_t>(now / 86'400)};
  const std::chrono::year_month_day date{
      std::chrono::year(parts.tm_year + 1900),
      std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
      std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  return {static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count())};
}

/// Nanoseconds since some fixed point; never goes back.
inline std::int64_t steady_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace saerok
