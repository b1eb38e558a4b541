#include "ingest/merge.h"

#include <algorithm>
#include <map>
#include <utility>

namespace saerok {
namespace {

unsigned size_class(std::uint32_t chunk_count) {
  // All tiny segments are one class: eight runs of one changed note each are worth one merge.
  constexpr std::uint32_t kSmallest = 1'000;
  unsigned result = 0;
  for (std::uint64_t limit = kSmallest; chunk_count > limit; limit *= kMergeFactor) ++result;
  return result;
}

}  // namespace

std::vector<std::vector<SegmentRecord>> plan_merges(const Manifest& manifest) {
  std::map<SegmentId, std::size_t> deleted;
  for (const SegmentTombstones& tombstones : manifest.tombstones) {
    deleted[tombstones.segment] = tombstones.chunks.size();
  }
  std::map<std::pair<SegmentKind, unsigned>, std::vector<SegmentRecord>> classes;
  std::vector<std::vector<SegmentRecord>> groups;
  for (const SegmentRecord& segment : manifest.segments) {
    const auto gone = static_cast<double>(deleted[segment.id]);
    const bool is_worn = gone > kDeletedShareMax * static_cast<double>(segment.chunk_count);
    if (is_worn && gone > 0) {
      groups.push_back({segment});
    } else if (segment.chunk_count <= kMergedChunksMax / kMergeFactor) {
      classes[{segment.kind, size_class(segment.chunk_count)}].push_back(segment);
    }
  }
  for (auto& [key, segments] : classes) {
    if (segments.size() >= kMergeFactor) groups.push_back(std::move(segments));
  }
  return groups;
}

}  // namespace saerok
