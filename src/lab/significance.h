/// Is a difference real? Paired randomisation, bootstrap intervals and Holm's correction over
/// per-topic values. Deterministic for a seed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace saerok::lab {

struct Interval {
  double low = 0;
  double high = 0;
};

struct ResamplingSettings {
  std::uint64_t seed = 1;
  std::uint32_t rounds = 10'000;
  double confidence = 0.95;
};

/// Two-sided p-value that a and b are exchangeable, by swapping signs of the differences: exactly
/// over all 2^n where that is at most `rounds`, else (1 + as extreme) / (1 + rounds) over random
/// ones. Requires a.size() == b.size(). 1 where nothing differs.
double paired_randomisation(std::span<const double> a, std::span<const double> b,
                            const ResamplingSettings& settings);

/// Percentile bootstrap of the mean. Requires values not to be empty.
Interval bootstrap_mean(std::span<const double> values, const ResamplingSettings& settings);

/// Holm's step-down: p-values corrected for having made them all, in the order given, at most 1.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace saerok::lab
