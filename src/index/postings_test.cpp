#include "index/postings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"

namespace saerok {
namespace {

std::uint32_t number_below(Random& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random.below(bound));
}

struct Model {
  std::vector<std::uint32_t> chunks;
  std::vector<std::uint32_t> frequencies;
  std::uint32_t chunk_count = 0;
  std::vector<std::byte> bytes;

  PostingList list() const {
    return {std::span(bytes).first(bytes.size() - kUnpackSlack), 0,
            static_cast<std::uint32_t>(chunks.size()), chunk_count};
  }
};

Model random_list(Random& random, std::size_t count, std::uint32_t chunk_count) {
  Model model;
  std::set<std::uint32_t> chunks;
  while (chunks.size() < count) chunks.insert(number_below(random, chunk_count));
  model.chunks.assign(chunks.begin(), chunks.end());
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_many = random.next() % 50 == 0;
    model.frequencies.push_back(1 + number_below(random, is_many ? 1'000 : 3));
  }
  model.chunk_count = chunk_count;
  const std::vector<std::uint8_t> codes(chunk_count, 9);
  ByteWriter out;
  write_postings(model.chunks, model.frequencies, codes, out);
  model.bytes = out.take();
  model.bytes.resize(model.bytes.size() + kUnpackSlack);
  return model;
}

TEST(Postings, ListsOfEveryLengthComeBack) {
  Random random(11);
  for (const std::size_t count : {2u, 3u, 127u, 128u, 129u, 255u, 256u, 257u, 1'000u}) {
    const Model model = random_list(random, count, 5'000);
    std::vector<std::uint32_t> chunks;
    std::vector<std::uint32_t> frequencies;
    PostingCursor cursor(model.list());
    cursor.take_until(model.chunk_count, [&](std::uint32_t chunk, std::uint32_t frequency) {
      chunks.push_back(chunk);
      frequencies.push_back(frequency);
    });
    EXPECT_TRUE(cursor.at_end());
    ASSERT_EQ(chunks, model.chunks) << count;
    ASSERT_EQ(frequencies, model.frequencies) << count;
  }
}

TEST(Postings, RandomSkipsAndTakesAgreeWithASearchOfTheWholeList) {
  const std::uint32_t seed = 12;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t chunk_count = 3'000;
    const Model model = random_list(random, 2 + random.next() % 1'500, chunk_count);
    PostingCursor cursor(model.list());
    std::size_t at = 0;  // Of the model's next posting.
    for (std::uint32_t place = 0; place < chunk_count; place += number_below(random, 400)) {
      if (random.next() % 2 == 0) {
        cursor.skip_to(place);
        while (at < model.chunks.size() && model.chunks[at] < place) ++at;
      } else {
        cursor.take_until(place, [&](std::uint32_t chunk, std::uint32_t frequency) {
          ASSERT_EQ(chunk, model.chunks[at]);
          ASSERT_EQ(frequency, model.frequencies[at]);
          ++at;
        });
      }
      ASSERT_EQ(cursor.at_end(), at == model.chunks.size());
      if (!cursor.at_end()) {
        ASSERT_EQ(cursor.chunk(), model.chunks[at]);
      }
    }
  }
}

TEST(Postings, ASinglePostingNeedsNoBytes) {
  PostingCursor cursor({{}, inline_posting(17, 3), 1, 18});
  ASSERT_FALSE(cursor.at_end());
  EXPECT_EQ(cursor.chunk(), 17u);
  EXPECT_EQ(cursor.frequency(), 3u);
  EXPECT_TRUE(PostingCursor(PostingList{{}, inline_posting(17, 3), 1, 17}).at_end());
}

TEST(Postings, WideGapsAreExact) {
  Model model;
  model.chunk_count = 0x7fffffff;
  const std::uint32_t chunks[] = {5, 0x10000000, 0x7ffffffe};
  const std::uint32_t frequencies[] = {1, 2, 3};
  ByteWriter out;
  // Written by hand, as write_postings() would want 2 GB of length codes.
  out.put<std::uint8_t>(31);
  out.put<std::uint8_t>(2);
  out.put<std::uint16_t>(0);
  const std::uint32_t gaps[] = {5, 0x10000000 - 6, 0x7ffffffe - 0x10000001};
  pack(gaps, 31, out);
  const std::uint32_t repeats[] = {0, 1, 2};
  pack(repeats, 2, out);
  model.bytes = out.take();
  model.bytes.resize(model.bytes.size() + kUnpackSlack);
  model.chunks.assign(std::begin(chunks), std::end(chunks));
  std::size_t at = 0;
  PostingCursor cursor(model.list());
  cursor.take_until(model.chunk_count, [&](std::uint32_t chunk, std::uint32_t frequency) {
    EXPECT_EQ(chunk, chunks[at]);
    EXPECT_EQ(frequency, frequencies[at]);
    ++at;
  });
  EXPECT_EQ(at, 3u);
}

TEST(Postings, AnyBytesGiveAscendingChunksOfTheSegment) {
  const std::uint32_t seed = 13;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 3'000; ++round) {
    Model model = random_list(random, 2 + random.next() % 600, 2'000);
    for (std::size_t flips = 1 + random.next() % 4; flips > 0; --flips) {
      std::byte& damaged = model.bytes[random.below(model.bytes.size())];
      damaged ^= static_cast<std::byte>(1u << random.below(8));
    }
    std::uint32_t least = 0;
    PostingCursor cursor(model.list());
    cursor.skip_to(number_below(random, 500));
    cursor.take_until(model.chunk_count, [&](std::uint32_t chunk, std::uint32_t frequency) {
      ASSERT_GE(chunk, least);
      ASSERT_LT(chunk, model.chunk_count);
      ASSERT_GE(frequency, 1u);
      least = chunk + 1;
    });
  }
}

}  // namespace
}  // namespace saerok
