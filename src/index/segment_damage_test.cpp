// Segments whose bytes are not what was written: safe to read, and never believed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "index/format.h"
#include "index/memory_file.h"
#include "index/segment.h"
#include "index/segment_sections.h"
#include "index/test_corpus.h"

namespace saerok {
namespace {

using test::Corpus;
using test::Key;
using test::opened;
using test::random_corpus;

/// Uses everything that a search uses; the results may be wrong, the accesses may not.
void use_all(const Segment& segment, const Corpus& corpus) {
  ChunkBits bits = segment.evaluate({});
  int until_next = 0;
  for (const auto& [key, postings] : corpus.postings) {
    if (until_next-- > 0) continue;
    until_next = 6;
    const Segment::TermRef term = segment.find(key.first, key.second);
    std::uint32_t least = 0;
    segment.postings(key.first, term)
        .take_until(segment.chunk_count(), [&](std::uint32_t chunk, std::uint32_t frequency) {
          ASSERT_GE(chunk, least);
          ASSERT_LT(chunk, segment.chunk_count());
          ASSERT_GE(frequency, 1u);
          least = chunk + 1;
          segment.length(key.first, static_cast<LocalId>(chunk));
        });
    if (!has_positions(key.first)) continue;
    PositionReader reader = segment.positions(key.first, term);
    std::vector<std::uint32_t> positions;
    PostingCursor cursor = segment.postings(key.first, term);
    for (; !cursor.at_end(); cursor.skip_to(cursor.chunk() + 1)) reader.read(cursor, positions);
  }
  AttributeFilter filter;
  filter.op = FilterOp::test;
  filter.name = "part";
  filter.alternatives = {std::int64_t{2}};
  ASSERT_EQ(segment.evaluate(filter).size(), bits.size());
}

TEST(SegmentDamage, EverythingFindsEveryFlippedBitThatMatters) {
  const std::uint64_t seed = 45;
  SCOPED_TRACE(seed);
  Random random(seed);
  const Corpus corpus = random_corpus(seed, 120);
  const auto intact = opened(corpus.bytes);
  int unnoticed = 0;
  constexpr int kRounds = 4'000;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::byte> bytes = corpus.bytes;
    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    const auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::everything);
    if (!segment) continue;
    ++unnoticed;  // A bit of the filling between sections.
    for (const auto& [key, postings] : corpus.postings) {
      const auto found = segment.value()->find(key.first, key.second);
      ASSERT_EQ(found.document_frequency, postings.size());
      ASSERT_EQ(found.location, intact->find(key.first, key.second).location);
    }
  }
  EXPECT_LT(unnoticed, kRounds / 10);
}

TEST(SegmentDamage, FlippedBitsAreSafeToReadUnverified) {
  const std::uint64_t seed = 46;
  SCOPED_TRACE(seed);
  Random random(seed);
  const Corpus corpus = random_corpus(seed, 200);
  int opened_count = 0;
  for (int round = 0; round < 1'500; ++round) {
    std::vector<std::byte> bytes = corpus.bytes;
    for (std::uint64_t flips = 1 + random.below(8); flips > 0; --flips) {
      bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    }
    const auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::structure);
    if (!segment) continue;
    ++opened_count;
    use_all(*segment.value(), corpus);
  }
  EXPECT_GT(opened_count, 500);
}

AttributeFilter part_seven() {
  AttributeFilter filter;
  filter.op = FilterOp::test;
  filter.name = "part";
  filter.alternatives = {std::int64_t{7}};
  return filter;
}

