#include "answer/model_json.h"

#include <string>
#include <utility>

#include "answer/prompt.h"

namespace saerok {

Result<Json> ask_for_json(const LanguageModel& chat, const PromptTexts& prompt,
                          std::string_view question, std::string text, CompletionRequest request,
                          const CallContext& call) {
  const bool is_korean = language_of(question) == AnswerLanguage::korean;
  request.messages = {{"system", std::string(is_korean ? prompt.korean : prompt.english)},
                      {"user", std::move(text)}};
  if (!chat.follows_grammars()) request.grammar.clear();
  const Completion completion = TRY(
      chat.complete(request, [&](std::string_view) { return !call.stop.stop_requested(); }, call));
  TRY(call.check());
  // A model that knows no grammars puts words around what it was asked for.
  const std::string& said = completion.text;
  const std::size_t open = said.find('{'), close = said.rfind('}');
  const bool has_object = open != std::string::npos && close != std::string::npos && open < close;
  auto json = has_object ? parse_json(std::string_view(said).substr(open, close - open + 1), "it")
                         : Result<Json>(Error{ErrorCode::corrupt, ""});
  if (json) return json;
  return Error{ErrorCode::unavailable,
               std::string(chat.name()) + " did not answer in the form that was asked for"};
}

}  // namespace saerok
