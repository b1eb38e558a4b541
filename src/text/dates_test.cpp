#include "text/dates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "text/analyzer.h"

namespace saerok {
namespace {

/// The most exact term of each date in the text.
std::vector<std::string> dates(std::string_view text) {
  std::vector<std::string> found;
  for (const WrittenDate& date : find_dates(text)) found.push_back(terms_of_date(date).front());
  return found;
}
using Texts = std::vector<std::string>;

TEST(Dates, EveryFormOfADayIsTheSameDay) {
  for (const std::string_view form :
       {"2024년 3월 5일",   "2024년3월5일에",    "2024년 03월 05일", "2024年3月5日",
        "2024-03-05",       "2024-3-5",          "2024/3/5",         "2024.3.5",
        "2024.03.05.",      "2024. 3. 5.",       "3/5/2024",         "03/05/2024",
        "March 5, 2024",    "march 5 2024",      "March 5th, 2024",  "Mar. 5, 2024",
        "5 March 2024",     "5th of March 2024", "5 Mar 2024",       "２０２４년 ３월 ５일",
        "2024-03-05T12:30", "(2024-03-05)",      "2024-03-05_회의",  "회의2024.3.5",
        "on March 5, 2024."}) {
    EXPECT_EQ(dates(form), (Texts{"2024-03-05"})) << form;
  }
}

TEST(Dates, AMonthOfAYearAndADayWithoutOneAreDates) {
  for (const std::string_view form : {"2024년 3월", "2024년 3월에", "2024-03", "Mar 2024",
                                      "in March 2024", "march, 2024", "2024년 3월 50일"}) {
    EXPECT_EQ(dates(form), (Texts{"2024-03"})) << form;
  }
  for (const std::string_view form :
       {"3월 5일", "3월5일", "March 5", "Mar 5th", "5 March", "5th of March", "24년 3월 5일"}) {
    EXPECT_EQ(dates(form), (Texts{"--03-05"})) << form;
  }
}

TEST(Dates, OfThreeNumbersTheFirstIsTheMonthUnlessItCannotBe) {
  EXPECT_EQ(dates("3/12/2024"), (Texts{"2024-03-12"}));
  EXPECT_EQ(dates("13/3/2024"), (Texts{"2024-03-13"}));
  EXPECT_EQ(dates("13/13/2024"), Texts{});
}

TEST(Dates, WhatOnlyLooksLikeOneIsNone) {
  for (const std::string_view text :
       {"1.2.3",        "v2024.3.5",     "2024.3.5.1",      "2024.3",         "3/5",
        "1/2024-03-05", "10.2024.3.5",   "12024-03-05",     "2024-03-05-17",  "2024-13-05",
        "2024-02-30",   "2023-02-29",    "3/5/24",          "2024",           "2024년",
        "3월",          "5일",           "3개월 5일",       "0월 5일",        "3월 0일",
        "may 5 of us",  "march 5 miles", "chapter 5 maybe", "room 5 marches", "2024 marching",
        "192.168.3.5",  "02-2024-0305",  "3.5 March",       "12:30",          "march",
        "20240305",     "3/5/2024/7",    "1999-2024",       "2201-10",        "March 2024th"}) {
    EXPECT_EQ(dates(text), Texts{}) << text;
  }
}

TEST(Dates, StandWhereTheyAreWritten) {
  const std::string text = "회의는 2024년 3월 5일, 발표는 March 7, 2024 and 4/1/2024";
  Texts written;
  for (const WrittenDate& date : find_dates(text)) {
    written.push_back(text.substr(date.begin, date.end - date.begin));
  }
  EXPECT_EQ(written, (Texts{"2024년 3월 5일", "March 7, 2024", "4/1/2024"}));
}

TEST(Dates, ADayIsAlsoSearchedForByItsMonthAndWithoutItsYear) {
  EXPECT_EQ(terms_of_date(find_dates("2024.3.5").front()),
            (Texts{"2024-03-05", "2024-03", "--03-05"}));
}

Texts grams(std::string_view text) {
  static const Analyzer analyzer{AnalyzerSettings{}};
  TermList terms;
  analyzer.analyze(text, terms);
  Texts found;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].field == TermField::gram) found.emplace_back(terms[i].text);
  }
  return found;
}
std::size_t count_of(std::string_view text, std::string_view term) {
  const Texts all = grams(text);
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), term));
}

TEST(Dates, AreTermsBesideTheWordsOnceHoweverWritten) {
  for (const std::string_view form : {"2024년 3월 5일", "2024-03-05", "2024-3-5", "3/5/2024",
                                      "memo_2024-03-05.md", "2024-03-05T12:30"}) {
    for (const std::string_view term : {"2024-03-05", "2024-03", "--03-05"}) {
      EXPECT_EQ(count_of(form, term), 1u) << form << " " << term;
    }
  }
}

TEST(Dates, TermsBesideTheWordsAreMarkedSoAndHaveAWordsPosition) {
  const Analyzer analyzer{AnalyzerSettings{}};
  TermList terms;
  analyzer.analyze("회의 March 5, 2024", terms);
  std::size_t beside = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (!terms[i].is_beside) continue;
    EXPECT_EQ(terms[i].position, 1u);
    ++beside;
  }
  EXPECT_EQ(beside, 3u);
}

TEST(Dates, AnyBytesAreReadWithinTheirBounds) {
  constexpr std::uint32_t kSeed = 71;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const Texts parts = {"2024", "3",  "05",       "년",     "월",    "일", "-", "/",
                       ".",    " ",  "March",    "may",    "of",    "th", ",", "T",
                       "\xEF", "３", "\xEC\x9B", "\u1112", "99999", "x"};
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::size_t i = 0, n = random() % 12; i < n; ++i) text += parts[random() % parts.size()];
    std::uint32_t end = 0;
    for (const WrittenDate& date : find_dates(text)) {
      ASSERT_LE(end, date.begin) << text;
      ASSERT_LT(date.begin, date.end) << text;
      end = date.end;
      ASSERT_GE(date.month, 1) << text;
      ASSERT_LE(date.month, 12) << text;
      ASSERT_TRUE(date.year != 0 || date.day != 0) << text;
    }
    ASSERT_LE(end, text.size());
  }
}

}  // namespace
}  // namespace saerok
