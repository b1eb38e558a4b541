#include "text/word_lists.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unicode.h"

namespace saerok {
namespace {

using Words = std::vector<std::string>;

WordLists lists_of(std::string_view text) {
  const Result<WordLists> lists = parse_word_lists(text);
  EXPECT_TRUE(lists) << (lists ? "" : lists.error().message);
  return lists.value_or(WordLists());
}

// What is wrong with the text; empty if nothing is.
std::string problem_of(std::string_view text) {
  const Result<WordLists> lists = parse_word_lists(text);
  if (lists) return "";
  EXPECT_EQ(lists.error().code, ErrorCode::invalid_argument);
  return lists.error().message;
}

TEST(WordLists, HoldGroupsOneWayWordsAndProtectedWords) {
  const WordLists lists = lists_of(
      "# 우리 집 말\n"
      "자동차, 차량, car\n"
      "\n"
      "이동전화 => 휴대폰, 핸드폰\n"
      "!회의\n");
  EXPECT_EQ(lists.synonyms, (std::vector<Words>{{"자동차", "차량", "car"}}));
  EXPECT_EQ(lists.one_way,
            (std::vector<std::pair<std::string, Words>>{{"이동전화", {"휴대폰", "핸드폰"}}}));
  EXPECT_EQ(lists.protected_words, (Words{"회의"}));
}

TEST(WordLists, NothingIsNoLists) {
  for (const char* text : {"", "\n", "# 말", "\xEF\xBB\xBF", " \t\r\n  # 말\r\n"}) {
    const WordLists lists = lists_of(text);
    EXPECT_TRUE(lists.synonyms.empty() && lists.one_way.empty() && lists.protected_words.empty());
  }
}

TEST(WordLists, CommentsBeginALineOrFollowASpace) {
  EXPECT_EQ(lists_of("C#, 씨샵  # 언어").synonyms, (std::vector<Words>{{"c#", "씨샵"}}));
  EXPECT_EQ(lists_of("!가구#1").protected_words, (Words{"가구#1"}));
}

TEST(WordLists, SpacesLineEndsAndTheByteOrderMarkAreReadOver) {
  const WordLists lists = lists_of("\xEF\xBB\xBF  a ,b\t\r\n ! 회의 \r\nc=>d");
  EXPECT_EQ(lists.synonyms, (std::vector<Words>{{"a", "b"}}));
  EXPECT_EQ(lists.protected_words, (Words{"회의"}));
  EXPECT_EQ(lists.one_way, (std::vector<std::pair<std::string, Words>>{{"c", {"d"}}}));
}

TEST(WordLists, NamesMayBeSeveralWordsAndAnEqualsSignIsAComma) {
  EXPECT_EQ(lists_of("인공 지능 = AI").synonyms, (std::vector<Words>{{"인공 지능", "ai"}}));
  EXPECT_EQ(lists_of("a \t b,c＝d\u3000e").synonyms, (std::vector<Words>{{"a b", "c", "d e"}}));
  EXPECT_EQ(lists_of("AI => 인공  지능, 기계 학습").one_way,
            (std::vector<std::pair<std::string, Words>>{{"ai", {"인공 지능", "기계 학습"}}}));
}

TEST(WordLists, WordsAreFolded) {
  EXPECT_EQ(lists_of("ＧＰＵ，그래픽카드").synonyms, (std::vector<Words>{{"gpu", "그래픽카드"}}));
  EXPECT_EQ(lists_of("！Straße").protected_words, (Words{"strasse"}));
  EXPECT_EQ(lists_of("!\u1112\u116C\u110B\u1174").protected_words, (Words{"회의"}));
}

TEST(WordLists, AWordCountsOnceInALine) {
  EXPECT_EQ(lists_of("a, b, A").synonyms, (std::vector<Words>{{"a", "b"}}));
  EXPECT_EQ(lists_of("a => a, b, b").one_way,
            (std::vector<std::pair<std::string, Words>>{{"a", {"b"}}}));
}

TEST(WordLists, ErrorsNameTheLineTheProblemAndTheCure) {
  EXPECT_EQ(problem_of("a, b\n# c\n!인공 지능\n"),
            "line 3 of the word lists: \"인공 지능\" is more than one word; write a line for each");
  EXPECT_EQ(problem_of("a, b\r\n차량"),
            "line 2 of the word lists: \"차량\" stands alone; add a comma and what means the same, "
            "or put ! before it to protect it");
}

TEST(WordLists, EachMistakeHasItsError) {
  const std::pair<std::string, std::string_view> mistakes[] = {
      {"a,,b", "remove the sign"},
      {"a, b,", "remove the sign"},
      {",", "remove the sign"},
      {"a, A", "stands alone"},
      {"a =>", "one side only"},
      {"=> a", "one side only"},
      {"a => b => c", "twice"},
      {"a, b => c", "left of =>"},
      {"a => A", "both sides"},
      {"!", "protects no word"},
      {"!a, b", "after !"},
      {"!a => b", "a line for each"},
      {"a, !b", "line of its own"},
      {"!!a", "line of its own"},
      {"a b", "stands alone"},
      {"a = = b", "remove the sign"},
      {"!a\u3000b", "more than one word"},
      {"a, --", "no letter or digit"},
      {"a, \xFF", "UTF-8"},
      {"!" + std::string(65, 'a'), "shorten it"},
      {"!" + std::string(5000, 'a'), "divide it"},
  };
  for (const auto& [text, expected] : mistakes) {
    const std::string problem = problem_of(text);
    EXPECT_TRUE(problem.starts_with("line 1 of the word lists: ")) << problem;
    EXPECT_NE(problem.find(expected), std::string::npos) << text << ": " << problem;
  }
}

TEST(WordLists, LimitsAreInclusive) {
  EXPECT_EQ(problem_of("!" + std::string(kListedWordBytesMax, 'a')), "");
  std::string line = "w0";
  for (std::size_t i = 1; i < kListedWordsMax; ++i) line += ",w" + std::to_string(i);
  EXPECT_EQ(problem_of(line), "");
  EXPECT_NE(problem_of(line + ",more").find("at most 32 words"), std::string::npos);
  std::string file;
  for (std::size_t i = 0; i < kListedLinesMax; ++i) file += "!회의\n";
  EXPECT_EQ(lists_of(file).protected_words.size(), kListedLinesMax);
  EXPECT_NE(problem_of(file + "#").find("10000 lines"), std::string::npos);
}

TEST(WordLists, WhatIsReadKeepsItsPromisesForAnyBytes) {
  constexpr std::uint32_t kSeed = 61;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  constexpr std::string_view kParts[] = {"a", "b", "회의", "차",     ",",   ",",    "=>",
                                         "!", "#", " ",    "\n",     "\n",  "\r\n", "=",
                                         ">", "-", "，",   "\u3000", "\xFF"};
  const auto check = [](const std::string& word) {
    ASSERT_FALSE(word.empty());
    ASSERT_LE(word.size(), kListedWordBytesMax);
    ASSERT_TRUE(is_valid_utf8(word));
    ASSERT_EQ(word.find_first_of(",=\t\n\r"), std::string::npos) << word;
    ASSERT_EQ(word.find("  "), std::string::npos) << word;
    ASSERT_TRUE(word.front() != ' ' && word.back() != ' ') << word;
  };
  std::uint32_t readable = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string text;
    for (std::uint32_t i = 0, n = static_cast<std::uint32_t>(random() % 10); i < n; ++i) {
      text += kParts[random() % std::size(kParts)];
    }
    const Result<WordLists> lists = parse_word_lists(text);
    if (!lists) continue;
    readable += 1;
    for (const Words& group : lists->synonyms) {
      ASSERT_GE(group.size(), 2u);
      for (const std::string& word : group) check(word);
    }
    for (const auto& [word, others] : lists->one_way) {
      check(word);
      ASSERT_FALSE(others.empty());
      for (const std::string& other : others) {
        check(other);
        ASSERT_NE(other, word);
      }
    }
    for (const std::string& word : lists->protected_words) {
      check(word);
      ASSERT_EQ(word.find(' '), std::string::npos) << word;
    }
  }
  EXPECT_GT(readable, 10'000u);
}

}  // namespace
}  // namespace saerok
