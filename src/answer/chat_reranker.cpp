#include "answer/chat_reranker.h"

#include <algorithm>
#include <span>
#include <utility>

#include "answer/fence.h"
#include "answer/model_json.h"
#include "answer/prompt.h"

namespace saerok {
namespace {

/// `{"order": [8, 7, 6, 5, 4, 3, 2, 1]}`, and room for a model that puts words around it.
constexpr std::uint32_t kAnswerTokens = 128;
/// Room for what a chat template puts around messages, which count_tokens does not see.
constexpr std::size_t kTemplateTokens = 64;

/// As much of a passage as is read, as material.
std::string shown(std::string_view passage) {
  std::size_t size = std::min(passage.size(), ChatReranker::kPassageBytesMax);
  while (size < passage.size() && (static_cast<unsigned char>(passage[size]) & 0xC0) == 0x80)
    --size;
  return without_control_words(std::string(passage.substr(0, size)));
}

std::string grammar_for(std::size_t passages) {
  std::string number;
  for (std::size_t i = 1; i <= passages; ++i) {
    number += (i == 1 ? "\"" : " | \"") + std::to_string(i) + "\"";
  }
  return "root ::= \"{\\\"order\\\": [\" number (\", \" number){0," + std::to_string(passages - 1) +
         "} \"]}\"\nnumber ::= " + number + "\n";
}

/// What is said beside the passages of a window.
struct Frame {
  std::string_view query;
  Fence fence;
  std::size_t tokens = 0;  ///< Of the rules, the question and the template.
};

Result<Frame> make_frame(const LanguageModel& chat, std::string_view query,
                         std::span<const std::string_view> passages, const CallContext& call) {
  std::string all(query);
  for (const std::string_view passage : passages) all += "\n" + std::string(passage);
  const bool is_korean = language_of(query) == AnswerLanguage::korean;
  const std::string rules(is_korean ? kRerankPrompt.korean : kRerankPrompt.english);
  const std::size_t tokens = TRY(chat.count_tokens(rules + std::string(query), call));
  return Frame{query, fence_of(all), tokens + kTemplateTokens};
}

std::string block_of(std::size_t number, std::string_view passage, const Fence& fence) {
  return "[" + std::to_string(number) + "]\n" + fence.begin + shown(passage) + fence.end;
}

/// The numbers of a window's passages, best first: those that the model names, then the others.
Result<std::vector<std::size_t>> ask_for_order(const LanguageModel& chat, const Frame& frame,
                                               const std::vector<std::string_view>& window,
                                               const CallContext& call) {
  CompletionRequest request;
  request.tokens_max = kAnswerTokens;
  request.grammar = grammar_for(window.size());
  std::string text;
  for (std::size_t i = 0; i < window.size(); ++i) text += block_of(i + 1, window[i], frame.fence);
  text += (language_of(frame.query) == AnswerLanguage::korean ? "질문: " : "Question: ") +
          without_control_words(std::string(frame.query));
  const Json json = TRY(
      ask_for_json(chat, kRerankPrompt, frame.query, std::move(text), std::move(request), call));
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
    return Error{ErrorCode::unavailable, std::string(chat.name()) + " named no passage"};
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

/// The order of one query's passages as far as it has come.
class Listwise {
 public:
  Listwise(const LanguageModel& chat, Frame frame, std::span<const std::string_view> passages,
           std::size_t tokens_max)
      : chat_(chat), frame_(std::move(frame)), passages_(passages), tokens_left_(tokens_max) {}

  bool is_done() const { return read_.size() == passages_.size(); }
  std::size_t read_count() const { return read_.size(); }

  /// Reads a window more; false: none fits. Errors: the model's, and as ask_for_order().
  Result<bool> read_more(const CallContext& call) {
    const Window window = TRY(fill_window(call));
    if (window.members.size() < 2 || window.members.size() == window.carried) return false;
    std::vector<std::string_view> texts;
    for (const std::size_t member : window.members) texts.push_back(passages_[member]);
    tokens_left_ -= window.tokens;
    std::vector<std::size_t> ordered;
    for (const std::size_t at : TRY(ask_for_order(chat_, frame_, texts, call))) {
      ordered.push_back(window.members[at]);
    }
    merge(ordered, window.carried, read_);
    return true;
  }

  /// All passages, best first; those that were not read behind the others.
  std::vector<std::size_t> order() const {
    std::vector<std::size_t> order = read_;
    for (std::size_t i = read_.size(); i < passages_.size(); ++i) order.push_back(i);
    return order;
  }

 private:
  Result<Window> fill_window(const CallContext& call) const {
    const std::size_t context = chat_.context_tokens();
    const std::size_t room =
        std::min(tokens_left_, context > kAnswerTokens ? context - kAnswerTokens : 0);
    Window window;
    window.tokens = frame_.tokens;
    const auto add = [&](std::size_t passage) -> Result<bool> {
      const std::string block =
          block_of(window.members.size() + 1, passages_[passage], frame_.fence);
      const std::size_t tokens = TRY(chat_.count_tokens(block, call));
      if (window.tokens + tokens > room) return false;
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

  const LanguageModel& chat_;
  Frame frame_;
  std::span<const std::string_view> passages_;
  std::size_t tokens_left_;
  std::vector<std::size_t> read_;  // Best first; always the first so many passages.
};

}  // namespace

ChatReranker::ChatReranker(const LanguageModel& chat, std::uint32_t tokens_max)
    : chat_(chat), tokens_max_(tokens_max), name_("chat model " + std::string(chat.name())) {}

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
  Listwise listwise(chat_, TRY(make_frame(chat_, query, passages, call)), passages, tokens_max_);
  std::string why_ended;
  while (!listwise.is_done() && why_ended.empty()) {
    const Result<bool> more = listwise.read_more(call);
    if (more && *more) continue;
    const bool has_begun = listwise.read_count() > 0;
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
    set_remark(name_ + " reranked " + std::to_string(listwise.read_count()) + " of " +
               std::to_string(passages.size()) +
               " passages, the others stand behind them in their order: " + why_ended);
  }
  const std::vector<std::size_t> order = listwise.order();
  std::vector<float> scores(passages.size());
  const auto count = static_cast<float>(passages.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    scores[order[place]] = (count - static_cast<float>(place)) / count;
  }
  return scores;
}

}  // namespace saerok
