/// "Does this turn need the notes at all?" A gate without a model: a logistic function of what the
/// turn looks like and of what a cheap first search with its words finds. A turn that points at
/// nothing is asked about. What this is not: a judgement of whether the notes hold the answer.
#pragma once

#include "answer/decision_features.h"
#include "saerok/call_context.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "text/analyzer.h"

namespace saerok {

struct GateOutcome {
  Decision decision = Decision::search;
  double search_probability = 1;
  bool is_unsure = false;       ///< A model's word would be worth having.
  std::uint64_t looked_at = 0;  ///< Hits of the first search.
  Explanation explanation;      ///< Its root is the probability.
};

/// Searches unless the probability is below settings.ask.decide_threshold and something in the turn
/// is a sign of talk. A first search that
/// fails counts as one that found nothing. Errors: deadline_exceeded, cancelled.
Result<GateOutcome> run_gate(const Conversation& conversation, const Settings& settings,
                             const Backend& backend, const Analyzer& analyzer,
                             const CallContext& call);

}  // namespace saerok
