/// An encoder as a ModelRuntime: our own tokenizer, the embeddings of pieces from the mapped file,
/// batches of texts of like length, and the graph of encoder_graph.h on every core. Compiling that
/// graph takes half a second and more, so the first short text of a process, a question as a rule,
/// is computed without it (llama_encoder.h), and it is compiled when there is more to do.
#pragma once

#include <memory>
#include <string>

#include "models/model_runtime.h"
#include "saerok/result.h"

namespace saerok {

/// Errors: failed_precondition with the reason why llama.cpp must serve (the module is not there,
/// the file holds something else), corrupt, unavailable.
/// `module` as in load_runtime().
Result<std::unique_ptr<ModelRuntime>> load_encoder_runtime(const LoadRequest& request,
                                                           StopQuery stop,
                                                           const EncoderModule* module = nullptr);

/// For people: "OpenVINO 2026.4.1, bf16" where that would compute the embedder at `path` (empty:
/// one of a known build), with a word where a measurement chose that, else the Error whose message
/// says why llama.cpp does.
Result<std::string> describe_encoder_runtime(const std::string& path, EmbedWith with);

}  // namespace saerok
