/// The other side of llama_models.h: the process in which a local model runs, so that a crash of
/// its runtime, or a hostile model file, costs an answer and not the index. `saerok model-worker`
/// calls this and nothing else.
#pragma once

namespace saerok {

/// Serves one model to the peer at the other end of `in_fd` and `out_fd` (worker_protocol.h) until
/// that is gone. Returns the process's exit status. May be called once in a process, before any
/// other thread exists.
int run_model_worker(int in_fd, int out_fd);

}  // namespace saerok
