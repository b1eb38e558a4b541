/// From a question and its sources to the text of an answer: streamed from a chat model, made of
/// the notes' own sentences, or a sentence of our own. What this is not: retrieval, or the choice
/// of sources (search/select.h).
#pragma once

#include <string>
#include <string_view>

#include "base/trace.h"
#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "text/analyzer.h"

namespace saerok {

struct AnswerNeeds {
  const AskRequest& request;
  const Settings& settings;
  const Backend& backend;
  const Analyzer& analyzer;
  const AnswerSink& sink;
};

/// Fills the response's answer, kind and citations from its sources. True if the model gave an
/// answer, whole or in part; a stop keeps what was said. Errors: cancelled, before the first word.
Result<bool> answer_with_model(const AnswerNeeds& needs, const LanguageModel& chat, Trace& trace,
                               AskResponse& response);

/// The same for a turn that needs no notes.
Result<bool> chat_with_model(const AnswerNeeds& needs, const LanguageModel& chat, Trace& trace,
                             AskResponse& response);

/// Of the best sentences of the sources, or that the notes do not say. `embedder` null: words only.
void answer_extractively(const AnswerNeeds& needs, const Embedder* embedder, Trace& trace,
                         AskResponse& response);

/// Says, in the turn's language, what saerok answers (Decision::answer), or that it cannot tell
/// what is meant (Decision::clarify).
void answer_without_search(const AnswerNeeds& needs, AskResponse& response);

}  // namespace saerok
