/// A caller's deadline and our own limit on how long a model may take (models.timeout_ms), as one.
#pragma once

#include <chrono>
#include <string>

#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

class ModelCall {
 public:
  /// `timeout_ms` 0: no limit of our own. `who` begins the Error's sentence.
  ModelCall(const CallContext& call, std::uint32_t timeout_ms, std::string who)
      : context_(call), timeout_ms_(timeout_ms), who_(std::move(who)) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    if (timeout_ms > 0 && (!call.deadline || limit < *call.deadline)) {
      context_.deadline = limit;
      is_ours_ = true;
    }
  }

  const CallContext& context() const { return context_; }

  /// The result; a deadline of our own is told apart from the caller's.
  template <class T>
  Result<T> explain(Result<T> result) const {
    if (result || !is_ours_ || result.error().code != ErrorCode::deadline_exceeded) return result;
    return Error{ErrorCode::deadline_exceeded, who_ + " did not answer within " +
                                                   std::to_string(timeout_ms_) +
                                                   " ms; raise models.timeout_ms to wait longer"};
  }

 private:
  CallContext context_;
  std::uint32_t timeout_ms_;
  std::string who_;
  bool is_ours_ = false;
};

}  // namespace saerok
