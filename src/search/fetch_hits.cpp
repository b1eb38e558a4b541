#include "search/fetch_hits.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/source_map.h"
#include "search/snippet.h"

namespace saerok {
namespace {

/// Chunks read from the store at a time.
constexpr std::size_t kFetchBatchMax = 256;

Hit make_hit(StoredChunk&& stored, Window window, const TermList& query_terms,
             const Analyzer& analyzer) {
  Chunk& chunk = stored.chunk;
  const std::uint64_t text_size = chunk.text.size();
  // Whatever made the windows, only one that lies in the text can be shown.
  const bool has_window = window.begin < window.end && window.end <= text_size;
  Hit hit;
  hit.passage = has_window ? ByteSpan{window.begin, window.end} : ByteSpan{0, text_size};
  const std::vector<TextMatch> matches = find_matches(analyzer, query_terms, chunk.text);
  Snippet snippet =
      make_snippet(chunk.text, has_window ? hit.passage : ByteSpan{}, matches, kSnippetCharacters);
  const SourcePlace place = locate(chunk, snippet.span);
  hit.chunk = chunk.id;
  hit.document_id = stored.record_id.empty() ? stored.path : std::move(stored.record_id);
  hit.root = std::move(stored.root);
  hit.path = std::move(stored.path);
  hit.title = std::move(stored.title);
  hit.attributes = std::move(stored.attributes);
  hit.heading_path = std::move(chunk.heading_path);
  hit.lines = place.lines;
  hit.bytes = place.bytes;
  hit.snippet = std::move(snippet.text);
  hit.highlights = std::move(snippet.highlights);
  hit.text = std::move(chunk.text);
  hit.text_bytes = chunk.source_bytes;
  hit.text_lines = chunk.source_lines;
  hit.anchors = std::move(chunk.anchors);
  return hit;
}

Result<Explanation> explain_candidate(const Ranking& ranking, const FusedCandidate& candidate,
                                      const FetchRequest& request, const Backend& backend) {
  if (ranking.lists.size() == 1) {
    const Candidate own{candidate.chunk, static_cast<float>(candidate.score), candidate.window};
    return explain_single(ranking.kinds.front(), own, request.plan, backend);
  }
  Explanation tree = TRY(explain_fused(candidate, ranking.lists, ranking.kinds, request.settings,
                                       request.plan, backend));
  if (ranking.first) {
    tree.label += *ranking.first == ListKind::lexical
                      ? "; vectors scored only what the words found"
                      : "; words scored only what the vectors found";
  }
  return tree;
}

/// Scores and, if asked, explains the hit of the candidate at `index`.
Status fill_score(const Ranking& ranking, std::size_t index, const FetchRequest& request,
                  const Backend& backend, Hit& hit) {
  const FusedCandidate& candidate = ranking.candidates[index];
  const bool is_reranked = !ranking.rerank_scores.empty();
  hit.score = is_reranked ? ranking.rerank_scores[index] : candidate.score;
  if (!request.explain) return {};
  Explanation explanation = TRY(explain_candidate(ranking, candidate, request, backend));
  if (is_reranked) {
    explanation = explain_reranked(ranking.reranker, hit.score, std::move(explanation));
  }
  hit.explanation = std::move(explanation);
  return {};
}

}  // namespace

Result<std::vector<Hit>> fetch_hits(const Ranking& ranking, const FetchRequest& request,
                                    const Backend& backend, const Analyzer& analyzer,
                                    const CallContext& call) {
  const std::uint32_t of_document_max = request.settings.document_hits_max;
  std::vector<Hit> hits;
  std::map<DocumentId, std::uint32_t> of_document;
  std::size_t next = 0;
  while (hits.size() < request.limit && next < ranking.candidates.size()) {
    TRY(call.check());
    const std::size_t count =
        std::min({request.limit - hits.size(), kFetchBatchMax, ranking.candidates.size() - next});
    const std::size_t first = std::exchange(next, next + count);
    const std::span batch = std::span(ranking.candidates).subspan(first, count);
    std::vector<ChunkId> ids;
    for (const FusedCandidate& candidate : batch) ids.push_back(candidate.chunk);
    std::vector<StoredChunk> stored = TRY(backend.fetch(ids));
    std::unordered_map<std::uint64_t, StoredChunk*> by_id;
    for (StoredChunk& chunk : stored) by_id[static_cast<std::uint64_t>(chunk.chunk.id)] = &chunk;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const FusedCandidate& candidate = batch[i];
      const auto found = by_id.find(static_cast<std::uint64_t>(candidate.chunk));
      if (found == by_id.end()) continue;
      std::uint32_t& so_far = of_document[found->second->chunk.document];
      if (of_document_max > 0 && so_far >= of_document_max) continue;
      ++so_far;
      Hit hit =
          make_hit(std::move(*found->second), candidate.window, request.query_terms, analyzer);
      hit.rank = static_cast<std::uint32_t>(hits.size() + 1);
      TRY(fill_score(ranking, first + i, request, backend, hit));
      hits.push_back(std::move(hit));
    }
  }
  return hits;
}

}  // namespace saerok
