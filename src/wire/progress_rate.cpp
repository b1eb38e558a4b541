#include "wire/progress_rate.h"

namespace saerok {
namespace {

/// Before it a stage warms up: a graph is compiled, a first batch is not representative.
constexpr double kSecondsMin = 1;

}  // namespace

ProgressRate rate_of(const Progress& progress) {
  ProgressRate rate;
  if (progress.seconds < kSecondsMin) return rate;
  if (progress.tokens > 0) {
    rate.tokens_per_s = static_cast<double>(progress.tokens) / progress.seconds;
  }
  if (progress.done > 0 && progress.total >= progress.done) {
    rate.seconds_left = progress.seconds * static_cast<double>(progress.total - progress.done) /
                        static_cast<double>(progress.done);
  }
  return rate;
}

}  // namespace saerok
