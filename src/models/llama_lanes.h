/// Batches of texts computed by a model that reads and does not write: one thread a batch, as many
/// batches at once as there are threads. llama.cpp's own way, all threads on one batch, has them
/// spin for each other some 200 times a batch: one other busy program on a machine with two cores
/// then made it 20 times slower.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "models/llama_runtime.h"

namespace saerok {

/// Tokens computed at once. Attention between texts that share a batch is computed and thrown away,
/// and memory grows with the square, so more is slower; see llama_embedding_bench.
constexpr std::uint32_t kBatchTokens = 128;
constexpr std::uint32_t kBatchTexts = 32;

/// A thread's own means of computing.
struct LlamaLane {
  LlamaLane(LlamaContext made, std::uint32_t tokens)
      : context(std::move(made)), batch(static_cast<std::int32_t>(tokens)) {}
  LlamaContext context;
  LlamaBatch batch;
};

/// Texts that are computed at once: [begin, end).
struct LlamaTexts {
  std::size_t begin, end;
};

class LlamaLanes {
 public:
  /// One lane for each thread of `parameters`, or as many as there is memory for. `text_tokens_max`
  /// is the longest text. Errors: unavailable (not memory for one; names `who`, as "the embedder").
  Status open(llama_model& model, llama_context_params parameters, std::uint32_t text_tokens_max,
              std::string_view who);

  /// Of any lane; they are alike.
  llama_context* context() const { return lanes_.front()->context.get(); }

  /// Texts of these lengths, in this order, in batches.
  static std::vector<LlamaTexts> batches_of(std::span<const std::size_t> lengths);

  /// Calls compute(lane, batch) for each, from several threads, until one fails; the first error
  /// of a lane is returned.
  Status compute(std::span<const LlamaTexts> batches,
                 const std::function<Status(LlamaLane&, LlamaTexts)>& compute);

  /// Computes what the lane's batch holds. Errors: cancelled, unavailable (what llama.cpp said).
  Status run(LlamaLane& lane, const StopQuery& stop) const;

 private:
  std::string who_;
  std::vector<std::unique_ptr<LlamaLane>> lanes_;
};

}  // namespace saerok
