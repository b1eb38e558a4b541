#include "search/required_terms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"
#include "index/memory_file.h"

namespace saerok {
namespace {

struct ModelChunk {
  std::string body;
  std::string title;
};

/// Words are letters.
std::vector<LexicalSegmentView> views_of(const std::vector<ModelChunk>& chunks) {
  SegmentBuilder builder;
  std::uint64_t id = 0;
  for (const ModelChunk& chunk : chunks) {
    std::vector<FieldTerm> terms;
    const auto add = [&](IndexField field, const std::string& words) {
      for (std::size_t i = 0; i < words.size(); ++i) {
        terms.push_back(
            {field, std::string_view(words).substr(i, 1), static_cast<std::uint32_t>(i)});
      }
    };
    add(IndexField::body_stem, chunk.body);
    add(IndexField::title_stem, chunk.title);
    ++id;
    builder.add({ChunkId{id}, DocumentId{id}, terms, {}});
  }
  return {{Segment::open(MemoryFile::of(builder.finish("a")), Segment::Verify::everything).value(),
           {},
           {}}};
}

Condition phrase_of(const std::string& words) {
  Condition condition;
  condition.op = ConditionOp::phrase;
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    condition.phrase.push_back({std::string(1, words[i]), i});
  }
  return condition;
}

/// Ranks by every letter, in the body and, if told so, in the title.
LexicalQuery query_of(const std::string& words, float title_weight) {
  LexicalQuery query;
  for (const char word : words) {
    query.terms.push_back({IndexField::body_stem, std::string(1, word), 1});
    if (title_weight > 0) {
      query.terms.push_back({IndexField::title_stem, std::string(1, word), title_weight});
    }
  }
  return query;
}

std::vector<std::uint64_t> found(const LexicalQuery& query,
                                 const std::vector<LexicalSegmentView>& views) {
  std::vector<std::uint64_t> ids;
  for (const Candidate& hit :
       search_lexical(query, views, collect_statistics(views), 10, {}).value()) {
    ids.push_back(static_cast<std::uint64_t>(hit.chunk));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(RequiredTerms, AWordMayStandInBodyOrTitle) {
  const auto views = views_of({{"ab", ""}, {"b", "a"}, {"b", ""}, {"a", "c"}});
  LexicalQuery query = query_of("abc", 0.5f);
  const Condition both = condition_of(ConditionOp::conjunction, {phrase_of("a"), phrase_of("b")});
  EXPECT_EQ(take_groups(both, views, query).op, ConditionOp::all);
  EXPECT_EQ(query.group_count, 2u);
  EXPECT_EQ(found(query, views), (std::vector<std::uint64_t>{1, 2}));
}

TEST(RequiredTerms, WhatIsNotRequiredStaysACondition) {
  const auto views = views_of({{"abc", ""}});
  LexicalQuery query = query_of("abc", 0.5f);
  const Condition other = condition_of(ConditionOp::negation, {phrase_of("ab")});
  const Condition rest =
      take_groups(condition_of(ConditionOp::conjunction, {other, phrase_of("c")}), views, query);
  EXPECT_EQ(rest.op, ConditionOp::negation);
  EXPECT_EQ(query.group_count, 1u);
  EXPECT_TRUE(query.phrases.empty());
  const Condition either = condition_of(ConditionOp::disjunction, {phrase_of("a"), phrase_of("b")});
  EXPECT_EQ(take_groups(either, views, query).op, ConditionOp::disjunction);
  EXPECT_EQ(query.group_count, 1u);
}

TEST(RequiredTerms, AFieldThatIsNotRankedByKeepsTheWordACondition) {
  LexicalQuery query = query_of("a", 0);
  EXPECT_EQ(take_groups(phrase_of("a"), views_of({{"a", ""}, {"b", "a"}}), query).op,
            ConditionOp::phrase);
  EXPECT_EQ(query.group_count, 0u);
  // Where no title holds it nothing is lost.
  EXPECT_EQ(take_groups(phrase_of("a"), views_of({{"a", ""}, {"b", "c"}}), query).op,
            ConditionOp::all);
  EXPECT_EQ(query.group_count, 1u);
}

TEST(RequiredTerms, TwiceTheSameWordIsOneGroup) {
  const auto views = views_of({{"ab", ""}, {"a", ""}});
  LexicalQuery query = query_of("ab", 0.5f);
  const Condition twice = condition_of(ConditionOp::conjunction, {phrase_of("b"), phrase_of("b")});
  EXPECT_EQ(take_groups(twice, views, query).op, ConditionOp::all);
  EXPECT_EQ(query.group_count, 1u);
  EXPECT_EQ(found(query, views), (std::vector<std::uint64_t>{1}));
}

TEST(RequiredTerms, APhraseOfRankedWordsIsMovedToTheQuery) {
  const auto views = views_of({{"ab", ""}, {"ba", ""}, {"x", "ab"}, {"a", "b"}, {"axb", "bxa"}});
  LexicalQuery query = query_of("ab", 0.5f);
  EXPECT_EQ(take_groups(phrase_of("ab"), views, query).op, ConditionOp::all);
  EXPECT_EQ(query.group_count, 2u);
  EXPECT_EQ(query.phrases.size(), 1u);
  EXPECT_EQ(found(query, views), (std::vector<std::uint64_t>{1, 3}));
}

TEST(RequiredTerms, APhraseWithAWordThatIsNotRankedByStaysACondition) {
  const auto views = views_of({{"ab", ""}, {"ba", ""}});
  LexicalQuery query = query_of("a", 0.5f);
  EXPECT_EQ(take_groups(phrase_of("ab"), views, query).op, ConditionOp::phrase);
  EXPECT_TRUE(query.phrases.empty());
}

std::string random_words(Random& random, std::uint64_t most) {
  std::string words(random.below(most + 1), 'a');
  // Rare letters and frequent ones.
  for (char& word : words) word = static_cast<char>('a' + random.below(1 + random.below(12)));
  return words;
}

bool holds(const ModelChunk& chunk, const std::string& phrase) {
  return chunk.body.find(phrase) != std::string::npos ||
         chunk.title.find(phrase) != std::string::npos;
}

TEST(RequiredTerms, EqualLookingIntoEveryText) {
  const std::uint64_t seed = 71;
  SCOPED_TRACE(seed);
  Random random(seed);
  std::vector<ModelChunk> chunks;
  for (int i = 0; i < 10'000; ++i)
    chunks.push_back({random_words(random, 12), random_words(random, 4)});
  auto views = views_of(chunks);
  const CollectionStatistics statistics = collect_statistics(views);
  std::size_t found_count = 0, rejected_count = 0;
  for (int i = 0; i < 200; ++i) {
    LexicalQuery query = query_of("abcdefghijkl", 0.5f);
    ChunkBits passes((chunks.size() + 63) / 64);
    std::vector<std::string> required;
    std::vector<Condition> conditions;
    for (std::uint64_t n = 1 + random.below(2); n > 0; --n) {
      std::string phrase = random_words(random, 2) + static_cast<char>('a' + random.below(4));
      conditions.push_back(phrase_of(phrase));
      required.push_back(std::move(phrase));
    }
    const double pass = random.chance(0.5) ? 1 : random.unit();
    ChunkBits filter((chunks.size() + 63) / 64);
    for (std::size_t at = 0; at < chunks.size(); ++at) {
      if (!random.chance(pass)) continue;
      filter[at / 64] |= std::uint64_t{1} << at % 64;
      const bool is_hit =
          std::all_of(required.begin(), required.end(),
                      [&](const std::string& one) { return holds(chunks[at], one); });
      passes[at / 64] |= std::uint64_t{is_hit} << at % 64;
    }
    views[0].passes = passes;
    const RankedList expected = search_lexical(query, views, statistics, 10'000, {}).value();
    found_count += expected.size();

    views[0].passes = filter;
    const Condition all = condition_of(ConditionOp::conjunction, conditions);
    ASSERT_EQ(take_groups(all, views, query).op, ConditionOp::all);
    for (const std::uint32_t k : {1u, 10u, 10'000u}) {
      const RankedList actual = search_lexical(query, views, statistics, k, {}).value();
      ASSERT_EQ(actual.size(), std::min<std::size_t>(k, expected.size()));
      for (std::size_t at = 0; at < actual.size(); ++at) {
        EXPECT_EQ(actual[at].chunk, expected[at].chunk);
        EXPECT_EQ(actual[at].score, expected[at].score);
      }
    }
    query.phrases.clear();
    rejected_count +=
        search_lexical(query, views, statistics, 10'000, {}).value().size() - expected.size();
  }
  EXPECT_GT(found_count, 20'000u);
  EXPECT_GT(rejected_count, 20'000u);
}

TEST(RequiredTerms, AWordThatNoChunkHoldsStaysACondition) {
  const auto views = views_of({{"ab", ""}});
  LexicalQuery query = query_of("ab", 0.5f);
  const Condition absent = phrase_of("z");
  EXPECT_EQ(take_groups(absent, views, query).op, ConditionOp::phrase);
}

}  // namespace
}  // namespace saerok
