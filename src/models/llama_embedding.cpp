#include <algorithm>
#include <numeric>

#include "models/llama_lanes.h"
#include "models/unit_row.h"

namespace saerok {
namespace {

/// Longest text read, whatever the model could: beyond, memory grows with the square.
constexpr std::uint32_t kTextTokensMax = 2048;

class LlamaEmbedding final : public ModelRuntime {
 public:
  LlamaEmbedding(LlamaModel model, StopQuery stop)
      : model_(std::move(model)),
        vocabulary_(*llama_model_get_vocab(model_.get())),
        stop_(std::move(stop)) {}

  Status prepare(const LoadRequest& request) {
    const auto trained = static_cast<std::uint32_t>(llama_model_n_ctx_train(model_.get()));
    text_tokens_max_ = std::clamp(trained, 8u, kTextTokensMax);
    TRY(lanes_.open(*model_, context_parameters(request, stop_), text_tokens_max_, "the embedder"));
    if (llama_pooling_type(lanes_.context()) == LLAMA_POOLING_TYPE_NONE) {
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
    std::vector<std::size_t> lengths;
    for (const std::size_t text : order) {
      lengths.push_back(tokens[text].size());
      embedded.tokens += lengths.back();
    }
    TRY(lanes_.compute(LlamaLanes::batches_of(lengths), [&](LlamaLane& lane, LlamaTexts batch) {
      return compute(lane, std::span(order).subspan(batch.begin, batch.end - batch.begin), tokens,
                     embedded);
    }));
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

  Status compute(LlamaLane& lane, std::span<const std::size_t> texts,
                 const std::vector<Tokens>& tokens, EmbeddedTexts& embedded) const {
    lane.batch.clear();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Tokens& text = tokens[texts[i]];
      for (std::size_t p = 0; p < text.size(); ++p) {
        lane.batch.add(text[p], static_cast<std::int32_t>(p), static_cast<std::int32_t>(i), true);
      }
    }
    TRY(lanes_.run(lane, stop_));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto sequence = static_cast<llama_seq_id>(i);
      const float* vector = llama_get_embeddings_seq(lane.context.get(), sequence);
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
  LlamaLanes lanes_;
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
