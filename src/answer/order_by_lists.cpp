#include <algorithm>
#include <utility>

#include "answer/chat_order.h"
#include "answer/chat_reranker.h"
#include "base/json.h"

namespace saerok {
namespace {

/// `{"order": [8, 7, 6, 5, 4, 3, 2, 1]}`, and room for a model that puts words around it.
constexpr std::uint32_t kAnswerTokens = 128;

std::string grammar_for(std::size_t passages) {
  std::string number;
  for (std::size_t i = 1; i <= passages; ++i) {
    number += (i == 1 ? "\"" : " | \"") + std::to_string(i) + "\"";
  }
  return "root ::= \"{\\\"order\\\": [\" number (\", \" number){0," + std::to_string(passages - 1) +
         "} \"]}\"\nnumber ::= " + number + "\n";
}

/// The numbers of a window's passages, best first: those that the model names, then the others.
Result<std::vector<std::size_t>> ask_for_order(const PassageFrame& frame,
                                               const std::vector<std::string_view>& window,
                                               const CallContext& call) {
  std::string blocks;
  for (std::size_t i = 0; i < window.size(); ++i) blocks += frame.block_of(i + 1, window[i]);
  const Json json =
      TRY(frame.ask(std::move(blocks), grammar_for(window.size()), kAnswerTokens, call));
  std::vector<std::size_t> order;
  std::vector<bool> is_named(window.size(), false);
  const auto take = [&](std::size_t at) {
    if (!is_named[at]) order.push_back(at);
    is_named[at] = true;
  };
  const Json* list = find_member(json, "order");
  for (std::size_t i = 0; list != nullptr && list->is_array() && i < list->size(); ++i) {
    const Json& number = (*list)[i];
    if (!number.is_number_integer()) continue;
    const auto value = number.get<std::int64_t>();
    if (value >= 1 && static_cast<std::uint64_t>(value) <= window.size()) {
      take(static_cast<std::size_t>(value - 1));
    }
  }
  if (order.empty()) {
    return Error{ErrorCode::unavailable, std::string(frame.chat.name()) + " named no passage"};
  }
  for (std::size_t i = 0; i < window.size(); ++i) take(i);
  return order;
}

/// `read` is best first and begins with the `carried` passages of the window, `window` has these
/// and then new ones, in the model's order. New ones behind all carried ones were compared with no
/// other, so they go to the end.
void merge(const std::vector<std::size_t>& window, std::size_t carried,
           std::vector<std::size_t>& read) {
  const std::vector<std::size_t> known(read.begin(),
                                       read.begin() + static_cast<std::ptrdiff_t>(carried));
  const auto is_carried = [&](std::size_t passage) {
    return std::find(known.begin(), known.end(), passage) != known.end();
  };
  const auto last_carried =
      carried == 0 ? window.end() : std::find_if(window.rbegin(), window.rend(), is_carried).base();
  std::vector<std::size_t> merged(window.begin(), last_carried);
  merged.insert(merged.end(), read.begin() + static_cast<std::ptrdiff_t>(carried), read.end());
  merged.insert(merged.end(), last_carried, window.end());
  read = std::move(merged);
}

/// The passages that the model reads at once.
struct Window {
  std::vector<std::size_t> members;  ///< Carried ones, then new ones.
  std::size_t carried = 0;
  std::size_t tokens = 0;  ///< Of the prompt.
};

class Listwise final : public ChatOrder {
 public:
  using ChatOrder::ChatOrder;

  Result<bool> read_more(const CallContext& call) override {
    const Window window = TRY(fill_window(call));
    if (window.members.size() < 2 || window.members.size() == window.carried) return false;
    std::vector<std::string_view> texts;
    for (const std::size_t member : window.members) texts.push_back(passages_[member]);
    tokens_left_ -= window.tokens;
    std::vector<std::size_t> ordered;
    for (const std::size_t at : TRY(ask_for_order(frame_, texts, call))) {
      ordered.push_back(window.members[at]);
    }
    merge(ordered, window.carried, read_);
    return true;
  }

 private:
  Result<Window> fill_window(const CallContext& call) const {
    Window window;
    window.tokens = frame_.tokens;
    const auto add = [&](std::size_t passage) -> Result<bool> {
      const std::string block = frame_.block_of(window.members.size() + 1, passages_[passage]);
      const std::size_t tokens = TRY(frame_.chat.count_tokens(block, call));
      if (window.tokens + tokens > room(kAnswerTokens)) return false;
      window.tokens += tokens;
      window.members.push_back(passage);
      return true;
    };
    const std::size_t carried_max = std::min(ChatReranker::kWindowPassages / 2, read_.size());
    while (window.carried < carried_max) {
      if (!TRY(add(read_[window.carried]))) return window;
      ++window.carried;
    }
    // The first passages that were not read yet: what was read are the ones before.
    std::size_t next = read_.size();
    while (window.members.size() < ChatReranker::kWindowPassages && next < passages_.size()) {
      if (!TRY(add(next))) break;
      ++next;
    }
    return window;
  }
};

}  // namespace

Result<std::unique_ptr<ChatOrder>> order_by_lists(const LanguageModel& chat, std::string_view query,
                                                  std::span<const std::string_view> passages,
                                                  std::size_t tokens_max, const CallContext& call) {
  return std::unique_ptr<ChatOrder>(new Listwise(
      TRY(make_frame(chat, kRerankPrompt, query, passages, call)), passages, tokens_max));
}

}  // namespace saerok
