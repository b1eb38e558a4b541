#include "index/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "index/format.h"
#include "index/length_code.h"
#include "index/memory_file.h"
#include "index/test_corpus.h"

namespace saerok {
namespace {

using test::Corpus;
using test::Key;
using test::opened;
using test::random_corpus;

TEST(Segment, GivesBackEveryPostingLengthAndStatistic) {
  const std::uint64_t seed = 41;
  SCOPED_TRACE(seed);
  const Corpus corpus = random_corpus(seed, 1'500);
  const auto segment = opened(corpus.bytes);
  EXPECT_EQ(segment->fingerprint(), "analyser 1");
  ASSERT_EQ(segment->chunk_count(), corpus.ids.size());
  segment->chunk_ids().visit(
      [&](std::uint32_t local, std::uint64_t id) { EXPECT_EQ(id, corpus.ids[local]); });
  std::array<std::uint64_t, kIndexFieldCount> totals{};
  for (std::uint32_t chunk = 0; chunk < corpus.ids.size(); ++chunk) {
    for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
      const std::uint32_t length = corpus.lengths[chunk][field];
      totals[field] += length;
      EXPECT_EQ(segment->length(static_cast<IndexField>(field), static_cast<LocalId>(chunk)),
                decode_length_code(code_of_length(length)));
    }
  }
  for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
    const FieldStatistics statistics = segment->statistics(static_cast<IndexField>(field));
    EXPECT_EQ(statistics.chunk_count, corpus.ids.size());
    EXPECT_EQ(statistics.length_total, totals[field]);
  }
  for (const auto& [key, postings] : corpus.postings) {
    const Segment::TermRef term = segment->find(key.first, key.second);
    ASSERT_EQ(term.document_frequency, postings.size()) << key.second;
    std::map<std::uint32_t, std::uint32_t> read;
    PostingCursor cursor = segment->postings(key.first, term);
    cursor.take_until(segment->chunk_count(),
                      [&](std::uint32_t chunk, std::uint32_t tf) { read[chunk] = tf; });
    ASSERT_EQ(read, postings) << key.second;
  }
  EXPECT_FALSE(segment->find(IndexField::body_stem, "nowhere").exists());
  EXPECT_TRUE(segment->postings(IndexField::body_stem, {}).at_end());
}

TEST(Segment, GivesBackThePositionsOfEveryPosting) {
  const std::uint64_t seed = 49;
  SCOPED_TRACE(seed);
  const Corpus corpus = random_corpus(seed, 1'500);
  const auto segment = opened(corpus.bytes);
  Random random(seed);
  for (const auto& [key, by_chunk] : corpus.positions) {
    if (!has_positions(key.first)) continue;
    const Segment::TermRef term = segment->find(key.first, key.second);
    PostingCursor cursor = segment->postings(key.first, term);
    PositionReader reader = segment->positions(key.first, term);
    std::vector<std::uint32_t> positions;
    for (const auto& [chunk, expected] : by_chunk) {
      if (random.chance(0.5)) continue;  // Chunks are left out, as a phrase leaves them out.
      cursor.skip_to(chunk);
      ASSERT_FALSE(cursor.at_end());
      ASSERT_EQ(cursor.chunk(), chunk);
      reader.read(cursor, positions);
      ASSERT_EQ(positions, expected) << key.second << " in " << chunk;
    }
  }
}

TEST(Segment, VisitsTheTermsOfARange) {
  const Corpus corpus = random_corpus(50, 300);
  const auto segment = opened(corpus.bytes);
  std::vector<std::string> expected;
  for (const auto& [key, postings] : corpus.postings) {
    if (key.first == IndexField::body_gram && key.second >= "검2" && key.second < "검4") {
      expected.push_back(key.second);
    }
  }
  std::vector<std::string> visited;
  segment->visit_terms(IndexField::body_gram, "검2", "검4",
                       [&](std::string_view term, const Segment::TermRef& place) {
                         EXPECT_EQ(place.location,
                                   segment->find(IndexField::body_gram, term).location);
                         visited.emplace_back(term);
                         return true;
                       });
  EXPECT_GT(expected.size(), 5u);
  EXPECT_EQ(visited, expected);
  int calls = 0;
  segment->visit_terms(IndexField::body_gram, "", "",
                       [&](std::string_view, const Segment::TermRef&) { return ++calls < 3; });
  EXPECT_EQ(calls, 3);
}

TEST(Segment, KnowsTheNamesOfAttributes) {
  const auto segment = opened(random_corpus(51, 4).bytes);
  EXPECT_TRUE(segment->has_attribute("part"));
  EXPECT_FALSE(segment->has_attribute("whole"));
}

TEST(Segment, WindowsOfAnySizeJoinToTheWholeList) {
  const std::uint64_t seed = 42;
  SCOPED_TRACE(seed);
  const Corpus corpus = random_corpus(seed, 1'500);
  const auto segment = opened(corpus.bytes);
  Random random(seed);
  for (const auto& [key, postings] : corpus.postings) {
    const Segment::TermRef term = segment->find(key.first, key.second);
    DecodedPostings decoded;
    std::size_t cursor = 0;
    std::uint32_t skipped_until = 0;
    for (std::uint32_t first = 0; first < 1'500;) {
      const auto count = static_cast<std::uint32_t>(1 + random.below(600));
      const std::size_t before = decoded.chunks.size();
      segment->decode_window(key.first, term, first, count, cursor, decoded);
      for (std::size_t i = before; i < decoded.chunks.size(); ++i) {
        ASSERT_GE(decoded.chunks[i], first);
        ASSERT_LT(decoded.chunks[i], first + count);
      }
      first += count;
      skipped_until = first;
    }
    ASSERT_GE(skipped_until, 1'500u);
    ASSERT_EQ(decoded.chunks.size(), postings.size());
    std::size_t at = 0;
    for (const auto& [chunk, frequency] : postings) {
      ASSERT_EQ(decoded.chunks[at], chunk);
      ASSERT_EQ(decoded.frequencies[at++], frequency);
    }
  }
}

TEST(Segment, TheSameChunksGiveTheSameBytes) {
  EXPECT_EQ(random_corpus(43, 300).bytes, random_corpus(43, 300).bytes);
}

TEST(Segment, AnEmptyOneOpensAndHoldsNothing) {
  const auto segment = opened(SegmentBuilder().finish("x"));
  EXPECT_EQ(segment->chunk_count(), 0u);
  EXPECT_FALSE(segment->find(IndexField::title_gram, "x").exists());
  EXPECT_TRUE(segment->evaluate({}).empty());
}

TEST(Segment, AFilterPassesAllChunksOfADocument) {
  const auto segment = opened(random_corpus(44, 100).bytes);
  AttributeFilter filter;
  filter.op = FilterOp::test;
  filter.name = "part";
  filter.comparison = Comparison::greater_equal;
  filter.alternatives = {std::int64_t{32}};
  const ChunkBits bits = segment->evaluate(filter);
  for (std::uint32_t chunk = 0; chunk < 100; ++chunk) {
    EXPECT_EQ((bits[chunk / 64] >> (chunk % 64) & 1) != 0, chunk >= 96) << chunk;
  }
  filter.op = FilterOp::all;
  EXPECT_EQ(segment->evaluate(filter)[1], (std::uint64_t{1} << 36) - 1);
}

TEST(Segment, MemorySizeGrowsWithWhatIsAdded) {
  SegmentBuilder builder;
  const std::size_t before = builder.memory_size();
  std::vector<std::string> texts;
  std::vector<FieldTerm> terms;
  for (int i = 0; i < 100'000; ++i) texts.push_back("term" + std::to_string(i));
  for (const std::string& text : texts) terms.push_back({IndexField::body_stem, text});
  builder.add({ChunkId{1}, DocumentId{1}, terms, {}});
  EXPECT_GT(builder.memory_size(), before + 100'000 * 10);
}

TEST(Segment, ATermBesideTheWordsIsFoundAndDoesNotLengthenItsChunk) {
  SegmentBuilder builder;
  const FieldTerm terms[] = {{IndexField::body_gram, "march", 0},
                             {IndexField::body_gram, "2024-03", 0, true}};
  builder.add({ChunkId{1}, DocumentId{1}, terms, {}});
  const auto segment = opened(builder.finish("a"));
  EXPECT_EQ(segment->find(IndexField::body_gram, "2024-03").document_frequency, 1u);
  EXPECT_EQ(segment->length(IndexField::body_gram, LocalId{0}), 1u);
  EXPECT_EQ(segment->statistics(IndexField::body_gram).length_total, 1u);
}

TEST(Segment, AFieldWithoutTermsTakesNoRoomAndFindsNothing) {
  SegmentBuilder builder;
  const FieldTerm body[] = {{IndexField::body_stem, "word", 0}};
  for (std::uint64_t id = 1; id <= 1'000; ++id)
    builder.add({ChunkId{id}, DocumentId{id}, body, {}});
  const std::vector<std::byte> bytes = builder.finish("a");
  EXPECT_LT(bytes.size(), 5'000u);
  const auto segment = opened(bytes);
  EXPECT_TRUE(segment->length_codes(IndexField::title_stem).empty());
  EXPECT_EQ(segment->length(IndexField::title_stem, LocalId{5}), 0u);
  EXPECT_FALSE(segment->find(IndexField::title_stem, "word").exists());
  EXPECT_EQ(segment->find(IndexField::body_stem, "word").document_frequency, 1'000u);
}

}  // namespace
}  // namespace saerok
