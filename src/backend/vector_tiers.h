/// Exact search by vectors over several segments and both tiers: a chunk's own vector, and those of
/// its windows. Knows vectors and chunks; no plan and no filter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "index/vector_segment.h"
#include "saerok/storage.h"
#include "search/backend.h"

namespace saerok {

struct VectorPart {
  SegmentId id{};
  std::shared_ptr<const VectorSegment> segment;
  std::vector<std::uint8_t> live;  ///< Parallel to chunk_ids(); empty: all.
  std::uint64_t live_count = 0;
};

/// Errors: as Directory::open and VectorSegment::open.
Result<VectorPart> open_vectors(const Directory& directory, const SegmentRecord& record,
                                std::span<const ChunkId> deleted);

std::uint64_t count_live(std::span<const VectorPart> parts);

/// Appends the best row of every live chunk, or of those in `allowed`, which ascends.
/// Errors: as VectorSegment::scan.
Status scan_vectors(std::span<const VectorPart> parts, std::span<const float> query,
                    const std::optional<std::vector<std::uint64_t>>& allowed,
                    const CallContext& call, std::vector<VectorMatch>& out);

/// The same of one chunk.
Status scan_one(std::span<const VectorPart> parts, std::span<const float> query, ChunkId chunk,
                std::vector<VectorMatch>& out);

/// One chunk's similarities, of both tiers.
struct JoinedMatch {
  ChunkId chunk{};
  VectorScoreParts parts;
  Window window;
};

/// Every chunk with a vector of its own, in ascending order, with its best window.
std::vector<JoinedMatch> join_matches(std::vector<VectorMatch> chunk_matches,
                                      std::vector<VectorMatch> window_matches);

}  // namespace saerok
