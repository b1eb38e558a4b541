#include "search/plan_query.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "search/field_weights.h"

namespace saerok {
namespace {

/// Why vectors cannot be searched here; empty if they can.
struct Obstacle {
  std::string reason;
  bool is_lack_of_vectors = false;  ///< The ordinary state of a collection that was never embedded.
};

Obstacle obstacle_to_vectors(const SearchRequest& request, const Backend& backend,
                             const QueryEmbedder& embedder) {
  if (backend.chunks_with_vectors() == 0) {
    return {"the collection has no vectors yet; run `saerok index` with an embedder to make them",
            true};
  }
  if (!request.query_vector.empty()) return {};
  if (embedder.embedder == nullptr) {
    return {embedder.absence_reason.empty() ? "there is no embedder; `saerok doctor` says why"
                                            : embedder.absence_reason};
  }
  const std::string_view fingerprint = embedder.embedder->fingerprint();
  if (fingerprint != backend.embedder_fingerprint() ||
      embedder.embedder->dimension() != backend.dimension()) {
    return {"the collection's vectors were made with embedder " + backend.embedder_fingerprint() +
            " (dimension " + std::to_string(backend.dimension()) + "), the settings name " +
            std::string(fingerprint) + " (dimension " +
            std::to_string(embedder.embedder->dimension()) +
            "); restore the setting models.embed or run `saerok index --rebuild`"};
  }
  return {};
}

Status check_query_vector(const SearchRequest& request, const Backend& backend) {
  if (request.query_vector.empty() || backend.chunks_with_vectors() == 0) return {};
  if (request.query_vector.size() != backend.dimension()) {
    return Error{ErrorCode::invalid_argument, "the query vector has " +
                                                  std::to_string(request.query_vector.size()) +
                                                  " components, the collection's vectors have " +
                                                  std::to_string(backend.dimension())};
  }
  return {};
}

/// Scales to length 1. Errors: invalid_argument for a vector without a direction.
Status normalise(std::span<float> vector, const std::string& origin) {
  double square = 0;
  for (const float x : vector) square += static_cast<double>(x) * static_cast<double>(x);
  if (!std::isfinite(square) || square <= 0) {
    return Error{ErrorCode::invalid_argument,
                 origin + " is all zero or not finite, so it has no direction to compare"};
  }
  const double scale = 1 / std::sqrt(square);
  for (float& x : vector) x = static_cast<float>(static_cast<double>(x) * scale);
  return {};
}

/// Distinct terms in the order of the texts, with their weighted occurrences; the same text as stem
/// and as gram is two terms. Terms of words beyond kQueryWordsMax are counted only.
struct DistinctTerms {
  std::vector<std::pair<Term, float>> terms;
  std::size_t words = 0;
};

DistinctTerms distinct_terms(std::span<const WeightedTerms> texts) {
  constexpr std::size_t kLeftOut = SIZE_MAX;
  DistinctTerms distinct;
  std::unordered_map<std::string, std::size_t> index_of;
  for (const auto& [terms, weight] : texts) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Term term = terms[i];
      std::string key(term.field == TermField::stem ? "s" : "g");
      key += term.text;
      const auto [entry, is_new] = index_of.try_emplace(std::move(key), distinct.terms.size());
      if (!is_new) {
        if (entry->second != kLeftOut) distinct.terms[entry->second].second += weight;
        continue;
      }
      if (term.field == TermField::stem) ++distinct.words;
      if (distinct.words > kQueryWordsMax) {
        entry->second = kLeftOut;
        continue;
      }
      distinct.terms.emplace_back(term, weight);
    }
  }
  return distinct;
}

struct WeightedTexts {
  std::vector<std::string_view> texts;
  std::vector<float> weights;
};

