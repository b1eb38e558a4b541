#include "search/question_filter.h"

#include <gtest/gtest.h>

#include <random>

#include "search/filter.h"

namespace saerok {
namespace {

constexpr Date kToday{20'048};  // Thursday, 2024-11-21.

std::string filters_of(std::string_view question) {
  std::string all;
  for (const QuestionFilter& found : propose_filters(question, kToday)) {
    all += (all.empty() ? "" : " | ") + found.proposed.filter;
  }
  return all;
}

TEST(QuestionFilter, RelativeDaysCountFromToday) {
  EXPECT_EQ(filters_of("어제 회의에서 뭐라고 했지?"), "date:2024-11-20");
  EXPECT_EQ(filters_of("그저께 산 책"), "date:2024-11-19");
  EXPECT_EQ(filters_of("what did I write yesterday?"), "date:2024-11-20");
  EXPECT_EQ(filters_of("Today's notes"), "date:2024-11-21");
}

TEST(QuestionFilter, WeekBeginsOnMonday) {
  EXPECT_EQ(filters_of("지난주 회의"), "date>=2024-11-11 date<=2024-11-17");
  EXPECT_EQ(filters_of("지난 주에 뭐 했지"), "date>=2024-11-11 date<=2024-11-17");
  EXPECT_EQ(filters_of("notes from last week"), "date>=2024-11-11 date<=2024-11-17");
  EXPECT_EQ(filters_of("이번 주 할 일"), "date>=2024-11-18 date<=2024-11-24");
  EXPECT_EQ(filters_of("지지난주 일기"), "date>=2024-11-04 date<=2024-11-10");
}

TEST(QuestionFilter, MonthAndYearPhrasesAreWholeOnes) {
  EXPECT_EQ(filters_of("지난달 가계부"), "date:2024-10");
  EXPECT_EQ(filters_of("작년에 읽은 책"), "date:2023");
  EXPECT_EQ(filters_of("올해 목표"), "date:2024");
  EXPECT_EQ(filters_of("last year's budget"), "date:2023");
  EXPECT_EQ(filters_of("2023년 여행"), "date:2023");
}

TEST(QuestionFilter, YearPhraseGivesTheMonthItsYear) {
  EXPECT_EQ(filters_of("작년 3월 회의"), "date:2023-03");
  EXPECT_EQ(filters_of("재작년 12월"), "date:2022-12");
  EXPECT_EQ(filters_of("2022년 3월 5일에 뭐 했어?"), "date:2022-03-05");
}

TEST(QuestionFilter, MonthWithoutAYearIsTheLastOneThatHasBegun) {
  EXPECT_EQ(filters_of("3월 회의에서 정한 것"), "date:2024-03");
  EXPECT_EQ(filters_of("12월 일기"), "date:2023-12");
  EXPECT_EQ(filters_of("What did we decide in March?"), "date:2024-03");
  EXPECT_EQ(filters_of("the trip in December"), "date:2023-12");
  EXPECT_EQ(filters_of("3월 14일 일기"), "date:2024-03-14");
  EXPECT_EQ(filters_of("March 5, 2023"), "date:2023-03-05");
  EXPECT_EQ(filters_of("budget of October 2022"), "date:2022-10");
}

TEST(QuestionFilter, WrittenDatesAreTaken) {
  EXPECT_EQ(filters_of("2024-03 정리"), "date:2024-03");
  EXPECT_EQ(filters_of("what happened on 2024-03-05?"), "date:2024-03-05");
}

TEST(QuestionFilter, WordsThatOnlyLookLikeDatesAreLeft) {
  for (const char* question :
       {"3개월 동안 얼마나 썼지?", "May I ask something?", "how to march in step", "오늘날의 농업",
        "12시 30분", "방 2024호", "세포월드 5", "C#에서 문자열", "1. #3 항목", "13월",
        "the year 2024"}) {
    EXPECT_EQ(filters_of(question), "") << question;
  }
}

TEST(QuestionFilter, DayThatTheCalendarLacksLeavesItsMonth) {
  EXPECT_EQ(filters_of("2월 31일"), "date:2024-02");
}

TEST(QuestionFilter, BoundsAreOpenOnOneSide) {
  EXPECT_EQ(filters_of("notes since March"), "date>=2024-03-01");
  EXPECT_EQ(filters_of("before 2023"), "date<2023-01-01");
  EXPECT_EQ(filters_of("3월 이후 지출"), "date>=2024-03-01");
  EXPECT_EQ(filters_of("3월부터 5월까지 지출"), "date>=2024-03-01 | date<=2024-05-31");
  EXPECT_EQ(filters_of("spending from March to May"), "date>=2024-03-01 | date<=2024-05-31");
  EXPECT_EQ(filters_of("notes from March"), "date:2024-03");
}

TEST(QuestionFilter, TagsAreWords) {
  EXPECT_EQ(filters_of("#정원 물은 언제 줘?"), "tag:\"정원\"");
  EXPECT_EQ(filters_of("list #work/plan, please"), "tag:\"work/plan\"");
}

TEST(QuestionFilter, WordsOfTheQuestionAreShown) {
  const auto found = propose_filters("음, Last Week 회의 #일", kToday);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].proposed.words, "Last Week");
  EXPECT_EQ(found[1].proposed.words, "#일");
}

TEST(QuestionFilter, PeriodsAreAlternativesAndTheRestNarrows) {
  const auto found = propose_filters("3월과 4월 #회의", kToday);
  EXPECT_EQ(combine_filters("path:일기/", found),
            "(path:일기/) AND tag:\"회의\" AND ((date:2024-03) OR (date:2024-04))");
  EXPECT_EQ(combine_filters("", {}), "");
}

TEST(QuestionFilter, WhateverIsFoundIsAFilter) {
  const unsigned seed = 20'241'121;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kPieces[] = {"작년", " ",  "3월",  "5일",   "#a",    "\"", "2024",
                                          "-",    "년", "부터", "in ",   "march", "31", "since ",
                                          "지난", "주", "#",    "한/글", "🙂",    ")",  "\\"};
  for (int round = 0; round < 2'000; ++round) {
    std::string question;
    for (std::size_t i = random() % 12; i > 0; --i)
      question += kPieces[random() % std::size(kPieces)];
    const auto found = propose_filters(question, kToday);
    EXPECT_LE(found.size(), kQuestionFiltersMax);
    const auto parsed = parse_filter(combine_filters("", found));
    EXPECT_TRUE(parsed) << question << ": " << parsed.error().message;
  }
}

}  // namespace
}  // namespace saerok
