#include "search/chunk_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/random.h"

namespace saerok {
namespace {

/// Each chunk below `chunk_count` with this chance; with runs of close and of far ones.
ChunkList random_chunks(Random& random, std::uint32_t chunk_count, double chance) {
  ChunkList chunks;
  for (std::uint32_t chunk = 0; chunk < chunk_count; ++chunk) {
    if (random.chance(0.001)) chunk += static_cast<std::uint32_t>(random.below(3'000));
    if (chunk < chunk_count && random.chance(chance)) chunks.push_back(chunk);
  }
  return chunks;
}

struct StoredList {
  std::vector<std::byte> bytes;
  PostingBlocks blocks;

  StoredList(const ChunkList& chunks, std::uint32_t chunk_count) {
    const std::vector<std::uint32_t> frequencies(chunks.size(), 1);
    const std::vector<std::uint8_t> codes(chunk_count, 9);
    ByteWriter out;
    write_postings(chunks, frequencies, codes, out);
    bytes = out.take();
    bytes.resize(bytes.size() + kUnpackSlack);
    blocks = PostingBlocks({std::span(bytes).first(bytes.size() - kUnpackSlack), 0,
                            static_cast<std::uint32_t>(chunks.size()), chunk_count});
  }
};

TEST(ChunkList, WhatAListHoldsIsTheObviousIntersection) {
  const std::uint64_t seed = 31;
  SCOPED_TRACE(seed);
  Random random(seed);
  constexpr std::uint32_t kChunks = 30'000;
  const double chances[] = {0.0002, 0.002, 0.02, 0.2, 0.6, 1};
  for (const double list_chance : chances) {
    for (const double chance : chances) {
      for (int round = 0; round < 5; ++round) {
        ChunkList held = random_chunks(random, kChunks, list_chance);
        while (held.size() < 2)
          held.push_back(static_cast<std::uint32_t>(held.size() + kChunks - 2));
        const StoredList list(held, kChunks);
        ASSERT_EQ(chunks_of(list.blocks), held);
        ChunkList chunks = random_chunks(random, kChunks, chance);
        ChunkList expected;
        std::set_intersection(chunks.begin(), chunks.end(), held.begin(), held.end(),
                              std::back_inserter(expected));
        keep_held(list.blocks, chunks);
        ASSERT_EQ(chunks, expected) << list_chance << ' ' << chance;
      }
    }
  }
}

TEST(ChunkList, NothingIsKeptOfAnEmptyList) {
  ChunkList chunks = {1, 5, 9};
  keep_held(PostingBlocks(), chunks);
  EXPECT_TRUE(chunks.empty());
  EXPECT_TRUE(chunks_of(PostingBlocks()).empty());
}

TEST(ChunkList, MergedHasEachChunkOnce) {
  EXPECT_EQ(merged({1, 4, 6}, {2, 4, 9}), (ChunkList{1, 2, 4, 6, 9}));
  EXPECT_EQ(merged({}, {3}), ChunkList{3});
}

}  // namespace
}  // namespace saerok
