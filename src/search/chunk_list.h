/// Chunks of a segment as an ascending list: what conditions are worked out with where few chunks
/// meet them. Knows postings, no query.
#pragma once

#include <cstdint>
#include <vector>

#include "index/postings.h"

namespace saerok {

/// LocalId values, ascending, each once.
using ChunkList = std::vector<std::uint32_t>;

/// All chunks of a list.
ChunkList chunks_of(const PostingBlocks& blocks);

/// Takes away the chunks that the list does not hold; blocks without any of them are not decoded.
void keep_held(const PostingBlocks& blocks, ChunkList& chunks);

/// The chunks of both.
ChunkList merged(const ChunkList& a, const ChunkList& b);

}  // namespace saerok
