#include "lab/significance.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/assert.h"
#include "base/random.h"

namespace saerok::lab {
namespace {

/// Sums of the same numbers in another order differ in their last bits and are yet equal.
constexpr double kEqualShare = 1e-9;

/// The differences that are not 0; the others cannot change any sum.
std::vector<double> differences(std::span<const double> a, std::span<const double> b) {
  std::vector<double> values;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) values.push_back(a[i] - b[i]);
  }
  return values;
}

/// How far from 0 a sum of randomly signed differences must be to be as extreme as theirs.
double threshold(const std::vector<double>& values) {
  double sum = 0;
  double size = 0;
  for (const double value : values) {
    sum += value;
    size += std::abs(value);
  }
  return std::abs(sum) - size * kEqualShare;
}

/// Goes through the signs in Gray code, so that one of them changes at a time.
double exact_share(const std::vector<double>& values) {
  const double extreme = threshold(values);
  std::vector<double> terms = values;
  const std::uint64_t all = std::uint64_t{1} << values.size();
  std::uint64_t as_extreme = 0;
  double sum = std::accumulate(terms.begin(), terms.end(), 0.0);
  for (std::uint64_t i = 1; i <= all; ++i) {
    if (std::abs(sum) >= extreme) ++as_extreme;
    if (i == all) break;
    const auto changed = static_cast<std::size_t>(std::countr_zero(i));
    sum -= 2 * terms[changed];
    terms[changed] = -terms[changed];
  }
  return static_cast<double>(as_extreme) / static_cast<double>(all);
}

double sampled_share(const std::vector<double>& values, const ResamplingSettings& settings) {
  const double extreme = threshold(values);
  Random random(settings.seed);
  std::uint64_t as_extreme = 0;
  for (std::uint32_t round = 0; round < settings.rounds; ++round) {
    double sum = 0;
    std::uint64_t signs = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % 64 == 0) signs = random.next();
      sum += (signs & 1) != 0 ? values[i] : -values[i];
      signs >>= 1;
    }
    if (std::abs(sum) >= extreme) ++as_extreme;
  }
  return static_cast<double>(1 + as_extreme) / (1.0 + settings.rounds);
}

/// The value that `share` of the sorted ones lie below, between two neighbours in proportion.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto index = static_cast<std::size_t>(place);
  if (index + 1 >= sorted.size()) return sorted.back();
  const double part = place - static_cast<double>(index);
  return sorted[index] + part * (sorted[index + 1] - sorted[index]);
}

/// Two indices below `count` from one random number. Their bias is count / 2^32.
struct IndexPair {
  std::size_t first;
  std::size_t second;
};
IndexPair two_indices(Random& random, std::uint64_t count) {
  const std::uint64_t bits = random.next();
  return {static_cast<std::size_t>(((bits & 0xFFFF'FFFF) * count) >> 32),
          static_cast<std::size_t>(((bits >> 32) * count) >> 32)};
}

}  // namespace

double paired_randomisation(std::span<const double> a, std::span<const double> b,
                            const ResamplingSettings& settings) {
  ASSERT(a.size() == b.size());
  const std::vector<double> values = differences(a, b);
  if (values.empty()) return 1;
  const bool is_exact =
      values.size() < 32 && (std::uint64_t{1} << values.size()) <= settings.rounds;
  return is_exact ? exact_share(values) : sampled_share(values, settings);
}

Interval bootstrap_mean(std::span<const double> values, const ResamplingSettings& settings) {
  ASSERT(!values.empty() && values.size() < 0x1'0000'0000 && settings.rounds > 0);
  Random random(settings.seed);
  std::vector<double> means;
  means.reserve(settings.rounds);
  for (std::uint32_t round = 0; round < settings.rounds; ++round) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
      const auto [first, second] = two_indices(random, values.size());
      sum += values[first] + values[second];
    }
    if (values.size() % 2 != 0) sum += values[two_indices(random, values.size()).first];
    means.push_back(sum / static_cast<double>(values.size()));
  }
  std::sort(means.begin(), means.end());
  const double outside = (1 - settings.confidence) / 2;
  return {quantile(means, outside), quantile(means, 1 - outside)};
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> corrected(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double factor = static_cast<double>(p_values.size() - i);
    largest = std::max(largest, std::min(1.0, p_values[order[i]] * factor));
    corrected[order[i]] = largest;
  }
  return corrected;
}

}  // namespace saerok::lab
