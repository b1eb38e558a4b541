#include "search/feedback.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "search/field_weights.h"

namespace saerok {
namespace {

/// A word of more than this part of the chunks says nothing of what these hits are about.
constexpr double kFrequentShare = 0.1;
/// In a collection of a handful of notes every word is in a tenth of them.
constexpr double kFrequentMin = 3;

struct SpokenTerm {
  std::string text;
  double probability = 0;  ///< In the hits, weighted.
  double worth = 0;        ///< Probability times idf.
};

/// How likely each stem is in the hits' texts. Ordered, so that equal worths do not depend on
/// hashing.
std::map<std::string, double> term_probabilities(std::span<const FeedbackHit> hits,
                                                 const Analyzer& analyzer) {
  std::map<std::string, double> probabilities;
  TermList terms;
  for (const FeedbackHit& hit : hits) {
    analyzer.analyze(hit.chunk.title + "\n" + hit.chunk.chunk.text, terms);
    double length = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) length += terms[i].field == TermField::stem;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Term term = terms[i];
      if (term.field != TermField::stem) continue;
      probabilities[std::string(term.text)] += hit.weight / length;
    }
  }
  return probabilities;
}

std::vector<SpokenTerm> choose_terms(std::span<const FeedbackHit> hits, std::size_t count,
                                     const Analyzer& analyzer, const Backend& backend) {
  const auto chunks = static_cast<double>(backend.chunk_count());
  std::vector<SpokenTerm> chosen;
  for (auto& [text, probability] : term_probabilities(hits, analyzer)) {
    const auto frequency =
        static_cast<double>(backend.vocabulary().document_frequency(TermField::stem, text));
    if (frequency > std::max(kFrequentMin, kFrequentShare * chunks)) continue;
    const double idf = std::log1p((chunks - frequency + 0.5) / (frequency + 0.5));
    chosen.push_back({text, probability, probability * idf});
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const SpokenTerm& a, const SpokenTerm& b) { return a.worth > b.worth; });
  if (chosen.size() > count) chosen.resize(count);
  return chosen;
}

/// Scales to length 1; a vector without a direction stays as it is.
void normalise(std::span<float> vector) {
  double square = 0;
  for (const float x : vector) square += static_cast<double>(x) * static_cast<double>(x);
  if (square <= 0) return;
  const auto scale = static_cast<float>(1 / std::sqrt(square));
  for (float& x : vector) x *= scale;
}

}  // namespace

Result<std::vector<FeedbackHit>> first_hits(const Ranking& ranking, std::size_t count,
                                            const Backend& backend) {
  std::vector<ChunkId> ids;
  for (std::size_t i = 0; i < std::min(count, ranking.candidates.size()); ++i) {
    ids.push_back(ranking.candidates[i].chunk);
  }
  std::vector<StoredChunk> stored = TRY(backend.fetch(ids));
  std::unordered_map<std::uint64_t, StoredChunk*> by_id;
  for (StoredChunk& chunk : stored) by_id[static_cast<std::uint64_t>(chunk.chunk.id)] = &chunk;
  std::vector<FeedbackHit> hits;
  double total = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = by_id.find(static_cast<std::uint64_t>(ids[i]));
    if (found == by_id.end()) continue;
    const FusedCandidate& candidate = ranking.candidates[i];
    hits.push_back({std::move(*found->second), candidate.window, std::max(candidate.score, 0.0)});
    total += hits.back().weight;
  }
  for (FeedbackHit& hit : hits) {
    hit.weight = total > 0 ? hit.weight / total : 1.0 / static_cast<double>(hits.size());
  }
  return hits;
}

std::size_t add_feedback_terms(std::span<const FeedbackHit> hits, const SearchSettings& settings,
                               const Analyzer& analyzer, const Backend& backend,
                               LexicalQuery& query) {
  const auto chosen = choose_terms(hits, settings.feedback_terms, analyzer, backend);
  double own = 0, spoken = 0;
  for (const LexicalTerm& term : query.terms) {
    if (term.field == IndexField::body_stem) own += static_cast<double>(term.weight);
  }
  for (const SpokenTerm& term : chosen) spoken += term.probability;
  // At a share of 1 the question's own words would count nothing; they keep a hundredth.
  const double share = std::min(static_cast<double>(settings.feedback_share), 0.99);
  if (spoken <= 0 || own <= 0 || share <= 0) return 0;
  const double scale = own * share / (1 - share) / spoken;
  const auto add = [&](IndexField field, const std::string& text, double weight) {
    if (weight <= 0) return;
    const auto same = std::find_if(query.terms.begin(), query.terms.end(), [&](const auto& term) {
      return term.field == field && term.text == text;
    });
    if (same != query.terms.end()) same->weight += static_cast<float>(weight);
    else query.terms.push_back({field, text, static_cast<float>(weight)});
  };
  for (const SpokenTerm& term : chosen) {
    const double weight = term.probability * scale;
    for (const FieldWeight& field : field_weights(settings)) {
      add(field.stem, term.text, weight * static_cast<double>(field.weight));
    }
  }
  return chosen.size();
}

Status add_feedback_vector(std::span<const FeedbackHit> hits, float share, const Embedder& embedder,
                           const CallContext& call, VectorQuery& query) {
  ASSERT(hits.size() <= kEmbedBatchMax);
  std::vector<std::string_view> passages;
  for (const FeedbackHit& hit : hits) {
    const std::string_view text = hit.chunk.chunk.text;
    const bool has_window = hit.window.begin < hit.window.end && hit.window.end <= text.size();
    passages.push_back(has_window ? text.substr(hit.window.begin, hit.window.end - hit.window.begin)
                                  : text);
  }
  if (passages.empty()) return {};
  const std::vector<float> rows = TRY(embedder.embed(passages, TextRole::passage, call));
  std::vector<float> mean(query.vector.size(), 0.0f);
  if (rows.size() != passages.size() * mean.size()) {
    return Error{ErrorCode::unavailable, "the embedder returned " + std::to_string(rows.size()) +
                                             " components instead of " +
                                             std::to_string(passages.size() * mean.size())};
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    mean[i % mean.size()] += rows[i] * static_cast<float>(hits[i / mean.size()].weight);
  }
  normalise(mean);
  for (std::size_t d = 0; d < mean.size(); ++d) {
    query.vector[d] = (1 - share) * query.vector[d] + share * mean[d];
  }
  normalise(query.vector);
  return {};
}

}  // namespace saerok
