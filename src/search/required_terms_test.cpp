#include "search/required_terms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

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
        terms.push_back({field, std::string_view(words).substr(i, 1), static_cast<std::uint32_t>(i)});
      }
    };
    add(IndexField::body_stem, chunk.body);
    add(IndexField::title_stem, chunk.title);
    ++id;
    builder.add({ChunkId{id}, DocumentId{id}, terms, {}});
  }
  return {{Segment::open(MemoryFile::of(builder.finish("a")), Segment::Verify::everything).value(),
           {}, {}}};
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

TEST(RequiredTerms, WhatIsNoWordStaysACondition) {
  const auto views = views_of({{"abc", ""}});
  LexicalQuery query = query_of("abc", 0.5f);
  const Condition phrase = phrase_of("ab");
  const Condition rest = take_groups(
      condition_of(ConditionOp::conjunction, {phrase, phrase_of("c")}), views, query);
  EXPECT_EQ(rest.op, ConditionOp::phrase);
  EXPECT_EQ(rest.phrase.size(), 2u);
  EXPECT_EQ(query.group_count, 1u);
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

TEST(RequiredTerms, AWordThatNoChunkHoldsStaysACondition) {
  const auto views = views_of({{"ab", ""}});
  LexicalQuery query = query_of("ab", 0.5f);
  const Condition absent = phrase_of("z");
  EXPECT_EQ(take_groups(absent, views, query).op, ConditionOp::phrase);
}

}  // namespace
}  // namespace saerok
