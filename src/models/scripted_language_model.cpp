#include "models/scripted_language_model.h"

#include <deque>
#include <memory>

#include "base/unicode.h"

namespace saerok {
namespace {

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at += decode_utf8(text, at).size;
  return count;
}

}  // namespace

ScriptedLanguageModel::ScriptedLanguageModel(std::vector<std::string> answers)
    : script_([left = std::make_shared<std::deque<std::string>>(answers.begin(), answers.end())](
                  const CompletionRequest&) -> Result<std::string> {
        if (left->empty()) return Error{ErrorCode::unavailable, "the script has no answer left"};
        std::string answer = std::move(left->front());
        left->pop_front();
        return answer;
      }) {}

Result<Completion> ScriptedLanguageModel::complete(const CompletionRequest& request,
                                                   const TextSink& on_delta,
                                                   const CallContext& call) const {
  std::string answer;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    answer = TRY(script_(request));
  }
  Completion completion;
  for (const Turn& turn : request.messages) {
    completion.prompt_tokens += static_cast<std::uint32_t>(count_characters(turn.content));
  }
  for (std::size_t at = 0; at < answer.size();) {
    TRY(call.check());
    if (completion.generated_tokens == request.tokens_max) {
      completion.reached_limit = true;
      break;
    }
    const std::size_t size = decode_utf8(answer, at).size;
    const std::string_view character = std::string_view(answer).substr(at, size);
    completion.text += character;
    ++completion.generated_tokens;
    if (on_delta && !on_delta(character)) break;
    at += size;
  }
  return completion;
}

Result<std::size_t> ScriptedLanguageModel::count_tokens(std::string_view text,
                                                        const CallContext&) const {
  return count_characters(text);
}

std::vector<CompletionRequest> ScriptedLanguageModel::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace saerok
