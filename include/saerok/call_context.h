/// Deadline and stop token of one call: the last parameter of everything that may wait.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "saerok/export.h"
#include "saerok/result.h"

namespace saerok {

/// Loops check it once a block, file or batch, not once an item. Cheap to copy.
struct SAEROK_API CallContext {
  std::stop_token stop;
  std::optional<std::chrono::steady_clock::time_point> deadline;

  /// cancelled if a stop was asked for, deadline_exceeded if the deadline has passed, else success.
  Status check() const;
};

}  // namespace saerok
