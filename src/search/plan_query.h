/// From a request to a QueryPlan: which retrievers can be asked, with which terms and which vector.
/// What this is not: the analysis of words (text/), the grammar of filters (filter.h).
#pragma once

#include <span>
#include <string>

#include "base/trace.h"
#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "search/plan.h"
#include "text/analyzer.h"

namespace saerok {

/// Most distinct words of a query that are looked up; the rest is left out with a warning.
constexpr std::size_t kQueryWordsMax = 512;

/// The embedder to search with, if there is one.
struct QueryEmbedder {
  const Embedder* embedder = nullptr;
  const std::string& absence_reason;  ///< Why it is null, for people.
};

/// The mode to search in, never automatic, before anything has been embedded. Warns where vectors
/// or the embedder are missing for a mode that can do without.
/// Errors: failed_precondition for the vector mode where it cannot be; invalid_argument for a
/// query_vector that does not fit.
Result<SearchMode> choose_mode(const SearchRequest& request, const Backend& backend,
                               const QueryEmbedder& embedder, Trace& trace);

/// An analysed text and how much its words count.
struct WeightedTerms {
  const TermList& terms;
  float weight = 1;
};

/// The terms of a query and what is searched along with it, each with the weight of its field times
/// its weighted occurrences, in the order of the texts.
LexicalQuery make_lexical_query(std::span<const WeightedTerms> texts,
                                const SearchSettings& settings, Trace& trace);

/// The weighted sum of the vectors of the query and of the expansions that are for vectors, of
/// length 1. An expansion for vectors alone is embedded as a passage. Of a request that brings its
/// own vector, that one. Errors: the embedder's.
Result<VectorQuery> make_vector_query(const SearchRequest& request, std::string_view query,
                                      const Embedder* embedder, const CallContext& call);

}  // namespace saerok
