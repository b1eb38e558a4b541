/// Local GGUF models as ports: an embedder, a reranker and a chat model, each in a worker process
/// of its own that is started on first use (worker_client.h). Construction reads only the file's
/// header, so a program that never asks never pays; llama.cpp itself is not linked here.
#pragma once

#include <memory>
#include <string>

#include "saerok/models.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {

struct LocalModelOptions {
  std::string path;                  ///< A GGUF file.
  std::string name = {};             ///< For people and fingerprints; empty: from the file.
  std::string worker_program;        ///< Run as `worker_program model-worker`.
  std::uint32_t threads = 0;         ///< 0: one for each core.
  std::uint32_t context_tokens = 0;  ///< Of a chat model; 0: what it was trained for.
  std::uint32_t timeout_ms = 0;      ///< Longest wait for one answer; 0: the caller's.
  bool verbose = false;              ///< The runtime's log goes to standard error.
  EmbedWith embed_with = EmbedWith::automatic;
  /// What `automatic` means may be measured once and kept beside the file: it is in a folder of
  /// ours.
  bool keeps_measurement = false;
};

/// Errors: not_found, corrupt, invalid_argument (the file, or a chat model where an embedder is
/// wanted).
Result<std::unique_ptr<Embedder>> make_llama_embedder(LocalModelOptions options);
Result<std::unique_ptr<LanguageModel>> make_llama_language_model(LocalModelOptions options);

/// A cross-encoder of BERT's kind. The question is read whole, a passage as far as there is room,
/// at most kPairTokensMax (worker_protocol.h) of both. Scores come as they are made: where time
/// runs out or the model fails, passages without one follow behind the others in the order given.
/// remark() says that, and how many were cut. Errors of score(): also invalid_argument (a question
/// without an end).
Result<std::unique_ptr<Reranker>> make_llama_reranker(LocalModelOptions options);

}  // namespace saerok
