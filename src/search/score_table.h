/// A term's scores by frequency and length code, computed once a query where the term is frequent.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "index/length_code.h"
#include "index/segment.h"
#include "search/scored_terms.h"

namespace saerok {

/// Frequencies from 1 on with a row of their own; more are rare.
constexpr std::uint32_t kScoreRows = 4;
constexpr std::size_t kLengthCodes = 256;

/// The saturations of the fields that a query has terms in, by frequency and length code: what the
/// tables of a field's terms differ from by a factor.
class SaturationTables {
 public:
  std::span<const float> of(const ScoredTerm& term) {
    std::vector<float>& table = tables_[static_cast<std::size_t>(term.term->field)];
    if (!table.empty()) return table;
    table.resize(kScoreRows * kLengthCodes);
    for (std::uint32_t row = 0; row < kScoreRows; ++row) {
      term.scorer.saturate_all(row + 1, kLengths,
                               std::span(table).subspan(row * kLengthCodes, kLengthCodes));
    }
    return table;
  }

 private:
  /// By code. Whole numbers of four bits' precision, which a float holds as they are.
  static constexpr std::array<float, kLengthCodes> kLengths = [] {
    std::array<float, kLengthCodes> lengths{};
    for (std::size_t code = 0; code < kLengthCodes; ++code) {
      lengths[code] = static_cast<float>(decode_length_code(static_cast<std::uint8_t>(code)));
    }
    return lengths;
  }();

  std::array<std::vector<float>, kIndexFieldCount> tables_;
};

class ScoreTable {
 public:
  ScoreTable(const ScoredTerm& term, SaturationTables& saturations) : scorer_(term.scorer) {
    // Terms of fewer chunks are scored one by one: filling a table would cost more.
    constexpr std::uint64_t kFrequencyMin = 256;
    std::uint64_t held = 0;
    for (const Segment::TermRef& place : term.places) held += place.document_frequency;
    if (held < kFrequencyMin) return;
    const std::span<const float> table = saturations.of(term);
    scores_.resize(table.size());
    scorer_.score_all(table, scores_);
  }

  /// The scores of frequencies 1 to kScoreRows, a row of kLengthCodes each; null: not filled.
  const float* rows() const { return scores_.empty() ? nullptr : scores_.data(); }

  float score(std::uint32_t frequency, std::uint8_t length_code) const {
    if (frequency > kScoreRows || scores_.empty()) {
      return scorer_.score(frequency, Segment::length_of_code(length_code));
    }
    return scores_[(frequency - 1) * kLengthCodes + length_code];
  }

 private:
  Bm25Term scorer_;
  std::vector<float> scores_;
};

}  // namespace saerok
