#include <optional>
#include <utility>

#include "answer/chat_order.h"
#include "base/json.h"

namespace saerok {
namespace {

/// `{"better": 2}`, and room for a model that puts words around it.
constexpr std::uint32_t kAnswerTokens = 48;
constexpr std::string_view kGrammar =
    "root ::= \"{\\\"better\\\": \" number \"}\"\nnumber ::= \"1\" | \"2\"\n";

class Pairwise final : public ChatOrder {
 public:
  using ChatOrder::ChatOrder;

  /// Finds the place of the next passage; of the first two at once.
  Result<bool> read_more(const CallContext& call) override {
    if (read_.empty()) return place(1, {0}, call);
    return place(read_.size(), read_, call);
  }

 private:
  /// Puts `passage` among the `others`, which are best first, and keeps that; false: there was no
  /// room for the comparisons.
  Result<bool> place(std::size_t passage, std::vector<std::size_t> others,
                     const CallContext& call) {
    std::size_t begin = 0, end = others.size();
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      const std::optional<bool> better = TRY(is_better(passage, others[middle], call));
      if (!better) return false;
      if (*better) end = middle;
      else begin = middle + 1;
    }
    others.insert(others.begin() + static_cast<std::ptrdiff_t>(begin), passage);
    read_ = std::move(others);
    return true;
  }

  /// Whether the model says so in both orders; the second is asked for only where the first one
  /// says it. Nothing where there is no room for the prompts.
  Result<std::optional<bool>> is_better(std::size_t passage, std::size_t other,
                                        const CallContext& call) {
    const std::string blocks = blocks_of(other, passage), turned = blocks_of(passage, other);
    const std::size_t tokens = frame_.tokens + TRY(frame_.chat.count_tokens(blocks, call));
    // Both have the same parts; what both cost is to be there before the first is asked.
    if (tokens > room(kAnswerTokens) || 2 * tokens > tokens_left_) {
      return std::optional<bool>();
    }
    tokens_left_ -= tokens;
    if (TRY(better_of(blocks, call)) != 2) return std::optional(false);
    tokens_left_ -= tokens;
    return std::optional(TRY(better_of(turned, call)) == 1);
  }

  std::string blocks_of(std::size_t first, std::size_t second) const {
    return frame_.block_of(1, passages_[first]) + frame_.block_of(2, passages_[second]);
  }

  Result<std::int64_t> better_of(std::string blocks, const CallContext& call) const {
    const Json json =
        TRY(frame_.ask(std::move(blocks), std::string(kGrammar), kAnswerTokens, call));
    const Json* number = find_member(json, "better");
    if (number == nullptr || !number->is_number_integer() || (*number != 1 && *number != 2)) {
      return Error{ErrorCode::unavailable, std::string(frame_.chat.name()) + " named no passage"};
    }
    return number->get<std::int64_t>();
  }
};

}  // namespace

Result<std::unique_ptr<ChatOrder>> order_by_pairs(const LanguageModel& chat, std::string_view query,
                                                  std::span<const std::string_view> passages,
                                                  std::size_t tokens_max, const CallContext& call) {
  return std::unique_ptr<ChatOrder>(new Pairwise(
      TRY(make_frame(chat, kComparePrompt, query, passages, call)), passages, tokens_max));
}

}  // namespace saerok
