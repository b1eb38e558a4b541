/// What a model worker can do with one loaded model. Implemented on llama.cpp by llama_*.cpp, in
/// the library that the worker links; absent_runtime.cpp stands in where saerok is built without.
/// Embedders of a known build have a faster one (encoder_runtime.h), where OpenVINO is there.
/// Only the worker (llama_worker.h) uses this: the rest of saerok speaks to the worker.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/worker_protocol.h"
#include "saerok/models.h"
#include "saerok/result.h"

namespace saerok {

struct EncoderModule;

/// Asked often, from the thread that computes; true ends the work in hand with `cancelled`.
using StopQuery = std::function<bool()>;

/// Gets the scores of passages as they are made, one call at a time.
using ScoreSink = std::function<void(const ScoredPassage& scored)>;

/// One model, one thread.
class ModelRuntime {
 public:
  virtual ~ModelRuntime() = default;
  virtual LoadedModel facts() const = 0;
  /// One unit row a text. Errors: cancelled, unavailable, invalid_argument (a chat model).
  virtual Result<EmbeddedTexts> embed(const std::vector<std::string>& texts) = 0;
  /// Special tokens included.
  virtual Result<std::uint64_t> count_tokens(const std::string& text) = 0;
  /// A stop is no error here: the completion ends early. Errors: invalid_argument (the prompt does
  /// not fit, the grammar is wrong, an embedder), unavailable.
  virtual Result<Completion> complete(const CompletionRequest& request, const TextSink& sink) = 0;
  /// Gives `sink` a score for each passage, about in their order; returns the tokens that were
  /// read. Errors: cancelled, unavailable, invalid_argument (the question leaves no room; no
  /// reranker).
  virtual Result<std::uint64_t> score(const std::string& /*query*/,
                                      std::span<const std::string> /*passages*/,
                                      const ScoreSink& /*sink*/) {
    return Error{ErrorCode::invalid_argument, "the model is no reranker"};
  }
};

/// The runtime that `request` asks for, or the fastest that can serve it.
/// Errors: unavailable (the runtime refuses the file), failed_precondition (no runtime was built
/// in, or the processor lacks what it was compiled for). `module` computes encoders; null: the one
/// that is installed, if there is one.
Result<std::unique_ptr<ModelRuntime>> load_runtime(const LoadRequest& request, StopQuery stop,
                                                   const EncoderModule* module = nullptr);
Result<std::unique_ptr<ModelRuntime>> load_llama_runtime(const LoadRequest& request,
                                                         StopQuery stop);

}  // namespace saerok
