/// A run's search once more, with explanations: why did it find what it found? On the lab's own
/// index with the run's settings. What this is not: a second run; nothing is kept or scored.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment.h"
#include "lab/run.h"
#include "saerok/call_context.h"
#include "saerok/engine.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok::lab {

/// The settings of a run. Secrets, which no run records, stay as they are in `own`; a setting that
/// this program no longer knows is left out, with a sentence in `warnings`.
Settings settings_of_run(const RunInfo& run, const Settings& own,
                         std::vector<std::string>& warnings);

/// Searches `query` in the collection that the run searched. The first `hits` documents that it
/// finds are explained, by their best chunk each.
/// Errors: failed_precondition (an ensemble; an index that is gone), and the engine's.
Result<SearchResponse> search_again(const Engine& engine, const RunInfo& run,
                                    const std::string& query, std::size_t hits,
                                    const CallContext& call);

/// Whether the search found the documents that the run recorded, in their order.
bool is_same_ranking(const SearchResponse& response, const std::vector<ScoredDocument>& recorded);

}  // namespace saerok::lab
