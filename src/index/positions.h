/// Where in its chunks a term stands: the positions that phrases need, beside a list of postings.
/// They cost three quarters of what the list costs, so only stems have them, and nobody reads them
/// but for chunks that hold all words of a phrase.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "index/bit_packing.h"
#include "index/postings.h"

namespace saerok {

/// Positions of one chunk that a reader gives at most: far above any chunk's length, so that a
/// damaged frequency cannot ask for gigabytes.
constexpr std::uint32_t kPositionsMax = 1'048'576;

/// Appends the positions of a term: `positions` are those of all its chunks one after the other, as
/// many a chunk as `frequencies` says, ascending within it.
void write_positions(std::span<const std::uint32_t> frequencies,
                     std::span<const std::uint32_t> positions, ByteWriter& out);

/// Where a term's positions lie. `bytes` are the section's, with kUnpackSlack readable bytes
/// behind.
struct PositionList {
  std::span<const std::byte> bytes;
  std::uint64_t location = 0;  ///< In `bytes`; of a term that occurs once, its position.
  std::uint32_t posting_count = 0;
};

/// How many bytes from its location a list is known to take by the first `known` of them: its
/// beginning for 0, then its table too, then all. `known` again where that is all of it, or the
/// bytes make no sense.
std::uint64_t extent_of_positions(const PositionList& list, std::uint64_t known);

/// Reads positions of single chunks. Any bytes are safe: damaged ones give wrong numbers or none.
class PositionReader {
 public:
  explicit PositionReader(const PositionList& list);

  /// Replaces `positions` by those of the chunk that `cursor` stands on, ascending. `cursor` walks
  /// the postings of the same term and is not at its end.
  void read(PostingCursor& cursor, std::vector<std::uint32_t>& positions);

 private:
  std::uint32_t occurrences_before(std::uint32_t posting_block) const;
  bool decode(std::uint32_t block);

  PositionList list_;
  std::uint32_t posting_blocks_ = 0;
  std::uint64_t total_ = 0;      // Occurrences in all chunks; 0: nothing can be read.
  std::uint64_t directory_ = 0;  // Where the table of position blocks begins.
  std::uint64_t data_ = 0;
  std::uint32_t decoded_ = UINT32_MAX;  // The block in values_.
  std::array<std::uint32_t, kPackedBlockCount> values_;
};

}  // namespace saerok