TEST(SegmentDamage, WhatAnAnswerRestsOnIsRightOrCheckReadSaysOtherwise) {
  const std::uint64_t seed = random_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE(seed);
  Random random(seed);
  const Corpus corpus = random_corpus(seed, 300);
  const auto intact = opened(corpus.bytes);
  int noticed = 0;
  constexpr int kRounds = 600;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::byte> bytes = corpus.bytes;
    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    const auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::structure);
    if (!segment) continue;
    const Segment& damaged = **segment;
    for (int asked = 0; asked < 20; ++asked) {
      auto at = corpus.positions.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(random.below(corpus.positions.size())));
      const auto& [key, by_chunk] = *at;
      const auto place = damaged.find(key.first, key.second);
      std::map<std::uint32_t, std::vector<std::uint32_t>> found;
      std::vector<std::uint32_t> lengths;
      if (place.exists()) {
        PostingCursor cursor = damaged.postings(key.first, place);
        std::optional<PositionReader> reader;
        if (has_positions(key.first)) reader.emplace(damaged.positions(key.first, place));
        for (; !cursor.at_end(); cursor.skip_to(cursor.chunk() + 1)) {
          auto& positions = found[cursor.chunk()];
          if (reader) reader->read(cursor, positions);
          else
            positions = by_chunk.contains(cursor.chunk()) ? by_chunk.at(cursor.chunk())
                                                          : std::vector<std::uint32_t>{};
          lengths.push_back(damaged.length(key.first, LocalId{cursor.chunk()}));
        }
      }
      const ChunkBits part = damaged.evaluate(part_seven());
      const std::uint64_t id = damaged.chunk_ids()[0];
      if (!damaged.check_read()) {
        ++noticed;
        break;
      }
      ASSERT_EQ(found, by_chunk) << key.second << " round " << round;
      std::size_t i = 0;
      for (const auto& [chunk, positions] : by_chunk) {
        ASSERT_EQ(lengths[i++], intact->length(key.first, LocalId{chunk}));
      }
      ASSERT_EQ(part, intact->evaluate(part_seven()));
      ASSERT_EQ(id, corpus.ids[0]);
    }
  }
  EXPECT_GT(noticed, kRounds / 3);
}

TEST(SegmentDamage, TermsThatAreVisitedAreRightIfTheyWereLookedAt) {
  const std::uint64_t seed = 61;
  Random random(seed);
  const Corpus corpus = random_corpus(seed, 300);
  const auto intact = opened(corpus.bytes);
  const auto terms_of = [](const Segment& segment, std::string_view first, std::string_view last) {
    std::map<std::string, std::uint32_t> terms;
    segment.visit_terms(IndexField::body_stem, first, last, [&](auto term, const auto& place) {
      terms[std::string(term)] = place.document_frequency;
      return true;
    });
    return terms;
  };
  int noticed = 0;
  for (int round = 0; round < 600; ++round) {
    std::vector<std::byte> bytes = corpus.bytes;
    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    const auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::structure);
    if (!segment) continue;
    for (const auto& [first, last] : {std::pair("", ""), std::pair("검1", "검2")}) {
      (*segment)->look_at_terms(IndexField::body_stem, first, last);
      const auto found = terms_of(**segment, first, last);
      if (!(*segment)->check_read()) ++noticed;
      if (!(*segment)->check_read()) break;
      ASSERT_EQ(found, terms_of(*intact, first, last));
    }
  }
  EXPECT_GT(noticed, 0);
}

TEST(SegmentDamage, NoTruncatedFileOpens) {
  const Corpus corpus = random_corpus(47, 60);
  for (std::size_t size = 0; size < corpus.bytes.size(); size += 1 + size / 997) {
    const std::vector<std::byte> part(corpus.bytes.begin(),
                                      corpus.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    for (const auto verify : {Segment::Verify::structure, Segment::Verify::everything}) {
      const auto segment = Segment::open(MemoryFile::of(part), verify);
      ASSERT_FALSE(segment) << size;
      ASSERT_EQ(segment.error().code, ErrorCode::corrupt);
    }
  }
}

TEST(SegmentDamage, AFormatFromTheFutureAsksForANewerProgram) {
  std::vector<std::byte> bytes = random_corpus(48, 5).bytes;
  bytes[8] = static_cast<std::byte>(kSegmentFormatVersion + 1);
  const auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::structure);
  ASSERT_FALSE(segment);
  EXPECT_EQ(segment.error().code, ErrorCode::failed_precondition);
}

