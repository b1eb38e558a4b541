/// A vector segment: an immutable plane of unit vectors, several a chunk if it holds windows, scanned
/// exactly. Rows are 8-bit integers with a scale each (round-trip error of a dot product about .2 %
/// at 384 dimensions); any dimension from 1 to kDimensionMax.
///
/// What this is not: an approximate index. Lists and graphs come behind the same nearest().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/storage.h"
#include "saerok/types.h"

namespace saerok {

constexpr std::uint32_t kDimensionMax = 16'384;

/// Builds one vector segment. Chunks come in ascending ChunkId order, all rows of a chunk in one call.
class VectorSegmentBuilder {
 public:
  VectorSegmentBuilder(VectorTier tier, std::uint32_t dimension);

  /// `rows` is [windows.size() × dimension]; rows are scaled to length 1. For tier chunk exactly
  /// one row with an empty window. A chunk may have no row (nothing to embed): it counts as held.
  void add(ChunkId chunk, std::span<const Window> windows, std::span<const float> rows);

  std::size_t chunk_count() const { return chunks_.size(); }
  std::size_t memory_size() const;
  std::span<const ChunkId> chunks() const { return chunks_; }

  /// Appends live rows of another segment of the same tier, fingerprint and dimension (merging).
  /// `fingerprint` is the embedder's. The builder is empty afterwards.
  std::vector<std::byte> finish(std::string_view fingerprint);

 private:
  friend class VectorSegment;
  VectorTier tier_;
  std::uint32_t dimension_;
  std::vector<ChunkId> chunks_;
  std::vector<std::uint32_t> row_starts_;  // Of each chunk; one more than chunks at finish().
  std::vector<Window> windows_;
  std::vector<float> scales_;
  std::vector<std::int8_t> codes_;
};

/// The best row of a chunk for one query.
struct VectorMatch {
  ChunkId chunk{};
  float similarity = 0;  ///< Dot product with the query, -1 to 1.
  Window window;         ///< Empty for tier chunk.
};

/// Reads one vector segment. Immutable, safe from several threads.
class VectorSegment {
 public:
  static Result<std::shared_ptr<const VectorSegment>> open(std::shared_ptr<const FileBytes> file);
  ~VectorSegment();

  VectorTier tier() const;
  std::uint32_t dimension() const;
  std::string_view fingerprint() const;
  std::uint32_t row_count() const;
  std::span<const std::uint64_t> chunk_ids() const;  ///< Ascending.

  /// Appends, for every chunk that `passes`, its best row. `query` has dimension() components.
  /// `passes` is parallel to chunk_ids(); empty means all. Checks `call` once a few thousand rows.
  Status scan(std::span<const float> query, std::span<const std::uint8_t> passes,
              const CallContext& call, std::vector<VectorMatch>& out) const;

  /// Copies the rows of the chunks that `passes` into a builder, without loss.
  void copy_into(std::span<const std::uint8_t> passes, VectorSegmentBuilder& builder) const;

 private:
  struct Impl;
  explicit VectorSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace saerok
