#include "models/precision_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace saerok {
namespace {

// A batch as indexing makes them, and enough of them to see past a hiccup.
constexpr std::uint32_t kTexts = 8;
constexpr std::uint32_t kLength = 64;
constexpr int kRuns = 8;

/// The batch, the same each time: small numbers of both signs, as hidden states are.
struct Batch {
  explicit Batch(std::uint32_t hidden)
      : states(std::size_t{kTexts} * kLength * hidden),
        weights(std::size_t{kTexts} * kLength, 1.0f / kLength),
        lengths(kTexts, kLength),
        rows(std::size_t{kTexts} * hidden) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      states[i] = std::sin(static_cast<float>(i % 1'009));
    }
  }
  EncoderBatch view() {
    return {.texts = kTexts,
            .length = kLength,
            .states = states,
            .weights = weights,
            .lengths = lengths};
  }

  std::vector<float> states, weights;
  std::vector<std::uint32_t> lengths;
  std::vector<float> rows;
};

/// The least time of a batch; nothing where it cannot be computed or the time is up.
std::optional<std::int64_t> time_batch(const EncoderModule& module,
                                       const EncoderGraphRequest& request, const ClockNs& clock,
                                       std::int64_t until) {
  const auto graph = module.make_graph(request);
  if (!graph) return std::nullopt;
  const auto lane = (*graph)->make_lane();
  Batch batch(request.shape.hidden);
  if (!lane->compute(batch.view(), batch.rows)) return std::nullopt;  // Prepares for the lengths.
  std::optional<std::int64_t> best;
  for (int run = 0; run < kRuns && clock() < until; ++run) {
    const std::int64_t began = clock();
    if (!lane->compute(batch.view(), batch.rows)) return std::nullopt;
    const std::int64_t took = clock() - began;
    best = std::min(best.value_or(std::numeric_limits<std::int64_t>::max()), took);
  }
  return best;
}

}  // namespace

EncoderPrecision measure_precisions(const EncoderModule& module, EncoderGraphRequest encoder,
                                    const ClockNs& clock) {
  const std::vector<EncoderPrecision> candidates = module.eligible();
  const EncoderPrecision expected = module.choose();
  encoder.shape.layers = 1;
  encoder.threads = 1;
  const std::int64_t until = clock() + kMeasureNsMax;
  std::optional<std::int64_t> expected_ns;
  std::pair best{expected, std::numeric_limits<std::int64_t>::max()};
  for (const EncoderPrecision precision : candidates) {
    if (clock() >= until) break;
    encoder.precision = precision;
    const auto took = time_batch(module, encoder, clock, until);
    if (!took) continue;
    if (precision == expected) expected_ns = *took;
    if (*took < best.second) best = {precision, *took};
  }
  if (!expected_ns) return expected;
  const bool is_faster =
      static_cast<double>(best.second) * kFasterBy < static_cast<double>(*expected_ns);
  return is_faster ? best.first : expected;
}

}  // namespace saerok
