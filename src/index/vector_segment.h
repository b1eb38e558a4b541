/// A vector segment: an immutable plane of unit vectors, several a chunk if it holds windows,
/// scanned exactly. Rows are 8-bit integers with a scale each (round-trip error of a dot product
/// about .2 % at 384 dimensions); any dimension from 1 to kDimensionMax.
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

/// Builds one vector segment. Each chunk comes once, all its rows in one call, in any order; in
/// ascending ChunkId order finish() need not sort.
class VectorSegmentBuilder {
 public:
  VectorSegmentBuilder(VectorTier tier, std::uint32_t dimension);

  /// `rows` is [windows.size() × dimension]; rows are scaled to length 1. For tier chunk exactly
  /// one row with an empty window. A chunk may have no row (nothing to embed): it counts as held.
  /// A row that has no direction (all zero, or not finite) is kept, with similarity 0 to anything.
  void add(ChunkId chunk, std::span<const Window> windows, std::span<const float> rows);

  std::size_t chunk_count() const { return chunks_.size(); }
  std::size_t memory_size() const;
  std::span<const ChunkId> chunks() const { return chunks_; }

  /// The segment as bytes of a file. `fingerprint` is the embedder's. Deterministic. Errors are
  /// none, but a chunk that came twice is a programmer's. The builder is empty afterwards.
  std::vector<std::byte> finish(std::string_view fingerprint);

 private:
  friend class VectorSegment;
  void sort_chunks();

  VectorTier tier_;
  std::uint32_t dimension_;
  std::vector<ChunkId> chunks_;
  std::vector<std::uint32_t> row_starts_{0};  // Of each chunk, and the end of the last.
  std::vector<Window> windows_;
  std::vector<float> scales_;
  std::vector<std::int8_t> codes_;  // [rows × row_stride(dimension)], as in the file.
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
  /// Checks the structure and the checksums of all but the codes, any of which are safe to read.
  /// Errors: corrupt; failed_precondition for a format from the future.
  static Result<std::shared_ptr<const VectorSegment>> open(std::shared_ptr<const FileBytes> file);
  ~VectorSegment();

  /// Compares all bytes with their checksums; reads the whole file. Errors: corrupt.
  Status verify() const;
  /// What scan() has read so far is what was written. Errors: corrupt. Cheap.
  Status check_read() const;

  VectorTier tier() const;
  std::uint32_t dimension() const;
  std::string_view fingerprint() const;
  std::uint32_t row_count() const;
  std::span<const std::uint64_t> chunk_ids() const;  ///< Ascending.

  /// Appends, for every chunk that `passes` and has rows, its best one (of equal ones the first),
  /// in ascending ChunkId order. `query` has dimension() components, length 1. `passes` is parallel
  /// to chunk_ids(); empty means all. Checks `call` once a few thousand rows.
  /// The codes are compared with their checksums when they are first read.
  /// Errors: invalid_argument for a query of another dimension or with components that are not
  /// finite; corrupt, whose results mean nothing; cancelled, deadline_exceeded.
  Status scan(std::span<const float> query, std::span<const std::uint8_t> passes,
              const CallContext& call, std::vector<VectorMatch>& out) const;

  /// Copies the rows of the chunks that `passes` (empty: all) into a builder, without loss.
  /// Requires the same tier and dimension, and no chunk that the builder has already.
  void copy_into(std::span<const std::uint8_t> passes, VectorSegmentBuilder& builder) const;

 private:
  struct Impl;
  explicit VectorSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace saerok
