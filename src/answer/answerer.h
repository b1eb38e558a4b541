/// "Answer this turn of a conversation, citing sources." ◂
///
/// decide → rewrite → expand → filter → search (with its own stages) → select → answer (by a chat
/// model, else extractive) → cite. Each step is a named stage of the report, can be switched off in
/// `ask.*`, and works without a model. An answer that cannot be found says so and offers the
/// nearest notes. What this is not: retrieval (search/), a store of conversations.
#pragma once

#include <string>

#include "saerok/call_context.h"
#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"
#include "search/searcher.h"

namespace saerok {

struct AnswerModels {
  SearchModels search;
  const LanguageModel* chat = nullptr;  ///< null: none; extractive answers.
  std::string no_chat_reason;           ///< Empty where none was configured or wanted.
};

/// Errors: invalid_argument (no question, filter), and search()'s. A chat model that fails, at any
/// moment before its first word, makes an extractive answer with a warning; after it, the answer so
/// far stands with a warning. So it does when a stop comes after the first word.
Result<AskResponse> answer(const AskRequest& request, const Settings& settings,
                           const Backend& backend, const Analyzer& analyzer,
                           const AnswerModels& models, const AnswerSink& sink,
                           const CallContext& call);

}  // namespace saerok
