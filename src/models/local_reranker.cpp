#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "models/llama_models.h"
#include "models/local_model.h"
#include "models/model_call.h"
#include "models/worker_client.h"

namespace saerok {
namespace {

/// What has come of the scores.
struct Scores {
  std::vector<std::optional<float>> of;  ///< By passage.
  std::size_t finished = 0;
  std::size_t cut = 0;

  /// False: no such score can be.
  bool take(const Frame& part) {
    const auto scored = decode_scored_passage(part.payload);
    if (!scored || scored->passage >= of.size() || of[scored->passage]) return false;
    of[scored->passage] = scored->score;
    ++finished;
    if (scored->is_cut) ++cut;
    return true;
  }

  /// Passages without a score behind the others, in their order.
  std::vector<float> all() const {
    float least = 0;
    for (const auto& score : of) least = std::min(least, score.value_or(0));
    std::vector<float> scores;
    float below = 0;
    for (const auto& score : of) scores.push_back(score ? *score : least - ++below);
    return scores;
  }
};

class LlamaReranker final : public Reranker {
 public:
  LlamaReranker(LocalModelOptions options, const GgufInfo& info)
      : name_(options.name.empty() ? info.name : options.name),
        pair_tokens_max_(info.context_tokens == 0
                             ? kPairTokensMax
                             : std::min<std::uint64_t>(info.context_tokens, kPairTokensMax)),
        timeout_ms_(options.timeout_ms),
        worker_(worker_spec(options, WorkerTask::rerank)) {}

  std::string_view name() const override { return name_; }

  Result<std::vector<float>> score(std::string_view query,
                                   std::span<const std::string_view> passages,
                                   const CallContext& call) const override {
    set_remark({});
    if (passages.empty()) return std::vector<float>();
    const ModelCall limited(call, timeout_ms_, "the reranker");
    std::vector<std::string> texts = {model_text(query, pair_tokens_max_)};
    for (const std::string_view passage : passages) {
      texts.push_back(model_text(passage, pair_tokens_max_));
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    Scores scores{.of = std::vector<std::optional<float>>(passages.size())};
    bool is_sound = true;
    const auto answered = limited.explain(worker_.exchange(
        FrameType::score, encode(std::span<const std::string_view>(views)),
        [&](const Frame& part) { return is_sound = scores.take(part); }, limited.context()));
    const bool is_all = scores.finished == passages.size();
    if (!is_sound || (answered && !is_all)) {
      return Error{ErrorCode::unavailable, "the reranker " + name_ + " gave scores of no passage"};
    }
    if (!answered) {
      const Error& error = answered.error();
      if (scores.finished == 0 || error.code == ErrorCode::cancelled) return error;
    }
    set_remark(remark_on(scores, answered ? nullptr : &answered.error()));
    return scores.all();
  }

  std::string remark() const override {
    const std::lock_guard lock(mutex_);
    return remark_;
  }

 private:
  std::string remark_on(const Scores& scores, const Error* ended_by) const {
    std::string remark;
    const std::string count = std::to_string(scores.of.size());
    if (ended_by != nullptr) {
      const bool is_time = ended_by->code == ErrorCode::deadline_exceeded;
      remark = name_ + " reranked " + std::to_string(scores.finished) + " of " + count +
               " passages, the others stand behind them in their order: " +
               (is_time ? "the time was up" : ended_by->message);
    }
    if (scores.cut > 0) {
      remark += (remark.empty() ? "" : "; ") + name_ + " read only the beginning of " +
                std::to_string(scores.cut) + " of " + count + " passages: it reads " +
                std::to_string(pair_tokens_max_) + " tokens of question and passage together";
    }
    return remark;
  }

  void set_remark(std::string remark) const {
    const std::lock_guard lock(mutex_);
    remark_ = std::move(remark);
  }

  std::string name_;
  std::size_t pair_tokens_max_;
  std::uint32_t timeout_ms_;
  mutable WorkerClient worker_;
  mutable std::mutex mutex_;
  mutable std::string remark_;
};

}  // namespace

Result<std::unique_ptr<Reranker>> make_llama_reranker(LocalModelOptions options) {
  TRY(check_worker_program(options));
  const GgufInfo info = TRY(read_gguf_info(options.path));
  if (!info.is_reranker()) {
    return Error{ErrorCode::invalid_argument,
                 options.path + " is " + std::string(kind_of(info)) +
                     ", not a reranker; set models.rerank to another, or search.rerank_by to chat"};
  }
  if (info.architecture.find("bert") == std::string::npos) {
    return Error{
        ErrorCode::invalid_argument,
        options.path + " is a reranker made of a chat model (" + info.architecture +
            "), which saerok does not run; add a cross-encoder such as bge-reranker-v2-m3, "
            "or set search.rerank_by to chat"};
  }
  if (info.score_outputs != 1) {
    return Error{
        ErrorCode::invalid_argument,
        options.path + " tells " + std::to_string(info.score_outputs) +
            " classes apart, where a reranker gives one score; set models.rerank to another"};
  }
  return std::unique_ptr<Reranker>(std::make_unique<LlamaReranker>(std::move(options), info));
}

}  // namespace saerok
