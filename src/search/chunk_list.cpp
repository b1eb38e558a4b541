#include "search/chunk_list.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace saerok {
namespace {

/// So many chunks at most are looked up in a block one by one.
constexpr std::ptrdiff_t kLookedUpMax = 8;
/// A block of more chunks of the segment than these is never compared by bits.
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

/// The same by bits of the chunks: a test a posting, and no branch that depends on it, since which
/// of two lists comes next nobody can predict.
std::uint32_t* compare_bits(const DecodedBlock& block, const std::uint32_t* begin,
                            const std::uint32_t* end, std::uint32_t* out) {
  constexpr std::uint32_t kWordBits = 64;
  std::array<std::uint64_t, kSpanMax / kWordBits> bits;
  const std::uint32_t first = block.chunk(0);
  const std::uint32_t span = block.last_chunk() - first + 1;
  std::fill_n(bits.begin(), span / kWordBits + 1, 0);
  while (begin != end && *begin < first) ++begin;
  for (; begin != end; ++begin) {
    const std::uint32_t place = *begin - first;
    if (place >= span) break;
    bits[place / kWordBits] |= std::uint64_t{1} << place % kWordBits;
  }
  // Not to `out` at once, behind which there are chunks still to come.
  std::array<std::uint32_t, kPostingBlock + 1> held;
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < block.count(); ++i) {
    const std::uint32_t place = block.chunk(i) - first;
    held[count] = block.chunk(i);
    count += bits[place / kWordBits] >> place % kWordBits & 1;
  }
  return std::copy_n(held.begin(), count, out);
}

std::uint32_t* keep_in_block(const DecodedBlock& block, const std::uint32_t* begin,
                             const std::uint32_t* end, std::uint32_t* out) {
  const bool is_wide = block.last_chunk() - block.chunk(0) >= kSpanMax - 64;
  if (is_wide || end - begin <= kLookedUpMax) return look_up(block, begin, end, out);
  return compare_bits(block, begin, end, out);
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
      kept = keep_in_block(decoded, begin, at, kept);
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
