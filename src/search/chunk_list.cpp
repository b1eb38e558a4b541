#include "search/chunk_list.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace saerok {
namespace {

/// So many chunks at most are looked up in a block one by one.
constexpr std::ptrdiff_t kLookedUpMax = 16;
/// A block of more chunks of the segment than these has no marks.
constexpr std::uint32_t kSpanMax = 8'192;

/// Writes those of chunks[begin, end) that the block holds to `out` and returns behind the last.
std::uint32_t* look_up(const DecodedBlock& block, const std::uint32_t* begin,
                       const std::uint32_t* end, std::uint32_t* out) {
  std::uint32_t place = 0;
  for (; begin != end; ++begin) {
    const std::uint32_t chunk = *begin;
    place = block.place_reaching(chunk, place);
    if (place == block.count()) break;
    *out = chunk;
    out += block.chunk(place) == chunk ? 1 : 0;
  }
  return out;
}

/// A byte, 0 or 1, for each chunk of a block's span.
using Marks = std::array<std::uint8_t, kSpanMax>;

/// The same by marks of the chunks: a test a posting, and no branch that depends on it, since which
/// of two lists comes next nobody can predict. `marks` are all 0, and are again.
std::uint32_t* compare_marks(const DecodedBlock& block, const std::uint32_t* begin,
                             const std::uint32_t* end, Marks& marks, std::uint32_t* out) {
  const std::uint32_t first = block.chunk(0);
  while (begin != end && *begin < first) ++begin;
  while (begin != end && *(end - 1) > block.last_chunk()) --end;
  for (const std::uint32_t* at = begin; at != end; ++at) marks[*at - first] = 1;
  // Not to `out` at once, behind which there are chunks still to come.
  std::array<std::uint32_t, kPostingBlock + 1> held;
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < block.count(); ++i) {
    const std::uint32_t chunk = block.chunk(i);
    held[count] = chunk;
    count += marks[chunk - first];
  }
  for (const std::uint32_t* at = begin; at != end; ++at) marks[*at - first] = 0;
  return std::copy_n(held.begin(), count, out);
}

std::uint32_t* keep_in_block(const DecodedBlock& block, const std::uint32_t* begin,
                             const std::uint32_t* end, Marks& marks, std::uint32_t* out) {
  const bool is_wide = block.last_chunk() - block.chunk(0) >= kSpanMax;
  if (is_wide || end - begin <= kLookedUpMax) return look_up(block, begin, end, out);
  return compare_marks(block, begin, end, marks, out);
}

}  // namespace

ChunkList chunks_of(const PostingBlocks& blocks) {
  ChunkList chunks;
  chunks.reserve(std::size_t{blocks.count()} * kPostingBlock);
  DecodedBlock decoded;
  std::uint32_t least = 0;
  for (std::uint32_t block = 0; block < blocks.count(); ++block) {
    blocks.decode(block, least, decoded);
    if (decoded.empty()) continue;
    least = decoded.last_chunk() + 1;
    chunks.insert(chunks.end(), decoded.chunks(), decoded.chunks() + decoded.count());
  }
  return chunks;
}

void keep_held(const PostingBlocks& blocks, ChunkList& chunks) {
  DecodedBlock decoded;
  Marks marks{};
  const std::uint32_t* at = chunks.data();
  const std::uint32_t* const end = at + chunks.size();
  std::uint32_t* kept = chunks.data();  // Never beyond `at`.
  std::uint32_t block = 0, least = 0;
  while (at != end) {
    block = blocks.block_reaching(*at, block);
    if (block == blocks.count()) break;
    const std::uint32_t last = blocks.last_chunk(block);
    const std::uint32_t* const begin = at;
    while (at != end && *at <= last) ++at;
    blocks.decode(block, least, decoded);
    if (!decoded.empty()) {
      least = decoded.last_chunk() + 1;
      kept = keep_in_block(decoded, begin, at, marks, kept);
    }
    ++block;
  }
  chunks.resize(static_cast<std::size_t>(kept - chunks.data()));
}

ChunkList merged(const ChunkList& a, const ChunkList& b) {
  ChunkList all;
  all.reserve(a.size() + b.size());
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

}  // namespace saerok
