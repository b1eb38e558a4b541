/// A corpus of random terms for the tests of segments, and what an index of it must say.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "index/memory_file.h"
#include "index/segment.h"

namespace saerok::test {

using Key = std::pair<IndexField, std::string>;

/// A corpus of random terms with Zipf's law, and what an index of it must say.
struct Corpus {
  std::map<Key, std::map<std::uint32_t, std::uint32_t>> postings;
  std::map<Key, std::map<std::uint32_t, std::vector<std::uint32_t>>> positions;
  std::vector<std::array<std::uint32_t, kIndexFieldCount>> lengths;
  std::vector<std::uint64_t> ids;
  std::vector<std::byte> bytes;
};

/// Of fewer than `parts_max` parts, many of them alike, with letters of one to three bytes, bytes
/// that are no letter, and zeros.
inline std::string random_term(Random& random, std::uint64_t parts_max) {
  static const std::string kParts[] = {"a",  "b",    "ab",   "검",
                                       "색", "검색", "\xff", std::string(1, '\0')};
  std::string term;
  for (std::uint64_t i = random.below(parts_max); i > 0; --i) {
    term += kParts[random.below(std::size(kParts))];
  }
  return term;
}

inline std::vector<Key> random_terms(Random& random, std::uint64_t count) {
  std::vector<Key> terms;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double skewed = random.unit() * random.unit() * random.unit();
    terms.emplace_back(static_cast<IndexField>(random.below(kIndexFieldCount)),
                       "검" + std::to_string(static_cast<int>(skewed * 3'000)));
  }
  return terms;
}

inline Corpus random_corpus(std::uint64_t seed, std::uint32_t chunk_count) {
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

inline std::shared_ptr<const Segment> opened(const std::vector<std::byte>& bytes) {
  auto segment = Segment::open(MemoryFile::of(bytes), Segment::Verify::everything);
  EXPECT_TRUE(segment);
  return std::move(segment).value();
}

}  // namespace saerok::test
