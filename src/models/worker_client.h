/// Our end of a model worker: started on first use, killed with its owner, started again after a
/// crash. Speaks worker_protocol.h; knows nothing of what the answers mean.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "models/worker_protocol.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

struct WorkerSpec {
  std::string program;  ///< Run as `program model-worker`.
  LoadRequest load;
};

/// Called with the parts of an answer; returning false stops it.
using PartSink = std::function<bool(const Frame&)>;

/// One process, one model, one request at a time; callers from several threads wait for their turn.
class WorkerClient {
 public:
  explicit WorkerClient(WorkerSpec spec);
  ~WorkerClient();
  WorkerClient(const WorkerClient&) = delete;
  WorkerClient& operator=(const WorkerClient&) = delete;

  /// What the worker answered to one request: a frame that is neither a part nor a failure.
  /// `on_part` gets the parts before it; once it returns false the worker is told to stop, and the
  /// answer is what was made until then.
  ///
  /// A worker that dies is started again, once in a call, and asked again unless it had begun to
  /// answer. A stop or deadline is passed on at once; a worker that does not obey is killed, so
  /// that this returns within 200 ms. Loading is not broken off: it goes on for the next caller.
  /// Errors: unavailable (the worker died or could not be started), cancelled, deadline_exceeded,
  /// and what the worker says.
  Result<Frame> exchange(FrameType type, std::span<const std::byte> payload,
                         const PartSink& on_part, const CallContext& call);

  /// The worker's process, if it was started; for tests, which kill it.
  std::optional<pid_t> process() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace saerok
