/// BM25: what one term adds to a chunk's score. Knows no index and no query; lexical.h sums it.
#pragma once

#include <cstdint>
#include <span>

#include "saerok/settings.h"

namespace saerok {

/// What BM25 must know of a term: figures of the whole collection, not of a segment.
struct TermStats {
  std::uint64_t document_frequency = 1;  ///< Chunks that hold the term, at least 1.
  std::uint64_t chunk_count = 1;         ///< Chunks in all.
  float chunk_length_mean = 1;           ///< In terms, above 0.
};

/// Scores one query term in one chunk.
///
/// What depends on the term alone is computed in the constructor, so score() is one divide
/// and a few multiplies. The same object explains the score (lexical.h), so that the two
/// cannot drift apart.
///
/// Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
/// Beyond", 2009. The idf is Lucene's, which is never negative.
class Bm25Term {
 public:
  /// `weight` multiplies every score: the field's, times how often the query says the term.
  Bm25Term(const TermStats& stats, Bm25Settings settings, float weight);

  /// From now on scores are multiples of `step`, at least 1 of them. Requires a step of
  /// score_step() over all terms that are added up.
  void round_to(float step);

  /// For `term_frequency` >= 1 occurrences in a chunk of `chunk_length` terms. At most max_score()
  /// and a step; grows with term_frequency and falls with chunk_length.
  float score(std::uint32_t term_frequency, std::uint32_t chunk_length) const;

  /// scores[i] is the score() that has saturations[i], to the same bits, at a fraction of the cost.
  /// Saturations are the same for all terms of a field, but for their settings. Of the same size.
  void score_all(std::span<const float> saturations, std::span<float> scores) const;

  /// No chunk scores more, before rounding.
  float max_score() const { return max_score_; }

  float weight() const { return weight_; }
  float idf() const { return idf_; }
  /// The share of max_score() that a chunk gets, 0 to 1.
  float saturation(std::uint32_t term_frequency, std::uint32_t chunk_length) const;
  /// saturations[i] is the saturation() of a chunk of lengths[i], to the same bits, at a fraction
  /// of the cost. Of the same size; lengths are whole numbers.
  void saturate_all(std::uint32_t term_frequency, std::span<const float> lengths,
                    std::span<float> saturations) const;

 private:
  float weight_;
  float idf_;
  float max_score_;      // weight * idf * (k1 + 1)
  float norm_constant_;  // k1 * (1 - b)
  float norm_per_term_;  // k1 * b / chunk_length_mean
  float step_ = 0;       // 0: not rounded.
  float rounder_ = 0;    // Adding it and taking it off rounds to the step.
};

/// The step that scores are rounded to, so that sums of them are exact: a power of two of which the
/// largest sum, `max_score_sum` of all terms together, is less than 2^23, in 24 bits of a float. A
/// sum then is the same in any order, and a search may add up and leave out in the order that
/// suits it. The error of a term's score is below 2^-22 of the largest sum.
float score_step(double max_score_sum);

}  // namespace saerok
