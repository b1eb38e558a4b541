#include "search/query_words.h"

#include <gtest/gtest.h>

#include "search/memory_backend.h"

namespace saerok {
namespace {

class QueryWordsTest : public ::testing::Test {
 protected:
  QueryWordsTest() {
    backend.add({"a.md", "검색엔진을 만든다. 검색은 어렵다. 가구를 옮겼다.", "검사 기록", {}, {}});
    backend.add({"b.md", "검색과 검토, organization of searching", "Organic food", {}, {}});
    backend.add({"c.md", "안녕하세요 hello world, the performance of lucene", "", {}, {}});
  }
  std::vector<std::string> expanded(std::string_view prefix) {
    std::vector<std::string> texts;
    for (const WordGroup::Word& word : words_of_prefix(prefix, backend).words) {
      texts.push_back(word.text);
    }
    return texts;
  }
  std::string corrected(std::string_view query) {
    return saerok::corrected(correct_words(query, analyzer, backend), query);
  }

  Analyzer analyzer{AnalyzerSettings{}};
  MemoryBackend backend{analyzer};
};

TEST_F(QueryWordsTest, APrefixIsAllThatItCanGrowIntoTheMostFrequentFirst) {
  EXPECT_EQ(expanded("검"), (std::vector<std::string>{"검색", "검사", "검색엔진", "검토"}));
  EXPECT_EQ(expanded("검새"), (std::vector<std::string>{"검색", "검색엔진"}));
  EXPECT_EQ(expanded("각"), (std::vector<std::string>{"가구"}));
  EXPECT_EQ(expanded("Orga"), (std::vector<std::string>{"organic", "organization"}));
  EXPECT_EQ(expanded("organizat"), (std::vector<std::string>{"organization"}));
  EXPECT_TRUE(expanded("없는").empty());
}

TEST_F(QueryWordsTest, AGroupCountsAllItsChunksButNoMoreThanThereAre) {
  EXPECT_EQ(words_of_prefix("검새", backend).document_frequency, 3u);
  EXPECT_EQ(words_of_prefix("검", backend).document_frequency, 3u);  // 5 by its words.
}

TEST_F(QueryWordsTest, InitialsStandForWords) {
  EXPECT_EQ(expanded("ㄱㅅ"), (std::vector<std::string>{"검색", "검사", "검색엔진"}));
  EXPECT_EQ(expanded("ㄱㅅㅇㅈ"), (std::vector<std::string>{"검색엔진"}));
}

TEST_F(QueryWordsTest, WordsTypedOnTheOtherKeyboardAreRepaired) {
  EXPECT_EQ(corrected("rjator"), "검색");
  EXPECT_EQ(corrected("rjatordmf 하는 법"), "검색을 하는 법");
  EXPECT_EQ(corrected("ㅗ디ㅣㅐ"), "hello");
  EXPECT_EQ(corrected("how do people make rjator well and fast"),
            "how do people make 검색 well and fast");
}

TEST_F(QueryWordsTest, MisspeltWordsBecomeTheNearestThatNotesHold) {
  EXPECT_EQ(corrected("검섹엔진"), "검색엔진");
  backend.add({"d.md", "보 일 라 보일러", "", {}, {}});
  EXPECT_EQ(corrected("보일라 검색"), "보일러 검색");
  EXPECT_EQ(corrected("lucene perfromance"), "lucene performance");
  EXPECT_EQ(corrected("organisation"), "organization");
}

TEST_F(QueryWordsTest, WhatNotesHoldStaysAsItIs) {
  for (const std::string query :
       {"검색엔진을", "엔진검색", "hello", "searches", "organizations", "검색 검토"}) {
    EXPECT_EQ(corrected(query), query);
  }
}

TEST_F(QueryWordsTest, PartsOfIdentifiersAreWordsThatNotesHold) {
  backend.add({"d.md", "camelCase came, and came again", "", {}, {}});
  backend.add({"e.md", "she came", "", {}, {}});
  EXPECT_EQ(corrected("camel case"), "camel case");
  EXPECT_EQ(corrected("Camel"), "Camel");
  EXPECT_EQ(corrected("camez"), "came");
  backend.add({"f.md", "iPhone15, and a phone, phones, phone", "", {}, {}});
  EXPECT_EQ(corrected("iphone 15"), "iphone 15");
}

TEST_F(QueryWordsTest, WordsOfAskingAndTalkAreSoundWhetherNotesHoldThemOrNot) {
  backend.add({"d.md", "He thinks and wreaths. 철마 고마움 안경", "", {}, {}});
  for (const std::string query : {"thanks", "Thanks, where?", "얼마나", "고마워", "안녕"}) {
    EXPECT_EQ(corrected(query), query);
  }
}

TEST_F(QueryWordsTest, AShortWordIsTakenForAnotherOnlyIfThatIsFrequentForTheCollection) {
  const auto add = [&](const std::string& text, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      backend.add({"n" + std::to_string(i) + text + ".md", text, "", {}, {}});
    }
  };
  // 운석 and 분석 have six letters each; of 600 chunks three must hold the word that is meant.
  add("분석", 2);
  add("시냇물", 600);
  EXPECT_EQ(corrected("운석"), "운석");
  EXPECT_EQ(corrected("perfromance"), "performance") << "of a long one a single chunk is enough";
  add("분석", 1);
  EXPECT_EQ(corrected("운석"), "분석");
}

TEST_F(QueryWordsTest, WhatNothingIsNearToStaysAsItIs) {
  for (const std::string query :
       {"블록체인", "kubernetes", "차", "2024", "v1.2.4", "gha", "?!", ""}) {
    EXPECT_EQ(corrected(query), query);
  }
}

TEST_F(QueryWordsTest, ALongQueryOfKnownWordsKeepsItsOneUnknownWord) {
  EXPECT_EQ(corrected("the performance of lucene organizatoin searching hello"),
            "the performance of lucene organizatoin searching hello");
}

TEST_F(QueryWordsTest, ManyUnknownWordsAreLeftAloneBecauseEachReadsTheIndex) {
  std::string few = "perfromance", many = few;
  for (std::size_t i = 1; i < kCorrectedWordsMax; ++i) few += " zzzzzzz" + std::string(i, 'q');
  for (std::size_t i = 0; i < kCorrectedWordsMax; ++i) many += " zzzzzzz" + std::string(i, 'q');
  EXPECT_TRUE(corrected(few).starts_with("performance "));
  EXPECT_EQ(corrected(many), many);
}

TEST_F(QueryWordsTest, PartsOfAWordThatABlankCutsInTwoAreNoMistake) {
  backend.add({"d.md", "진흙을 치웠다. 색연필", "", {}, {}});
  EXPECT_EQ(corrected("검 색엔진을"), "검 색엔진을");
}

TEST_F(QueryWordsTest, InitialsAreNoMistake) {
  EXPECT_EQ(corrected("ㄱㅅ ㅁㄴㅇㄹㅎ"), "ㄱㅅ ㅁㄴㅇㄹㅎ");
}

TEST_F(QueryWordsTest, SynonymsAreFoundByAnyInflection) {
  auto lists = parse_word_lists("자동차, 차량, car\n이동전화 => 휴대폰\nmachine learning = ML\n");
  ASSERT_TRUE(lists) << lists.error().message;
  const Analyzer with({.words = std::make_shared<const WordLists>(std::move(lists).value())});
  const auto synonyms = [&](std::string_view query) {
    TermList terms;
    with.analyze(query, terms);
    return synonyms_of(terms, with);
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(synonyms("자동차를 샀다"), (Texts{"차량", "car"}));
  EXPECT_EQ(synonyms("Cars"), (Texts{"자동차", "차량"}));
  EXPECT_EQ(synonyms("이동전화로"), Texts{"휴대폰"});
  EXPECT_EQ(synonyms("휴대폰"), Texts{});
  EXPECT_EQ(synonyms("machine learning과"), Texts{"ml"});
  EXPECT_EQ(synonyms("learning machines"), Texts{});
  EXPECT_EQ(synonyms("ML"), Texts{"machine learning"});
}

}  // namespace
}  // namespace saerok
