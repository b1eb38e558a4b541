/// The small questions that a chat model is asked before an answer is written: what a turn needs,
/// how it reads by itself, what else to search for. Each is answered in JSON under a grammar and
/// checked.
///
/// A model here sees what people said and never a note, so no note can give it orders; and nothing
/// it says is done, only searched for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "text/analyzer.h"

namespace saerok {

/// A model and how long one of its answers may take.
struct ModelSteps {
  const LanguageModel& chat;
  std::uint32_t time_ms = 0;
};

/// Errors of all: the model's, deadline_exceeded also for its own time, unavailable for an answer
/// that is not of the form.
Result<Decision> decide_with_model(const ModelSteps& steps, const Conversation& conversation,
                                   const CallContext& call);

/// The last turn as a question that stands by itself. Errors also: unavailable for one that says
/// something that the conversation does not.
Result<std::string> rewrite_with_model(const ModelSteps& steps, const Conversation& conversation,
                                       const Analyzer& analyzer, const CallContext& call);

/// At most `count` other queries for the question, without repeats of it.
Result<std::vector<std::string>> queries_with_model(const ModelSteps& steps,
                                                    const std::string& question, std::size_t count,
                                                    const CallContext& call);

/// The question in the other language, Korean or English. Errors also: unavailable for one that is
/// still in the question's.
Result<std::string> translate_with_model(const ModelSteps& steps, const std::string& question,
                                         const CallContext& call);

/// A passage as it might stand in a note that answers the question.
Result<std::string> passage_with_model(const ModelSteps& steps, const std::string& question,
                                       const CallContext& call);

}  // namespace saerok
