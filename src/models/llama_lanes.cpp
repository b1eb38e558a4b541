#include "models/llama_lanes.h"

#include <algorithm>
#include <exception>

#include "base/lanes.h"

namespace saerok {

Status LlamaLanes::open(llama_model& model, llama_context_params parameters,
                        std::uint32_t text_tokens_max, std::string_view who) {
  who_ = who;
  const std::int32_t lanes = parameters.n_threads;
  const std::uint32_t tokens = std::max(text_tokens_max, kBatchTokens);
  parameters.n_threads = parameters.n_threads_batch = 1;
  // All in one step of computation: a text must be seen as a whole.
  parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = tokens;
  parameters.n_seq_max = kBatchTexts;
  parameters.kv_unified = true;
  parameters.embeddings = true;
  for (std::int32_t i = 0; i < lanes; ++i) {
    LlamaContext context(llama_init_from_model(&model, parameters));
    if (!context) break;  // Fewer at once will do.
    lanes_.push_back(std::make_unique<LlamaLane>(std::move(context), tokens));
  }
  if (lanes_.empty()) {
    return Error{ErrorCode::unavailable,
                 who_ + " needs more memory than there is; use a smaller model"};
  }
  return {};
}

std::vector<LlamaTexts> LlamaLanes::batches_of(std::span<const std::size_t> lengths) {
  std::vector<LlamaTexts> batches;
  for (std::size_t begin = 0; begin < lengths.size(); begin = batches.back().end) {
    std::size_t end = begin, sum = 0;
    while (end < lengths.size() && end - begin < kBatchTexts &&
           (end == begin || sum + lengths[end] <= kBatchTokens)) {
      sum += lengths[end++];
    }
    batches.push_back({begin, end});
  }
  return batches;
}

Status LlamaLanes::compute(std::span<const LlamaTexts> batches,
                           const std::function<Status(LlamaLane&, LlamaTexts)>& compute) {
  return run_in_lanes(lanes_.size(), batches.size(), [&](std::size_t lane, std::size_t batch) {
    return compute(*lanes_[lane], batches[batch]);
  });
}

Status LlamaLanes::run(LlamaLane& lane, const StopQuery& stop) const {
  const auto stopped = [&] { return Error{ErrorCode::cancelled, who_ + " was stopped"}; };
  if (stop()) return stopped();
  llama_context* context = lane.context.get();
  int failed = 0;
  try {
    const llama_memory_t memory = llama_get_memory(context);
    if (memory != nullptr) {  // A decoder that serves as an embedder keeps what it has read.
      llama_memory_clear(memory, true);
      failed = llama_decode(context, lane.batch.get());
    } else {
      failed = llama_encode(context, lane.batch.get());
    }
  } catch (const std::exception& exception) {
    return Error{ErrorCode::unavailable, who_ + " failed: " + exception.what()};
  }
  if (stop()) return stopped();
  if (failed != 0) {
    return Error{ErrorCode::unavailable, who_ + " failed with " + std::to_string(failed)};
  }
  return {};
}

}  // namespace saerok