TEST(SegmentDamage, AVectorSegmentIsNoLexicalOne) {
  SegmentFileWriter file(kVectorMagic);
  const auto segment = Segment::open(MemoryFile::of(file.finish()), Segment::Verify::structure);
  ASSERT_FALSE(segment);
  EXPECT_EQ(segment.error().code, ErrorCode::corrupt);
}

/// The same file as if a writer of format `version` had made it.
std::vector<std::byte> of_version(std::vector<std::byte> bytes, std::uint32_t version) {
  constexpr std::size_t kHeader = 64, kTrailer = 32;
  std::memcpy(bytes.data() + 8, &version, sizeof version);
  const std::span<const std::byte> file(bytes);
  std::uint64_t table = 0;
  std::memcpy(&table, bytes.data() + bytes.size() - kTrailer, sizeof table);
  ByteWriter numbers;
  numbers.append(file.last(kTrailer).data(), 12);
  numbers.put<std::uint64_t>(bytes.size());
  const auto rows = file.subspan(table, bytes.size() - kTrailer - table);
  const std::uint32_t crc = crc32c(numbers.bytes(), crc32c(rows, crc32c(file.first(kHeader))));
  std::memcpy(bytes.data() + bytes.size() - kTrailer + 12, &crc, sizeof crc);
  return bytes;
}

/// The same file without checksums of blocks: version 4 had none. The section stays, under a number
/// that nobody asks for.
std::vector<std::byte> without_block_checksums(std::vector<std::byte> bytes) {
  std::uint64_t table = 0;
  std::uint32_t count = 0;
  std::memcpy(&table, bytes.data() + bytes.size() - 32, sizeof table);
  std::memcpy(&count, bytes.data() + bytes.size() - 24, sizeof count);
  bytes[table + (count - 1) * 24] = std::byte{254};
  return of_version(std::move(bytes), 4);
}

TEST(SegmentDamage, AFileWithoutChecksumsOfBlocksIsLookedAtBySections) {
  const std::uint64_t seed = 62;
  Random random(seed);
  const Corpus corpus = random_corpus(seed, 200);
  const std::vector<std::byte> old = without_block_checksums(corpus.bytes);
  ASSERT_TRUE(opened(old)->check_read());
  int noticed = 0;
  for (int round = 0; round < 120; ++round) {
    std::vector<std::byte> bytes = old;
    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    const auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::structure);
    if (!segment) continue;
    for (const auto& [key, postings] : corpus.postings) {
      DecodedPostings found;
      std::size_t cursor = 0;
      const auto place = (*segment)->find(key.first, key.second);
      if (place.exists()) {
        (*segment)->decode_window(key.first, place, 0, 1'000, cursor, found);
      }
      if (!(*segment)->check_read()) {
        ++noticed;
        break;
      }
      ASSERT_EQ(found.chunks.size(), postings.size());
    }
  }
  EXPECT_GT(noticed, 30);
}

TEST(SegmentDamage, OfAnOlderFormatIsToBeMadeAgainAndOfANewerOneIsLeftAlone) {
  const Corpus corpus = random_corpus(47, 20);
  EXPECT_EQ(of_version(corpus.bytes, kSegmentFormatVersion), corpus.bytes);
  const auto open_as = [&](std::uint32_t version) {
    return Segment::open(MemoryFile::of(of_version(corpus.bytes, version)),
                         Segment::Verify::structure);
  };
  EXPECT_EQ(open_as(kLexicalVersionMin - 1).error().code, ErrorCode::corrupt);
  EXPECT_TRUE(open_as(kLexicalVersionMin));
  EXPECT_EQ(open_as(kSegmentFormatVersion + 1).error().code, ErrorCode::failed_precondition);
}

}  // namespace
}  // namespace saerok
