#include "search/fusion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <unordered_map>

#include "base/assert.h"

namespace saerok {
namespace {

/// Of the whole list, not of a sample. Requires a list that is not empty.
double deviation_of(const RankedList& list) {
  const auto count = static_cast<double>(list.size());
  double mean = 0, square = 0;
  for (const Candidate& candidate : list) mean += static_cast<double>(candidate.score) / count;
  for (const Candidate& candidate : list) {
    const double distance = static_cast<double>(candidate.score) - mean;
    square += distance * distance / count;
  }
  return std::sqrt(square);
}

/// Sums what `normalise(part)` makes of each part, and sorts.
template <class Normalise>
std::vector<FusedCandidate> fuse(std::span<const WeightedList> lists, Normalise normalise) {
  std::vector<FusedCandidate> fused;
  std::unordered_map<std::uint64_t, std::size_t> index_of;
  for (std::size_t l = 0; l < lists.size(); ++l) {
    const RankedList& list = *lists[l].list;
    if (list.empty()) continue;
    const auto [lowest, highest] = std::minmax_element(
        list.begin(), list.end(),
        [](const Candidate& a, const Candidate& b) { return a.score < b.score; });
    const double deviation = deviation_of(list);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto [entry, is_new] =
          index_of.try_emplace(static_cast<std::uint64_t>(list[i].chunk), fused.size());
      if (is_new) fused.push_back({list[i].chunk, 0, {}, std::vector<FusionPart>(lists.size())});
      FusedCandidate& candidate = fused[entry->second];
      if (candidate.window == Window{}) candidate.window = list[i].window;
      FusionPart& part = candidate.parts[l];
      ASSERT(!part.is_present);
      part = {.is_present = true,
              .rank = static_cast<std::uint32_t>(i + 1),
              .score = static_cast<double>(list[i].score),
              .lowest = static_cast<double>(lowest->score),
              .highest = static_cast<double>(highest->score),
              .deviation = deviation};
      part.normalised = normalise(part);
      part.value = lists[l].weight * part.normalised;
      // Lists come one after the other, so the sum is in their order for every chunk.
      candidate.score += part.value;
    }
  }
  std::sort(fused.begin(), fused.end(), [](const FusedCandidate& a, const FusedCandidate& b) {
    return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
  });
  return fused;
}

}  // namespace

std::vector<FusedCandidate> fuse_weighted_sum(std::span<const WeightedList> lists,
                                              Normalisation normalisation) {
  return fuse(lists, [normalisation](const FusionPart& part) {
    const double range = part.highest - part.lowest;
    const double scale = normalisation == Normalisation::min_max ? range : part.deviation;
    return range > 0 && scale > 0 ? (part.score - part.lowest) / scale : 1.0;
  });
}

std::vector<FusedCandidate> fuse_reciprocal_ranks(std::span<const WeightedList> lists, double k) {
  ASSERT(k > 0);
  return fuse(lists, [k](const FusionPart& part) { return 1.0 / (k + part.rank); });
}

}  // namespace saerok
