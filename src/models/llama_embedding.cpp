#include <algorithm>
#include <atomic>
#include <exception>
#include <numeric>
#include <thread>

#include "models/llama_runtime.h"
#include "models/unit_row.h"

namespace saerok {
namespace {

/// Tokens computed at once. Attention between texts that share a batch is computed and thrown away,
/// and memory grows with the square, so more is slower; see llama_embedding_bench.
constexpr std::uint32_t kBatchTokens = 128;
/// Longest text read, whatever the model could: beyond, memory grows with the square.
constexpr std::uint32_t kTextTokensMax = 2048;
constexpr std::uint32_t kBatchTexts = 32;

/// A thread's own means of computing.
struct Lane {
  Lane(LlamaContext made, std::uint32_t tokens)
      : context(std::move(made)), batch(static_cast<std::int32_t>(tokens)) {}
  LlamaContext context;
  LlamaBatch batch;
};

/// Computes on one thread a batch, with as many batches at once as there are threads. llama.cpp's
/// own way, all threads on one batch, has them spin for each other some 200 times a batch: one
/// other busy program on a machine with two cores then made it 20 times slower.
class LlamaEmbedding final : public ModelRuntime {
 public:
  LlamaEmbedding(LlamaModel model, StopQuery stop)
      : model_(std::move(model)),
        vocabulary_(*llama_model_get_vocab(model_.get())),
        stop_(std::move(stop)) {}

  Status prepare(const LoadRequest& request) {
    const auto trained = static_cast<std::uint32_t>(llama_model_n_ctx_train(model_.get()));
    text_tokens_max_ = std::clamp(trained, 8u, kTextTokensMax);
    batch_tokens_ = std::max(text_tokens_max_, kBatchTokens);
    llama_context_params parameters = context_parameters(request, stop_);
    const std::int32_t lanes = parameters.n_threads;
    parameters.n_threads = parameters.n_threads_batch = 1;
    parameters.n_ctx = batch_tokens_;
    parameters.n_batch = batch_tokens_;
    parameters.n_ubatch = batch_tokens_;  // A text must be seen as a whole.
    parameters.n_seq_max = kBatchTexts;
    parameters.kv_unified = true;
    parameters.embeddings = true;
    for (std::int32_t i = 0; i < lanes; ++i) {
      LlamaContext context(llama_init_from_model(model_.get(), parameters));
      if (!context) return Error{ErrorCode::unavailable, "the embedder needs more memory"};
      lanes_.push_back(std::make_unique<Lane>(std::move(context), batch_tokens_));
    }
    if (llama_pooling_type(lanes_.front()->context.get()) == LLAMA_POOLING_TYPE_NONE) {
      return Error{ErrorCode::invalid_argument,
                   request.path + " does not turn a text into one vector; it is no embedder"};
    }
    return {};
  }

  LoadedModel facts() const override {
    return {.dimension = static_cast<std::uint32_t>(llama_model_n_embd_out(model_.get())),
            .context_tokens = text_tokens_max_};
  }

  Result<EmbeddedTexts> embed(const std::vector<std::string>& texts) override {
    std::vector<Tokens> tokens;
    for (const std::string& text : texts) tokens.push_back(TRY(read(text)));
    // Texts of a like length share a batch; the order of results is that of `texts` all the same.
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return tokens[a].size() > tokens[b].size();
    });
    EmbeddedTexts embedded{.dimension = facts().dimension, .tokens = 0, .vectors = {}};
    embedded.vectors.resize(texts.size() * embedded.dimension);
    std::vector<std::span<const std::size_t>> batches;
    for (std::size_t begin = 0; begin < order.size(); begin += batches.back().size()) {
      std::size_t end = begin;
      std::size_t sum = 0;
      while (end < order.size() && end - begin < kBatchTexts &&
             (end == begin || sum + tokens[order[end]].size() <= kBatchTokens)) {
        sum += tokens[order[end++]].size();
      }
      batches.push_back(std::span(order).subspan(begin, end - begin));
      embedded.tokens += sum;
    }
    TRY(compute_all(batches, tokens, embedded));
    return embedded;
  }

