/// One request's named stages: their times, item counts and warnings. Not thread-safe: a request's
/// stages follow one another.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "saerok/call_context.h"
#include "saerok/types.h"

namespace saerok {

class Trace {
 public:
  explicit Trace(const CallContext& call) : call_(call) {}

  /// Ends the stage before and begins this one. Errors: deadline_exceeded, cancelled.
  Status begin(std::string_view stage);
  /// Items that went into and came out of the current stage.
  void count(std::uint64_t in, std::uint64_t out);
  /// Said once, however often it is reported.
  void warn(std::string warning);
  const CallContext& call() const { return call_; }
  /// Ends the last stage. The trace is empty afterwards.
  Report finish();

 private:
  void end_stage();
  const CallContext& call_;
  Report report_;
  std::chrono::steady_clock::time_point began_{};
  bool in_stage_ = false;
};

}  // namespace saerok
