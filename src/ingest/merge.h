/// Which segments become one. Plain values in, plain values out: the policy is tested without
/// files.
///
/// Small segments pile up with every run of `index`; a search visits each. Segments of one kind are
/// put into classes by size, factor kMergeFactor apart; a class that fills up becomes one segment
/// of the next. A segment of which much is deleted is rewritten alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "saerok/storage.h"

namespace saerok {

constexpr std::size_t kMergeFactor = 8;
/// A segment with more deleted than this share is rewritten: deleted chunks still count in term
/// statistics, and cost reading.
constexpr double kDeletedShareMax = 0.3;
/// Segments of more chunks are merged with nothing, to bound the memory of a merge.
constexpr std::uint32_t kMergedChunksMax = 500'000;

/// Groups of segments, all of one kind, each to become one. A segment is in at most one group.
std::vector<std::vector<SegmentRecord>> plan_merges(const Manifest& manifest);

}  // namespace saerok