  Result<std::uint64_t> count_tokens(const std::string& text) override {
    return TRY(tokenize(vocabulary_, text, SpecialTokens::add)).size();
  }

  Result<Completion> complete(const CompletionRequest&, const TextSink&) override {
    return Error{ErrorCode::invalid_argument, "an embedder cannot answer"};
  }

 private:
  /// The tokens of a text, cut at the limit before the token that ends it, if the model has one.
  Result<Tokens> read(const std::string& text) const {
    Tokens tokens = TRY(tokenize(vocabulary_, text, SpecialTokens::add));
    if (tokens.size() > text_tokens_max_) {
      const llama_token last = tokens.back();
      tokens.resize(text_tokens_max_);
      if (last == llama_vocab_eos(&vocabulary_) || last == llama_vocab_sep(&vocabulary_)) {
        tokens.back() = last;
      }
    }
    // Nothing in, nothing out: the model needs one token to speak of.
    if (tokens.empty()) tokens.push_back(llama_vocab_eos(&vocabulary_));
    return tokens;
  }

  /// Each lane takes the next batch until none is left or one has failed.
  Status compute_all(std::span<const std::span<const std::size_t>> batches,
                     const std::vector<Tokens>& tokens, EmbeddedTexts& embedded) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> has_failed = false;
    std::vector<Status> outcomes(std::min(lanes_.size(), batches.size()));
    const auto work = [&](std::size_t lane) {
      for (std::size_t i = next++; i < batches.size() && !has_failed; i = next++) {
        outcomes[lane] = compute(*lanes_[lane], batches[i], tokens, embedded);
        if (!outcomes[lane]) has_failed = true;
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t lane = 1; lane < outcomes.size(); ++lane) threads.emplace_back(work, lane);
      work(0);
    }
    for (Status& outcome : outcomes) TRY(std::move(outcome));
    return {};
  }

  Status compute(Lane& lane, std::span<const std::size_t> texts, const std::vector<Tokens>& tokens,
                 EmbeddedTexts& embedded) const {
    llama_context* context = lane.context.get();
    if (stop_()) return Error{ErrorCode::cancelled, "embedding was stopped"};
    lane.batch.clear();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Tokens& text = tokens[texts[i]];
      for (std::size_t p = 0; p < text.size(); ++p) {
        lane.batch.add(text[p], static_cast<std::int32_t>(p), static_cast<std::int32_t>(i), true);
      }
    }
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
      return Error{ErrorCode::unavailable, std::string("the embedder failed: ") + exception.what()};
    }
    if (stop_()) return Error{ErrorCode::cancelled, "embedding was stopped"};
    if (failed != 0) {
      return Error{ErrorCode::unavailable, "the embedder failed with " + std::to_string(failed)};
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto sequence = static_cast<llama_seq_id>(i);
      const float* vector = llama_get_embeddings_seq(context, sequence);
      if (vector == nullptr) return Error{ErrorCode::unavailable, "the embedder gave no vector"};
      TRY(store_unit_row(
          std::span(vector, embedded.dimension),
          std::span(embedded.vectors).subspan(texts[i] * embedded.dimension, embedded.dimension)));
    }
    return {};
  }

  LlamaModel model_;
  const llama_vocab& vocabulary_;
  StopQuery stop_;
  std::uint32_t text_tokens_max_ = 0;
  std::uint32_t batch_tokens_ = 0;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

Result<std::unique_ptr<ModelRuntime>> make_llama_embedding(LlamaModel model,
                                                           const LoadRequest& request,
                                                           StopQuery stop) {
  auto runtime = std::make_unique<LlamaEmbedding>(std::move(model), std::move(stop));
  TRY(runtime->prepare(request));
  return std::unique_ptr<ModelRuntime>(std::move(runtime));
}

}  // namespace saerok
