#include "search/condition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <stop_token>
#include <string>

#include "base/random.h"
#include "index/memory_file.h"

namespace saerok {
namespace {

/// A chunk's terms by field, each with its position.
using ModelChunk = std::map<IndexField, std::vector<std::pair<std::string, std::uint32_t>>>;

std::string random_term(Random& random) {
  return "w" + std::to_string(static_cast<int>(random.unit() * random.unit() * 12));
}

std::vector<ModelChunk> random_chunks(Random& random, std::size_t count) {
  std::vector<ModelChunk> chunks(count);
  for (ModelChunk& chunk : chunks) {
    for (std::size_t field = 0; field < kWholeFieldCount; ++field) {
      std::uint32_t position = 0;
      chunk[static_cast<IndexField>(field)];
      for (std::uint64_t n = random.below(25); n > 0; --n) {
        chunk[static_cast<IndexField>(field)].emplace_back(random_term(random), position);
        position += static_cast<std::uint32_t>(random.below(3));
      }
    }
  }
  return chunks;
}

std::shared_ptr<const Segment> build(const std::vector<ModelChunk>& chunks) {
  SegmentBuilder builder;
  std::uint64_t id = 0;
  for (const ModelChunk& chunk : chunks) {
    std::vector<FieldTerm> terms;
    for (const auto& [field, words] : chunk) {
      for (const auto& [word, position] : words) terms.push_back({field, word, position});
    }
    ++id;
    const Attribute attributes[] = {{"part", static_cast<std::int64_t>(id % 3)}};
    builder.add({ChunkId{id}, DocumentId{id}, terms, attributes});
  }
  return Segment::open(MemoryFile::of(builder.finish("a")), Segment::Verify::everything).value();
}

bool has_term(const ModelChunk& chunk, IndexField field, const std::string& term) {
  const auto& words = chunk.at(field);
  return std::any_of(words.begin(), words.end(), [&](const auto& w) { return w.first == term; });
}

bool has_phrase(const ModelChunk& chunk, IndexField field, const std::vector<PhraseWord>& phrase) {
  for (const auto& [first, begin] : chunk.at(field)) {
    if (first != phrase.front().stem) continue;
    const bool all = std::all_of(phrase.begin(), phrase.end(), [&](const PhraseWord& word) {
      return std::any_of(chunk.at(field).begin(), chunk.at(field).end(), [&](const auto& w) {
        return w.first == word.stem && w.second == begin + word.offset;
      });
    });
    if (all) return true;
  }
  return false;
}

/// As the header says, over one chunk.
bool meets(const Condition& condition, const ModelChunk& chunk, std::uint64_t id) {
  const auto child_meets = [&](const Condition& child) { return meets(child, chunk, id); };
  const auto& children = condition.children;
  switch (condition.op) {
    case ConditionOp::all: return true;
    case ConditionOp::conjunction:
      return std::all_of(children.begin(), children.end(), child_meets);
    case ConditionOp::disjunction:
      return std::any_of(children.begin(), children.end(), child_meets);
    case ConditionOp::negation: return !child_meets(children.front());
    case ConditionOp::attributes: return id % 3 == 1;
    case ConditionOp::phrase:
      return has_phrase(chunk, IndexField::body_stem, condition.phrase) ||
             has_phrase(chunk, IndexField::title_stem, condition.phrase);
    case ConditionOp::grams: {
      for (const IndexField field : {IndexField::body_gram, IndexField::title_gram}) {
        if (std::all_of(condition.grams.begin(), condition.grams.end(),
                        [&](const std::string& gram) { return has_term(chunk, field, gram); })) {
          return true;
        }
      }
      return false;
    }
    case ConditionOp::prefix: break;
  }
  for (const auto& [field, words] : chunk) {
    for (const auto& [word, position] : words) {
      for (const TermRange& range : condition.ranges) {
        if (word >= range.first && word < range.last) return true;
      }
    }
  }
  return false;
}

Condition random_condition(Random& random, int depth) {
  Condition condition;
  const std::uint64_t kind = random.below(depth > 0 ? 7 : 4);
  if (kind == 0) {
    condition.op = ConditionOp::phrase;
    std::uint32_t offset = 0;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      condition.phrase.push_back({random_term(random), offset});
      offset += static_cast<std::uint32_t>(random.below(3));
    }
  } else if (kind == 1) {
    condition.op = ConditionOp::grams;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      condition.grams.push_back(random_term(random));
    }
  } else if (kind == 2) {
    condition.op = ConditionOp::prefix;
    condition.ranges = {{random_term(random), "w3"}, {"w8", "w9"}};
  } else if (kind == 3) {
    condition.op = random.chance(0.2) ? ConditionOp::all : ConditionOp::attributes;
    condition.attributes.op = FilterOp::test;
    condition.attributes.name = "part";
    condition.attributes.alternatives = {std::int64_t{1}};
  } else if (kind == 4) {
    condition = condition_of(ConditionOp::negation, {random_condition(random, depth - 1)});
  } else {
    condition.op = kind == 5 ? ConditionOp::conjunction : ConditionOp::disjunction;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      condition.children.push_back(random_condition(random, depth - 1));
    }
  }
  return condition;
}

