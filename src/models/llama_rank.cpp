#include <algorithm>
#include <cmath>
#include <mutex>

#include "models/llama_lanes.h"

namespace saerok {
namespace {

/// A passage of which less fits behind the question says nothing.
constexpr std::size_t kPassageTokensMin = 16;

/// What a model wants around a question and a passage: [CLS] q [SEP] p [SEP], or <s> q </s></s> p
/// </s>.
struct PairMarks {
  Tokens before, between, after;
};

/// As the file says. One of BERT's kind may say nothing of pairs, but has only the one form.
PairMarks marks_of(const llama_vocab& vocabulary) {
  const llama_token separator = llama_vocab_sep(&vocabulary);
  const llama_token eos = llama_vocab_eos(&vocabulary);
  const llama_token end = eos == LLAMA_TOKEN_NULL ? separator : eos;
  const bool is_word_piece = llama_vocab_type(&vocabulary) == LLAMA_VOCAB_TYPE_WPM;
  PairMarks marks;
  if (is_word_piece || llama_vocab_get_add_bos(&vocabulary)) {
    marks.before.push_back(llama_vocab_bos(&vocabulary));
  }
  if (is_word_piece) {
    marks.between.push_back(separator);
    marks.after.push_back(separator);
    return marks;
  }
  if (llama_vocab_get_add_eos(&vocabulary)) {
    marks.between.push_back(end);
    marks.after.push_back(end);
  }
  if (llama_vocab_get_add_sep(&vocabulary)) {
    marks.between.push_back(separator == LLAMA_TOKEN_NULL ? end : separator);
  }
  return marks;
}

bool are_complete(const PairMarks& marks) {
  const auto has_gap = [](const Tokens& tokens) {
    return std::find(tokens.begin(), tokens.end(), LLAMA_TOKEN_NULL) != tokens.end();
  };
  return !marks.between.empty() && !has_gap(marks.before) && !has_gap(marks.between) &&
         !has_gap(marks.after);
}

/// A question and a passage as the model reads them.
struct Pair {
  Tokens tokens;
  bool is_cut = false;
};

/// A cross-encoder.
class LlamaRank final : public ModelRuntime {
 public:
  LlamaRank(LlamaModel model, StopQuery stop)
      : model_(std::move(model)),
        vocabulary_(*llama_model_get_vocab(model_.get())),
        stop_(std::move(stop)) {}

  Status prepare(const LoadRequest& request) {
    marks_ = marks_of(vocabulary_);
    if (!are_complete(marks_)) {
      return Error{ErrorCode::invalid_argument,
                   request.path +
                       " does not say what stands between a question and a passage; "
                       "convert it again with a newer converter of llama.cpp"};
    }
    const auto trained = static_cast<std::uint32_t>(llama_model_n_ctx_train(model_.get()));
    pair_tokens_max_ = std::clamp(trained, 8u, kPairTokensMax);
    llama_context_params parameters = context_parameters(request, stop_);
    parameters.pooling_type = LLAMA_POOLING_TYPE_RANK;
    TRY(lanes_.open(*model_, parameters, pair_tokens_max_, "the reranker"));
    if (llama_model_n_cls_out(model_.get()) != 1 || llama_get_memory(lanes_.context()) != nullptr) {
      return Error{ErrorCode::invalid_argument, request.path + " is not a cross-encoder"};
    }
    return {};
  }

  LoadedModel facts() const override {
    return {.dimension = 1, .context_tokens = pair_tokens_max_};
  }

  Result<EmbeddedTexts> embed(const std::vector<std::string>&) override {
    return Error{ErrorCode::invalid_argument, "a reranker is not used as an embedder"};
  }
  Result<std::uint64_t> count_tokens(const std::string& text) override {
    return TRY(tokenize(vocabulary_, text, SpecialTokens::none)).size();
  }
  Result<Completion> complete(const CompletionRequest&, const TextSink&) override {
    return Error{ErrorCode::invalid_argument, "a reranker cannot answer"};
  }

