#include "index/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "index/format.h"
#include "index/length_code.h"
#include "index/memory_file.h"

namespace saerok {
namespace {

using Key = std::pair<IndexField, std::string>;

/// A corpus of random terms with Zipf's law, and what an index of it must say.
struct Corpus {
  std::map<Key, std::map<std::uint32_t, std::uint32_t>> postings;
  std::map<Key, std::map<std::uint32_t, std::vector<std::uint32_t>>> positions;
  std::vector<std::array<std::uint32_t, kIndexFieldCount>> lengths;
  std::vector<std::uint64_t> ids;
  std::vector<std::byte> bytes;
};

std::vector<Key> random_terms(Random& random, std::uint64_t count) {
  std::vector<Key> terms;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double skewed = random.unit() * random.unit() * random.unit();
    terms.emplace_back(static_cast<IndexField>(random.below(kIndexFieldCount)),
                       "검" + std::to_string(static_cast<int>(skewed * 3'000)));
  }
  return terms;
}

Corpus random_corpus(std::uint64_t seed, std::uint32_t chunk_count) {
  Random random(seed);
  Corpus corpus;
  SegmentBuilder builder;
  std::uint64_t id = 100;
  for (std::uint32_t chunk = 0; chunk < chunk_count; ++chunk) {
    const std::vector<Key> keys = random_terms(random, random.below(80));
    std::vector<FieldTerm> terms;
    std::array<std::uint32_t, kIndexFieldCount> lengths{};
    for (const Key& key : keys) {
      const auto position = static_cast<std::uint32_t>(2 * terms.size());
      terms.push_back({key.first, key.second, position});
      corpus.positions[key][chunk].push_back(position);
      ++corpus.postings[key][chunk];
      ++lengths[static_cast<std::size_t>(key.first)];
    }
    id += 1 + random.below(3);
    corpus.ids.push_back(id);
    corpus.lengths.push_back(lengths);
    const Attribute attributes[] = {{"part", std::int64_t{chunk / 3}}};
    builder.add({static_cast<ChunkId>(id), static_cast<DocumentId>(chunk / 3), terms, attributes});
  }
  EXPECT_EQ(builder.chunk_count(), chunk_count);
  corpus.bytes = builder.finish("analyser 1");
  EXPECT_EQ(builder.chunk_count(), 0u);
  return corpus;
}

std::shared_ptr<const Segment> opened(const std::vector<std::byte>& bytes) {
  auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::everything);
  EXPECT_TRUE(segment);
  return std::move(segment).value();
}

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

TEST(Segment, OfAnOlderFormatIsToBeMadeAgainAndOfANewerOneIsLeftAlone) {
  const Corpus corpus = random_corpus(47, 20);
  EXPECT_EQ(of_version(corpus.bytes, kSegmentFormatVersion), corpus.bytes);
  const auto open_as = [&](std::uint32_t version) {
    return Segment::open(MemoryFile::of(of_version(corpus.bytes, version)),
                         Segment::Verify::structure);
  };
  EXPECT_EQ(open_as(kSegmentFormatVersion - 1).error().code, ErrorCode::corrupt);
  EXPECT_EQ(open_as(kSegmentFormatVersion + 1).error().code, ErrorCode::failed_precondition);
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
  for (std::uint64_t id = 1; id <= 1'000; ++id) builder.add({ChunkId{id}, DocumentId{id}, body, {}});
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
