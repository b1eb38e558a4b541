#include "backend/vector_tiers.h"

#include <algorithm>
#include <utility>

namespace saerok {

Result<VectorPart> open_vectors(const Directory& directory, const SegmentRecord& record,
                                std::span<const ChunkId> deleted) {
  const auto file = TRY(directory.open(record.file));
  VectorPart part;
  part.id = record.id;
  part.segment = TRY(VectorSegment::open(file));
  const auto ids = part.segment->chunk_ids();
  part.live_count = ids.size();
  if (deleted.empty()) return part;
  part.live.assign(ids.size(), 1);
  for (const ChunkId chunk : deleted) {
    const auto at = std::lower_bound(ids.begin(), ids.end(), static_cast<std::uint64_t>(chunk));
    if (at == ids.end() || *at != static_cast<std::uint64_t>(chunk)) continue;
    std::uint8_t& live = part.live[static_cast<std::size_t>(at - ids.begin())];
    part.live_count -= live;
    live = 0;
  }
  return part;
}

std::uint64_t count_live(std::span<const VectorPart> parts) {
  std::uint64_t total = 0;
  for (const VectorPart& part : parts) total += part.live_count;
  return total;
}

Status scan_vectors(std::span<const VectorPart> parts, std::span<const float> query,
                    const std::optional<std::vector<std::uint64_t>>& allowed,
                    const CallContext& call, std::vector<VectorMatch>& out) {
  for (const VectorPart& part : parts) {
    if (!allowed) {
      TRY(part.segment->scan(query, part.live, call, out));
      continue;
    }
    const auto ids = part.segment->chunk_ids();
    std::vector<std::uint8_t> passes(ids.size(), 0);
    auto next = allowed->begin();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      next = std::lower_bound(next, allowed->end(), ids[i]);
      if (next == allowed->end()) break;
      const bool is_live = part.live.empty() || part.live[i] != 0;
      passes[i] = *next == ids[i] && is_live ? 1 : 0;
    }
    TRY(part.segment->scan(query, passes, call, out));
  }
  return {};
}

Status scan_one(std::span<const VectorPart> parts, std::span<const float> query, ChunkId chunk,
                std::vector<VectorMatch>& out) {
  for (const VectorPart& part : parts) {
    const auto ids = part.segment->chunk_ids();
    const auto id = static_cast<std::uint64_t>(chunk);
    const auto at = std::lower_bound(ids.begin(), ids.end(), id);
    if (at == ids.end() || *at != id) continue;
    const auto index = static_cast<std::size_t>(at - ids.begin());
    if (!part.live.empty() && part.live[index] == 0) continue;
    std::vector<std::uint8_t> passes(ids.size(), 0);
    passes[index] = 1;
    TRY(part.segment->scan(query, passes, CallContext{}, out));
  }
  return {};
}

std::vector<JoinedMatch> join_matches(std::vector<VectorMatch> chunk_matches,
                                      std::vector<VectorMatch> window_matches) {
  const auto by_chunk = [](const VectorMatch& a, const VectorMatch& b) {
    return a.chunk < b.chunk;
  };
  if (!std::is_sorted(chunk_matches.begin(), chunk_matches.end(), by_chunk)) {
    std::sort(chunk_matches.begin(), chunk_matches.end(), by_chunk);
  }
  if (!std::is_sorted(window_matches.begin(), window_matches.end(), by_chunk)) {
    std::sort(window_matches.begin(), window_matches.end(), by_chunk);
  }
  std::vector<JoinedMatch> joined;
  joined.reserve(chunk_matches.size());
  std::size_t w = 0;
  for (const VectorMatch& match : chunk_matches) {
    JoinedMatch row{match.chunk, {match.similarity, match.similarity, false}, {}};
    while (w < window_matches.size() && window_matches[w].chunk < match.chunk) ++w;
    if (w < window_matches.size() && window_matches[w].chunk == match.chunk) {
      row.parts.window_similarity = window_matches[w].similarity;
      row.parts.has_window = true;
      row.window = window_matches[w].window;
    }
    joined.push_back(row);
  }
  return joined;
}

}  // namespace saerok