  Result<std::uint64_t> score(const std::string& query, std::span<const std::string> passages,
                              const ScoreSink& sink) override {
    const std::vector<Pair> pairs = TRY(read_pairs(query, passages));
    std::vector<std::size_t> lengths;
    std::uint64_t tokens = 0;
    for (const Pair& pair : pairs) {
      lengths.push_back(pair.tokens.size());
      tokens += pair.tokens.size();
    }
    // In the order given: where time runs out the first ones are done.
    std::mutex sink_mutex;
    TRY(lanes_.compute(LlamaLanes::batches_of(lengths), [&](LlamaLane& lane, LlamaTexts batch) {
      const auto scores = compute(lane, batch, pairs);
      if (!scores) return Status(scores.error());
      const std::lock_guard lock(sink_mutex);
      for (const ScoredPassage& scored : *scores) sink(scored);
      return Status();
    }));
    return tokens;
  }

 private:
  /// The question whole, the passage as far as there is room.
  Result<std::vector<Pair>> read_pairs(const std::string& query,
                                       std::span<const std::string> passages) const {
    const Tokens asked = TRY(tokenize(vocabulary_, query, SpecialTokens::none));
    const std::size_t taken =
        marks_.before.size() + asked.size() + marks_.between.size() + marks_.after.size();
    if (taken + kPassageTokensMin > pair_tokens_max_) {
      return Error{ErrorCode::invalid_argument,
                   "the question has " + std::to_string(asked.size()) +
                       " tokens, and the reranker reads " + std::to_string(pair_tokens_max_) +
                       " of question and passage together; ask in fewer words"};
    }
    std::vector<Pair> pairs;
    for (const std::string& passage : passages) {
      Tokens read = TRY(tokenize(vocabulary_, passage, SpecialTokens::none));
      Pair& pair = pairs.emplace_back();
      pair.is_cut = taken + read.size() > pair_tokens_max_;
      if (pair.is_cut) read.resize(pair_tokens_max_ - taken);
      for (const Tokens* part :
           {&marks_.before, &asked, &marks_.between, &std::as_const(read), &marks_.after}) {
        pair.tokens.insert(pair.tokens.end(), part->begin(), part->end());
      }
    }
    return pairs;
  }

  Result<std::vector<ScoredPassage>> compute(LlamaLane& lane, LlamaTexts batch,
                                             std::span<const Pair> pairs) const {
    lane.batch.clear();
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      const Tokens& tokens = pairs[i].tokens;
      for (std::size_t p = 0; p < tokens.size(); ++p) {
        lane.batch.add(tokens[p], static_cast<std::int32_t>(p),
                       static_cast<std::int32_t>(i - batch.begin), true);
      }
    }
    TRY(lanes_.run(lane, stop_));
    std::vector<ScoredPassage> scores;
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      const float* score =
          llama_get_embeddings_seq(lane.context.get(), static_cast<llama_seq_id>(i - batch.begin));
      if (score == nullptr || !std::isfinite(*score)) {
        return Error{ErrorCode::unavailable, "the reranker gave a score that is not a number"};
      }
      scores.push_back({static_cast<std::uint32_t>(i), *score, pairs[i].is_cut});
    }
    return scores;
  }

  LlamaModel model_;
  const llama_vocab& vocabulary_;
  StopQuery stop_;
  PairMarks marks_;
  std::uint32_t pair_tokens_max_ = 0;
  LlamaLanes lanes_;
};

}  // namespace

Result<std::unique_ptr<ModelRuntime>> make_llama_rank(LlamaModel model, const LoadRequest& request,
                                                      StopQuery stop) {
  auto runtime = std::make_unique<LlamaRank>(std::move(model), std::move(stop));
  TRY(runtime->prepare(request));
  return std::unique_ptr<ModelRuntime>(std::move(runtime));
}

}  // namespace saerok
