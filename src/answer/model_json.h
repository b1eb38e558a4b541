/// A question to a chat model that is answered in JSON: under a grammar where the model knows
/// grammars, taken out of its words where it does not.
#pragma once

#include "answer/prompt_texts.h"
#include "base/json.h"
#include "saerok/call_context.h"
#include "saerok/models.h"
#include "saerok/result.h"

namespace saerok {

/// Sets the messages of `request`: the prompt in the language of `question`, then `text`.
/// Errors: the model's; unavailable for an answer that holds no JSON object.
Result<Json> ask_for_json(const LanguageModel& chat, const PromptTexts& prompt,
                          std::string_view question, std::string text, CompletionRequest request,
                          const CallContext& call);

}  // namespace saerok
