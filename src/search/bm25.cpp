#include "search/bm25.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/float_lanes.h"

namespace saerok {

Bm25Term::Bm25Term(const TermStats& stats, Bm25Settings settings, float weight) : weight_(weight) {
  ASSERT(stats.chunk_length_mean > 0);
  // A chunk that is counted twice for a moment (in a segment and in its merger) must not turn the
  // idf negative.
  const auto frequency = static_cast<double>(std::max<std::uint64_t>(stats.document_frequency, 1));
  const auto count = std::max(frequency, static_cast<double>(stats.chunk_count));
  idf_ = static_cast<float>(std::log1p((count - frequency + 0.5) / (frequency + 0.5)));
  max_score_ = weight * idf_ * (settings.k1 + 1);
  norm_constant_ = settings.k1 * (1 - settings.b);
  norm_per_term_ = settings.k1 * settings.b / stats.chunk_length_mean;
}

float Bm25Term::saturation(std::uint32_t term_frequency, std::uint32_t chunk_length) const {
  const auto frequency = static_cast<float>(term_frequency);
  const float norm = norm_constant_ + norm_per_term_ * static_cast<float>(chunk_length);
  return frequency / (frequency + norm);
}

void Bm25Term::saturate_all(std::uint32_t term_frequency, std::span<const float> lengths,
                            std::span<float> saturations) const {
  const FloatLanes frequency = lanes_of(static_cast<float>(term_frequency));
  for_each_lanes(lengths, saturations, [&](FloatLanes length) {
    const FloatLanes norm = norm_constant_ + norm_per_term_ * length;
    return frequency / (frequency + norm);
  });
}

void Bm25Term::round_to(float step) {
  step_ = step;
  constexpr float kMantissa = 8'388'608;  // 2^23: above it floats are whole numbers.
  rounder_ = kMantissa * 1.5f * step;
}

float score_step(double max_score_sum) {
  constexpr int kBits = 22;          // One bit of room for what rounding up adds.
  constexpr int kExponentMin = -90;  // The rounder and all sums stay far from denormal numbers.
  int exponent = kExponentMin;
  if (max_score_sum > 0) std::frexp(max_score_sum, &exponent);
  return std::ldexp(1.0f, std::max(exponent, kExponentMin) - kBits);
}

// Out of line, as the header's users must all get the same bits: a compiler that may contract
// a * b + c into one rounding could do so in one place and not in another.
float Bm25Term::score(std::uint32_t term_frequency, std::uint32_t chunk_length) const {
  const float score = max_score_ * saturation(term_frequency, chunk_length);
  return std::max(step_, (score + rounder_) - rounder_);
}

void Bm25Term::score_all(std::span<const float> saturations, std::span<float> scores) const {
  const FloatLanes step = lanes_of(step_), rounder = lanes_of(rounder_);
  for_each_lanes(saturations, scores, [&](FloatLanes saturation) {
    const FloatLanes score = (max_score_ * saturation + rounder) - rounder;
    return step < score ? score : step;
  });
}

}  // namespace saerok
