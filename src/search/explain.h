/// Why a hit has its score: a tree whose root is the score, from the numbers that made it. What
/// this is not: another way of scoring; nothing is computed here that ranking did not compute.
#pragma once

#include <span>
#include <string_view>

#include "saerok/result.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "search/fusion.h"
#include "search/plan.h"

namespace saerok {

/// A fused list's place in the explanation.
enum class ListKind : std::uint8_t { lexical, vector };

/// Of a chunk in the one list of a lexical or vector search. Errors: the backend's.
Result<Explanation> explain_single(ListKind kind, const Candidate& candidate, const QueryPlan& plan,
                                   const Backend& backend);

/// Of a fused chunk; `lists` and `kinds` in the order given to fusion. Errors: the backend's.
Result<Explanation> explain_fused(const FusedCandidate& candidate,
                                  std::span<const WeightedList> lists,
                                  std::span<const ListKind> kinds, const SearchSettings& settings,
                                  const QueryPlan& plan, const Backend& backend);

/// Of a chunk that a reranker scored; `before` is its explanation up to there, and no part of the
/// score. `reranker` is its name or empty.
Explanation explain_reranked(std::string_view reranker, double score, Explanation before);

}  // namespace saerok
