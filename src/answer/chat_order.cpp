#include "answer/chat_order.h"

#include <algorithm>
#include <utility>

#include "answer/chat_reranker.h"
#include "answer/model_json.h"
#include "answer/prompt.h"

namespace saerok {
namespace {

/// Room for what a chat template puts around messages, which count_tokens does not see.
constexpr std::size_t kTemplateTokens = 64;

/// As much of a passage as is read, as material.
std::string shown(std::string_view passage) {
  std::size_t size = std::min(passage.size(), ChatReranker::kPassageBytesMax);
  while (size < passage.size() && (static_cast<unsigned char>(passage[size]) & 0xC0) == 0x80)
    --size;
  return without_control_words(std::string(passage.substr(0, size)));
}

}  // namespace

std::string PassageFrame::block_of(std::size_t number, std::string_view passage) const {
  return "[" + std::to_string(number) + "]\n" + fence.begin + shown(passage) + fence.end;
}

Result<Json> PassageFrame::ask(std::string blocks, std::string grammar, std::uint32_t answer_tokens,
                               const CallContext& call) const {
  CompletionRequest request;
  request.tokens_max = answer_tokens;
  request.grammar = std::move(grammar);
  blocks += (language_of(query) == AnswerLanguage::korean ? "질문: " : "Question: ") +
            without_control_words(std::string(query));
  return ask_for_json(chat, prompt, query, std::move(blocks), std::move(request), call);
}

Result<PassageFrame> make_frame(const LanguageModel& chat, const PromptTexts& prompt,
                                std::string_view query, std::span<const std::string_view> passages,
                                const CallContext& call) {
  std::string all(query);
  for (const std::string_view passage : passages) all += "\n" + std::string(passage);
  const bool is_korean = language_of(query) == AnswerLanguage::korean;
  const std::string rules(is_korean ? prompt.korean : prompt.english);
  const std::size_t tokens = TRY(chat.count_tokens(rules + std::string(query), call));
  return PassageFrame{chat, prompt, query, fence_of(all), tokens + kTemplateTokens};
}

std::vector<std::size_t> ChatOrder::order() const {
  std::vector<std::size_t> order = read_;
  for (std::size_t i = read_.size(); i < passages_.size(); ++i) order.push_back(i);
  return order;
}

std::size_t ChatOrder::room(std::size_t answer_tokens) const {
  const std::size_t context = frame_.chat.context_tokens();
  return std::min(tokens_left_, context > answer_tokens ? context - answer_tokens : 0);
}

}  // namespace saerok
