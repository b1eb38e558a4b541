/// What the ports to local models share (llama_models.cpp, local_reranker.cpp): the worker they
/// start, texts as a model is given them, and what is said of a file that is of another kind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "models/gguf.h"
#include "models/llama_models.h"
#include "models/worker_client.h"

namespace saerok {

WorkerSpec worker_spec(const LocalModelOptions& options, WorkerTask task);

/// Valid UTF-8 in NFKC, and of a long text no more than `tokens_max` tokens could be made of.
std::string model_text(std::string_view text, std::size_t tokens_max);

/// "an embedder", "a reranker" or "a chat model".
std::string_view kind_of(const GgufInfo& info);

/// Errors: failed_precondition.
Status check_worker_program(const LocalModelOptions& options);

}  // namespace saerok
