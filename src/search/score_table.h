/// A term's scores by frequency and length code, computed once a query where the term is frequent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/segment.h"
#include "search/scored_terms.h"

namespace saerok {

class ScoreTable {
 public:
  /// Frequencies from 1 on with a row of their own; more are rare.
  static constexpr std::uint32_t kRows = 4;
  static constexpr std::size_t kLengthCodes = 256;

  explicit ScoreTable(const ScoredTerm& term) : scorer_(term.scorer) {
    // Terms of fewer chunks are scored one by one: filling a table would cost more.
    constexpr std::uint64_t kFrequencyMin = 512;
    std::uint64_t held = 0;
    for (const Segment::TermRef& place : term.places) held += place.document_frequency;
    if (held < kFrequencyMin) return;
    scores_.resize(kRows * kLengthCodes);
    for (std::uint32_t row = 0; row < kRows; ++row) {
      scorer_.score_all(row + 1, lengths_of_codes(),
                        std::span(scores_).subspan(row * kLengthCodes, kLengthCodes));
    }
  }

  /// The scores of frequencies 1 to kRows, a row each; null: not filled.
  const float* rows() const { return scores_.empty() ? nullptr : scores_.data(); }

  float score(std::uint32_t frequency, std::uint8_t length_code) const {
    if (frequency > kRows || scores_.empty()) {
      return scorer_.score(frequency, Segment::length_of_code(length_code));
    }
    return scores_[(frequency - 1) * kLengthCodes + length_code];
  }

 private:
  static std::span<const std::uint32_t> lengths_of_codes() {
    static const std::vector<std::uint32_t> kLengths = [] {
      std::vector<std::uint32_t> lengths;
      for (std::size_t code = 0; code < kLengthCodes; ++code) {
        lengths.push_back(Segment::length_of_code(static_cast<std::uint8_t>(code)));
      }
      return lengths;
    }();
    return kLengths;
  }

  Bm25Term scorer_;
  std::vector<float> scores_;
};

}  // namespace saerok
