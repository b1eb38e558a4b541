/// The last stage: the ranking's best chunks, read from the store and made ready to be shown.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "saerok/result.h"
#include "saerok/settings.h"
#include "saerok/types.h"
#include "search/backend.h"
#include "search/explain.h"
#include "search/fusion.h"
#include "search/plan.h"
#include "text/analyzer.h"

namespace saerok {

/// A search as far as its ranking, best candidate first. `lists` and `kinds` are parallel; with a
/// single list a candidate's score is that list's own and its `parts` are not read.
struct Ranking {
  std::vector<FusedCandidate> candidates;
  std::vector<WeightedList> lists;
  std::vector<ListKind> kinds;
  std::optional<ListKind> first;  ///< As in Lists.
  /// Parallel to `candidates`, and the scores of the hits; empty: not reranked.
  std::vector<double> rerank_scores;
  std::string reranker;  ///< Its name, which may be empty.
};

/// What the ranking was made of, and how much of it to fetch.
struct FetchRequest {
  const QueryPlan& plan;
  const TermList& query_terms;  ///< For snippets.
  const SearchSettings& settings;
  std::uint32_t limit = 10;
  bool explain = false;
};

/// At most `limit` hits with every field filled, in the order of the ranking; chunks beyond a
/// document's most hits and chunks that no longer exist are passed over. Errors: the backend's,
/// deadline_exceeded, cancelled.
Result<std::vector<Hit>> fetch_hits(const Ranking& ranking, const FetchRequest& request,
                                    const Backend& backend, const Analyzer& analyzer,
                                    const CallContext& call);

}  // namespace saerok
