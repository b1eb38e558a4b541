#include "search/rerank.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/trace.h"

namespace saerok {
namespace {

/// Chunks read from the store at a time.
constexpr std::size_t kReadBatchMax = 256;

/// Candidates and, in the same order, what the reranker reads of them.
struct Passages {
  std::vector<const FusedCandidate*> candidates;
  std::vector<std::string> texts;
};

/// The first `depth` candidates that exist.
Result<Passages> read_passages(const Ranking& ranking, std::size_t depth, const Backend& backend,
                               const CallContext& call) {
  Passages passages;
  std::size_t next = 0;
  while (passages.texts.size() < depth && next < ranking.candidates.size()) {
    TRY(call.check());
    const std::size_t count =
        std::min({depth - passages.texts.size(), kReadBatchMax, ranking.candidates.size() - next});
    const std::span batch = std::span(ranking.candidates).subspan(next, count);
    next += count;
    std::vector<ChunkId> ids;
    for (const FusedCandidate& candidate : batch) ids.push_back(candidate.chunk);
    const std::vector<StoredChunk> stored = TRY(backend.fetch(ids));
    std::unordered_map<std::uint64_t, const StoredChunk*> by_id;
    for (const StoredChunk& chunk : stored) {
      by_id[static_cast<std::uint64_t>(chunk.chunk.id)] = &chunk;
    }
    for (const FusedCandidate& candidate : batch) {
      const auto found = by_id.find(static_cast<std::uint64_t>(candidate.chunk));
      if (found == by_id.end()) continue;
      passages.candidates.push_back(&candidate);
      passages.texts.push_back(reranked_text(*found->second));
    }
  }
  return passages;
}

/// One finite score a text; a reranker that breaks its contract has failed, for an order by what
/// it gave would be no order.
Result<std::vector<float>> score_passages(const RerankRequest& request,
                                          const std::vector<std::string>& texts,
                                          const CallContext& call) {
  if (texts.empty()) return std::vector<float>{};
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  CallContext limited = call;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(request.time_ms);
  const bool is_ours = !call.deadline || end < *call.deadline;
  if (is_ours) limited.deadline = end;
  auto scored = request.reranker.score(request.query, views, limited);
  if (!scored && is_ours && scored.error().code == ErrorCode::deadline_exceeded &&
      !limited.check()) {
    return Error{ErrorCode::deadline_exceeded, std::string(request.reranker.name()) +
                                                   " did not finish within search.rerank_ms (" +
                                                   std::to_string(request.time_ms) + " ms)"};
  }
  std::vector<float> scores = TRY(std::move(scored));
  const bool is_finite =
      std::all_of(scores.begin(), scores.end(), [](float score) { return std::isfinite(score); });
  if (scores.size() == texts.size() && is_finite) return scores;
  std::string problem = "the reranker " + std::string(request.reranker.name());
  problem += is_finite ? " gave " + std::to_string(scores.size()) + " scores for " +
                             std::to_string(texts.size()) + " passages"
                       : " gave a score that is not a number";
  return Error{ErrorCode::unavailable, std::move(problem)};
}

void order_by_score(const Passages& passages, std::span<const float> scores, Ranking& ranking) {
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b]
                                  : passages.candidates[a]->chunk < passages.candidates[b]->chunk;
  });
  std::vector<FusedCandidate> candidates;
  for (const std::size_t i : order) {
    candidates.push_back(*passages.candidates[i]);
    ranking.rerank_scores.push_back(static_cast<double>(scores[i]));
  }
  ranking.candidates = std::move(candidates);
}

}  // namespace

std::string reranked_text(const StoredChunk& chunk) {
  std::string text = chunk.title;
  const auto add_line = [&](const std::string& line) {
    if (!text.empty() && !line.empty()) text += '\n';
    text += line;
  };
  for (const std::string& heading : chunk.chunk.heading_path) {
    if (heading != chunk.title) add_line(heading);
  }
  add_line(chunk.chunk.text);
  return text;
}

Status rerank(const RerankRequest& request, const Backend& backend, Trace& trace,
              Ranking& ranking) {
  const auto keep_order = [&](const Error& error) -> Status {
    // A stop and the call's own deadline are the caller's wish, not the reranker's failure.
    TRY(trace.call().check());
    if (error.code == ErrorCode::cancelled) return error;
    trace.warn("not reranked: " + error.message);
    return {};
  };
  TRY(trace.begin("rerank"));
  trace.count(ranking.candidates.size(), 0);
  const Result<Passages> passages = read_passages(ranking, request.depth, backend, trace.call());
  if (!passages) return keep_order(passages.error());
  const Result<std::vector<float>> scores = score_passages(request, passages->texts, trace.call());
  if (!scores) return keep_order(scores.error());
  trace.count(ranking.candidates.size(), scores->size());
  const std::string remark = request.reranker.remark();
  if (!remark.empty()) trace.warn(remark);
  order_by_score(*passages, *scores, ranking);
  ranking.reranker = request.reranker.name();
  return {};
}

}  // namespace saerok
