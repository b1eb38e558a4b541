#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

#include "models/llama_runtime.h"

namespace saerok {
namespace {

/// As in llama_embedding.cpp: pairs that share a batch cost attention that is thrown away.
constexpr std::uint32_t kBatchTokens = 128;
constexpr std::uint32_t kBatchPairs = 32;
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

/// A thread's own means of computing.
struct Lane {
  Lane(LlamaContext made, std::uint32_t tokens)
      : context(std::move(made)), batch(static_cast<std::int32_t>(tokens)) {}
  LlamaContext context;
  LlamaBatch batch;
};

/// A cross-encoder. One thread a batch, as LlamaEmbedding and for its reason.
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
    const std::int32_t lanes = parameters.n_threads;
    const std::uint32_t batch_tokens = std::max(pair_tokens_max_, kBatchTokens);
    parameters.n_threads = parameters.n_threads_batch = 1;
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = batch_tokens;
    parameters.n_seq_max = kBatchPairs;
    parameters.kv_unified = true;
    parameters.embeddings = true;
    parameters.pooling_type = LLAMA_POOLING_TYPE_RANK;
    for (std::int32_t i = 0; i < lanes; ++i) {
      LlamaContext context(llama_init_from_model(model_.get(), parameters));
      if (!context) break;  // Fewer at once will do.
      lanes_.push_back(std::make_unique<Lane>(std::move(context), batch_tokens));
    }
    if (lanes_.empty()) {
      return Error{ErrorCode::unavailable,
                   "the reranker " + request.path + " needs more memory; add a smaller one"};
    }
    if (llama_model_n_cls_out(model_.get()) != 1 ||
        llama_get_memory(lanes_.front()->context.get()) != nullptr) {
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
    // In the order given: where time runs out the first ones are done.
    std::vector<Batch> batches;
    std::uint64_t tokens = 0;
    for (std::size_t begin = 0; begin < pairs.size(); begin = batches.back().end) {
      std::size_t end = begin, sum = 0;
      while (end < pairs.size() && end - begin < kBatchPairs &&
             (end == begin || sum + pairs[end].tokens.size() <= kBatchTokens)) {
        sum += pairs[end++].tokens.size();
      }
      batches.push_back({begin, end});
      tokens += sum;
    }
    TRY(compute_all(batches, pairs, sink));
    return tokens;
  }

 private:
  /// Pairs that are computed at once: [begin, end).
  struct Batch {
    std::size_t begin, end;
  };

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

  /// Each lane takes the next batch until none is left or one has failed.
  Status compute_all(std::span<const Batch> batches, std::span<const Pair> pairs,
                     const ScoreSink& sink) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> has_failed = false;
    std::mutex sink_mutex;
    std::vector<Status> outcomes(std::min(lanes_.size(), batches.size()));
    const auto work = [&](std::size_t lane) {
      for (std::size_t i = next++; i < batches.size() && !has_failed; i = next++) {
        auto scores = compute(*lanes_[lane], batches[i], pairs);
        if (!scores) {
          outcomes[lane] = std::move(scores).error();
          has_failed = true;
          return;
        }
        const std::lock_guard lock(sink_mutex);
        for (const ScoredPassage& scored : *scores) sink(scored);
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t lane = 1; lane < outcomes.size(); ++lane) threads.emplace_back(work, lane);
      if (!outcomes.empty()) work(0);
    }
    for (Status& outcome : outcomes) TRY(std::move(outcome));
    return {};
  }

  Result<std::vector<ScoredPassage>> compute(Lane& lane, Batch batch,
                                             std::span<const Pair> pairs) const {
    llama_context* context = lane.context.get();
    if (stop_()) return Error{ErrorCode::cancelled, "reranking was stopped"};
    lane.batch.clear();
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      const Tokens& tokens = pairs[i].tokens;
      for (std::size_t p = 0; p < tokens.size(); ++p) {
        lane.batch.add(tokens[p], static_cast<std::int32_t>(p),
                       static_cast<std::int32_t>(i - batch.begin), true);
      }
    }
    int failed = 0;
    try {
      failed = llama_encode(context, lane.batch.get());
    } catch (const std::exception& exception) {
      return Error{ErrorCode::unavailable, std::string("the reranker failed: ") + exception.what()};
    }
    if (stop_()) return Error{ErrorCode::cancelled, "reranking was stopped"};
    if (failed != 0) {
      return Error{ErrorCode::unavailable, "the reranker failed with " + std::to_string(failed)};
    }
    std::vector<ScoredPassage> scores;
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      const float* score =
          llama_get_embeddings_seq(context, static_cast<llama_seq_id>(i - batch.begin));
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
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

Result<std::unique_ptr<ModelRuntime>> make_llama_rank(LlamaModel model, const LoadRequest& request,
                                                      StopQuery stop) {
  auto runtime = std::make_unique<LlamaRank>(std::move(model), std::move(stop));
  TRY(runtime->prepare(request));
  return std::unique_ptr<ModelRuntime>(std::move(runtime));
}

}  // namespace saerok
