#include "search/explain.h"

#include <string>
#include <utility>

namespace saerok {
namespace {

std::string name_of_list(ListKind kind) { return kind == ListKind::lexical ? "words" : "vectors"; }

/// `score` is the list's own, so that the tree cannot disagree with the ranking.
Result<Explanation> explain_score(ListKind kind, ChunkId chunk, double score, const QueryPlan& plan,
                                  const Backend& backend) {
  if (kind == ListKind::lexical) {
    Explanation tree = TRY(backend.explain_lexical(plan, chunk));
    tree.value = score;
    return tree;
  }
  const VectorScoreParts parts = TRY(backend.explain_vector(plan, chunk));
  Explanation tree{"sum of the similarity of the whole and of its best window", score, {}};
  tree.children.push_back(
      {"similarity of the whole", static_cast<double>(parts.chunk_similarity), {}});
  tree.children.push_back(
      {parts.has_window ? "similarity of the best window" : "the whole again, which has no windows",
       static_cast<double>(parts.window_similarity),
       {}});
  return tree;
}

Explanation explain_rank(const FusionPart& part, Explanation score, double k) {
  Explanation tree{"1 / (k + rank)", part.normalised, {}};
  tree.children.push_back({"k", k, {}});
  tree.children.push_back({"rank", static_cast<double>(part.rank), {}});
  score.label = "for the rank only: " + score.label;
  tree.children.push_back(std::move(score));
  return tree;
}

Explanation explain_normalised(const FusionPart& part, Normalisation normalisation,
                               Explanation score) {
  const bool is_flat = part.lowest == part.highest;
  const bool by_range = normalisation == Normalisation::min_max;
  Explanation tree{is_flat    ? "1, since all candidates score the same"
                   : by_range ? "(score - lowest) / (highest - lowest)"
                              : "(score - lowest) / standard deviation",
                   part.normalised,
                   {}};
  score.label = "score: " + score.label;
  tree.children.push_back(std::move(score));
  tree.children.push_back({"lowest of the candidates", part.lowest, {}});
  tree.children.push_back(
      by_range ? Explanation{"highest of the candidates", part.highest, {}}
               : Explanation{"standard deviation of the candidates", part.deviation, {}});
  return tree;
}

}  // namespace

Result<Explanation> explain_single(ListKind kind, const Candidate& candidate, const QueryPlan& plan,
                                   const Backend& backend) {
  return explain_score(kind, candidate.chunk, static_cast<double>(candidate.score), plan, backend);
}

Result<Explanation> explain_fused(const FusedCandidate& candidate,
                                  std::span<const WeightedList> lists,
                                  std::span<const ListKind> kinds, const SearchSettings& settings,
                                  const QueryPlan& plan, const Backend& backend) {
  const bool by_rank = settings.fusion == FusionMethod::reciprocal_rank;
  Explanation tree{
      by_rank ? "sum of weighted reciprocal ranks" : "sum of weighted parts", candidate.score, {}};
  for (std::size_t l = 0; l < lists.size(); ++l) {
    const FusionPart& part = candidate.parts[l];
    const std::string name = name_of_list(kinds[l]);
    if (!part.is_present) {
      tree.children.push_back({name + ": not among the " + std::to_string(lists[l].list->size()) +
                                   " candidates, so nothing is added",
                               0,
                               {}});
      continue;
    }
    Explanation score = TRY(explain_score(kinds[l], candidate.chunk, part.score, plan, backend));
    Explanation product{name + ": product of weight and " + (by_rank ? "rank" : "normalised score"),
                        part.value,
                        {}};
    product.children.push_back({"weight", lists[l].weight, {}});
    product.children.push_back(
        by_rank ? explain_rank(part, std::move(score), static_cast<double>(settings.rrf_k))
                : explain_normalised(part, settings.normalisation, std::move(score)));
    tree.children.push_back(std::move(product));
  }
  return tree;
}

Explanation explain_reranked(std::string_view reranker, double score, Explanation before) {
  const std::string name = reranker.empty() ? "" : " " + std::string(reranker);
  before.label = "before reranking, not part of the score: " + before.label;
  return {"score that the reranker" + name + " gave", score, {std::move(before)}};
}

}  // namespace saerok