/// Adds the texts' weighted vectors to `sum`.
Status add_vectors(const WeightedTexts& weighted, TextRole role, const Embedder& embedder,
                   const CallContext& call, std::vector<float>& sum) {
  const std::span<const std::string_view> texts(weighted.texts);
  for (std::size_t first = 0; first < texts.size(); first += kEmbedBatchMax) {
    const auto batch = texts.subspan(first, std::min(kEmbedBatchMax, texts.size() - first));
    const std::vector<float> rows = TRY(embedder.embed(batch, role, call));
    if (rows.size() != batch.size() * sum.size()) {
      return Error{ErrorCode::unavailable, "the embedder returned " + std::to_string(rows.size()) +
                                               " components instead of " +
                                               std::to_string(batch.size() * sum.size())};
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sum[i % sum.size()] += rows[i] * weighted.weights[first + i / sum.size()];
    }
  }
  return {};
}

}  // namespace

Result<SearchMode> choose_mode(const SearchRequest& request, const Backend& backend,
                               const QueryEmbedder& embedder, Trace& trace) {
  if (request.mode == SearchMode::lexical) return SearchMode::lexical;
  TRY(check_query_vector(request, backend));
  const Obstacle obstacle = obstacle_to_vectors(request, backend, embedder);
  if (request.mode == SearchMode::vector) {
    if (obstacle.reason.empty()) return SearchMode::vector;
    return Error{ErrorCode::failed_precondition,
                 "vectors cannot be searched: " + obstacle.reason + ", or use --mode lexical"};
  }
  if (obstacle.reason.empty()) return SearchMode::hybrid;
  // Who asked for nothing special and has no vectors misses nothing.
  if (request.mode == SearchMode::hybrid || !obstacle.is_lack_of_vectors) {
    trace.warn("searched words only: " + obstacle.reason);
  }
  return SearchMode::lexical;
}

LexicalQuery make_lexical_query(std::span<const WeightedTerms> texts,
                                const SearchSettings& settings, Trace& trace) {
  LexicalQuery query;
  query.bm25 = settings.bm25;
  const DistinctTerms distinct = distinct_terms(texts);
  if (distinct.words > kQueryWordsMax) {
    trace.warn("the query has " + std::to_string(distinct.words) +
               " distinct words; only the first " + std::to_string(kQueryWordsMax) +
               " were searched for");
  }
  const auto add = [&](IndexField field, std::string_view text, float weight) {
    if (weight > 0) query.terms.push_back({field, std::string(text), weight});
  };
  const auto fields = field_weights(settings);
  for (const auto& [term, count] : distinct.terms) {
    const bool is_stem = term.field == TermField::stem;
    const float weight = is_stem ? count : count * settings.gram_weight;
    for (const FieldWeight& field : fields) {
      add(is_stem ? field.stem : field.gram, term.text, weight * field.weight);
    }
  }
  return query;
}

Result<VectorQuery> make_vector_query(const SearchRequest& request, std::string_view query,
                                      const Embedder* embedder, const CallContext& call) {
  VectorQuery result;
  if (!request.query_vector.empty()) {
    result.vector = request.query_vector;
    TRY(normalise(result.vector, "the query vector"));
    return result;
  }
  const std::string_view embedded =
      request.embedded_text.empty() ? query : std::string_view(request.embedded_text);
  WeightedTexts as_queries{{embedded}, {1.0f}}, as_passages;
  for (const QueryExpansion& expansion : request.expansions) {
    if (expansion.use == QueryExpansion::Use::words || expansion.weight <= 0) continue;
    WeightedTexts& to = expansion.use == QueryExpansion::Use::vectors ? as_passages : as_queries;
    to.texts.push_back(expansion.text);
    to.weights.push_back(expansion.weight);
  }
  result.vector.assign(embedder->dimension(), 0.0f);
  TRY(add_vectors(as_queries, TextRole::query, *embedder, call, result.vector));
  TRY(add_vectors(as_passages, TextRole::passage, *embedder, call, result.vector));
  if (Status scaled = normalise(result.vector, "the vector that the embedder returned"); !scaled) {
    return Error{ErrorCode::unavailable, scaled.error().message};
  }
  return result;
}

}  // namespace saerok
