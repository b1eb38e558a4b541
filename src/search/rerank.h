/// The rerank stage: the best candidates of a ranking, read and ordered anew by a Reranker.
/// What this is not: fusion (fusion.h), or the making of hits (fetch_hits.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "saerok/models.h"
#include "saerok/result.h"
#include "saerok/storage.h"
#include "search/backend.h"
#include "search/fetch_hits.h"

namespace saerok {

class Trace;

/// What a reranker reads of a chunk, a line each: its title, its headings (one that repeats the
/// title is left out) and its text.
std::string reranked_text(const StoredChunk& chunk);

struct RerankRequest {
  std::string_view query;
  const Reranker& reranker;
  std::size_t depth = 0;      ///< Candidates to rescore, at least 1.
  std::uint32_t time_ms = 0;  ///< Longest wait for the reranker, above 0.
};

/// Leaves in the ranking only its best `depth` candidates that still exist, ordered by the
/// reranker's score, equal ones by ChunkId. The reranker is called once, or not at all for an empty
/// ranking. What it remarks on its scores becomes a warning. If it fails or takes longer than
/// time_ms, or a candidate cannot be read, the ranking stays as it was and the trace gets a
/// warning. Errors: deadline_exceeded, cancelled.
Status rerank(const RerankRequest& request, const Backend& backend, Trace& trace, Ranking& ranking);

}  // namespace saerok
