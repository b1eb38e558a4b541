/// "Which chunks answer this request, and why?" ◂
///
/// The pipeline plan → embed → retrieve → fuse → (feedback, and both again) → rerank → fetch over a
/// Backend, each step a named stage of the report (retrieve.h has its orders). A retriever or model
/// that fails makes poorer results with a warning, as long as one list was retrieved. What this is
/// not: scoring (bm25.h), reading of segments (backend/), models.
#pragma once

#include <cstddef>
#include <string>

#include "saerok/call_context.h"
#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "text/analyzer.h"

namespace saerok {

constexpr std::size_t kQueryBytesMax = 32'768;
constexpr std::uint32_t kLimitMax = 10'000;  ///< Most hits of one search.
constexpr std::size_t kExpansionsMax = 16;   ///< Texts searched for along with one query.

/// The models that a search may use, each null where there is none. The reasons say why, for
/// people; empty: none is wanted.
struct SearchModels {
  const Embedder* embedder = nullptr;
  std::string no_embedder_reason;
  const Reranker* reranker = nullptr;
  std::string no_reranker_reason;
};

/// Best hits first, at most request.limit of them; equal scores go by ChunkId, so that a result is
/// the same on every run. The embedder is neither needed nor called in lexical mode or where the
/// request brings a query_vector.
///
/// With a reranker, and unless settings.rerank_depth is 0, only the max(rerank_depth, limit) best
/// candidates can become hits, and their scores are the reranker's. One that fails, or takes longer
/// than settings.rerank_ms, leaves the order as it was, with a warning.
///
/// The automatic mode is hybrid where the backend has vectors and the embedder works, else lexical.
/// Hybrid falls back to lexical, and a failed list to the other one, with a warning; a vector
/// search that cannot be made is an error with the cure.
///
/// Errors: invalid_argument (no words, filter, limit, query_vector), failed_precondition (vector
/// mode without vectors, or with an embedder that did not make them), unavailable, corrupt (every
/// list failed), deadline_exceeded, cancelled.
Result<SearchResponse> search(const SearchRequest& request, const SearchSettings& settings,
                              const Backend& backend, const Analyzer& analyzer,
                              const SearchModels& models, const CallContext& call);

}  // namespace saerok