TEST(Condition, EqualsTheObviousReadingOfEveryChunk) {
  const std::uint64_t seed = 81;
  SCOPED_TRACE(seed);
  Random random(seed);
  std::size_t met = 0, asked = 0;
  for (const std::size_t count : {0u, 1u, 63u, 64u, 65u, 700u}) {
    const auto chunks = random_chunks(random, count);
    const auto segment = build(chunks);
    for (int i = 0; i < 120; ++i) {
      const Condition condition = random_condition(random, 3);
      const ChunkBits bits = evaluate(condition, *segment, {}).value();
      ASSERT_EQ(bits.size(), (count + 63) / 64);
      ChunkBits live(bits.size());
      for (std::uint64_t& word : live) word = random.next();
      std::uint64_t met_here = 0, live_here = 0;
      for (std::size_t chunk = 0; chunk < bits.size() * 64; ++chunk) {
        const bool is_set = (bits[chunk / 64] >> chunk % 64 & 1) != 0;
        const bool expected = chunk < count && meets(condition, chunks[chunk], chunk + 1);
        ASSERT_EQ(is_set, expected) << chunk << " of " << count << ", round " << i;
        met += is_set;
        ++asked;
        met_here += is_set;
        live_here += is_set && (live[chunk / 64] >> chunk % 64 & 1) != 0;
      }
      ASSERT_EQ(count_meeting(condition, *segment, {}, {}).value(), met_here);
      if (!live.empty()) {
        ASSERT_EQ(count_meeting(condition, *segment, live, {}).value(), live_here);
      }
    }
  }
  EXPECT_GT(met, asked / 20);  // The conditions are neither all met nor all missed.
  EXPECT_LT(met, asked - asked / 20);
}

TEST(Condition, ObeysTheCallsDeadlineAndStop) {
  SegmentBuilder builder;
  for (std::uint64_t id = 1; id <= 300; ++id) {
    const std::string word = "w" + std::to_string(id);
    const FieldTerm terms[] = {{IndexField::body_gram, word, 0}};
    builder.add({ChunkId{id}, DocumentId{id}, terms, {}});
  }
  const auto segment =
      Segment::open(MemoryFile::of(builder.finish("a")), Segment::Verify::everything).value();
  Condition prefix;
  prefix.op = ConditionOp::prefix;
  prefix.ranges = {{"w", "x"}};
  const Condition condition =
      condition_of(ConditionOp::negation, {condition_of(ConditionOp::disjunction, {prefix})});
  EXPECT_TRUE(evaluate(condition, *segment, {}));
  CallContext late;
  late.deadline = std::chrono::steady_clock::time_point::min();
  EXPECT_EQ(evaluate(condition, *segment, late).error().code, ErrorCode::deadline_exceeded);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(evaluate(condition, *segment, {.stop = stop.get_token(), .deadline = {}}).error().code,
            ErrorCode::cancelled);
}

}  // namespace
}  // namespace saerok
