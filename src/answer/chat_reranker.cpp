#include "answer/chat_reranker.h"

#include <memory>
#include <span>
#include <utility>

#include "answer/chat_order.h"

namespace saerok {

ChatReranker::ChatReranker(const LanguageModel& chat, std::uint32_t tokens_max, ChatRanking ranking)
    : chat_(chat),
      tokens_max_(tokens_max),
      ranking_(ranking),
      name_("chat model " + std::string(chat.name())) {}

std::string ChatReranker::remark() const {
  const std::lock_guard lock(mutex_);
  return remark_;
}

void ChatReranker::set_remark(std::string remark) const {
  const std::lock_guard lock(mutex_);
  remark_ = std::move(remark);
}

Result<std::vector<float>> ChatReranker::score(std::string_view query,
                                               std::span<const std::string_view> passages,
                                               const CallContext& call) const {
  set_remark({});
  if (passages.size() == 1) return std::vector<float>{1.0f};
  const auto begin = ranking_ == ChatRanking::lists ? order_by_lists : order_by_pairs;
  const std::unique_ptr<ChatOrder> reading = TRY(begin(chat_, query, passages, tokens_max_, call));
  std::string why_ended;
  while (!reading->is_done() && why_ended.empty()) {
    const Result<bool> more = reading->read_more(call);
    if (more && *more) continue;
    const bool has_begun = reading->read_count() > 0;
    if (!more && (!has_begun || more.error().code == ErrorCode::cancelled)) return more.error();
    if (!has_begun) {
      return Error{ErrorCode::invalid_argument,
                   "not even two passages fit into search.rerank_tokens and the context of " +
                       name_ + "; raise search.rerank_tokens or models.context_tokens"};
    }
    if (more) why_ended = "no more fit into search.rerank_tokens and the model's context";
    else if (more.error().code == ErrorCode::deadline_exceeded) why_ended = "the time was up";
    else why_ended = more.error().message;
  }
  if (!why_ended.empty()) {
    set_remark(name_ + " reranked " + std::to_string(reading->read_count()) + " of " +
               std::to_string(passages.size()) +
               " passages, the others stand behind them in their order: " + why_ended);
  }
  const std::vector<std::size_t> order = reading->order();
  std::vector<float> scores(passages.size());
  const auto count = static_cast<float>(passages.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    scores[order[place]] = (count - static_cast<float>(place)) / count;
  }
  return scores;
}

}  // namespace saerok
