#include "search/query_language.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "base/unicode.h"

namespace saerok {
namespace {

ParsedQuery parse(std::string_view query) {
  static const Analyzer analyzer{AnalyzerSettings{}};
  return parse_query(query, analyzer, [](std::string_view name) { return name == "priority"; });
}

/// A condition as text: stems of phrases with their distances, and the operators around them.
std::string shown(const Condition& condition) {
  std::string text;
  const auto join = [&](std::string_view sign) {
    for (const Condition& child : condition.children) {
      if (!text.empty()) text += sign;
      text += shown(child);
    }
    return "(" + text + ")";
  };
  switch (condition.op) {
    case ConditionOp::all: return "all";
    case ConditionOp::conjunction: return join(" & ");
    case ConditionOp::disjunction: return join(" | ");
    case ConditionOp::negation: return "!" + shown(condition.children.front());
    case ConditionOp::attributes: return "attribute " + condition.attributes.name;
    case ConditionOp::grams:
      for (const std::string& gram : condition.grams) text += "'" + gram + "'";
      return text;
    case ConditionOp::prefix:
      for (const TermRange& range : condition.ranges) text += range.first + "… ";
      return text;
    case ConditionOp::phrase: break;
  }
  for (const PhraseWord& word : condition.phrase) {
    text += (text.empty() ? "" : " ") + word.stem + "+" + std::to_string(word.offset);
  }
  return "<" + text + ">";
}

std::string shown(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& condition : conditions)
    text += (text.empty() ? "" : ", ") + shown(condition);
  return text;
}

TEST(QueryLanguage, AQueryWithoutOperatorsIsItself) {
  for (const std::string query :
       {"녹차를 몇 도에서 우리나요?", "How is green tea (a drink) made?", "it's 12:30 - what now",
        "https://example.com/a?b=c", "C++ node.js x*y -5 +82 --flag a=b", "  두  칸 ", "", "OR",
        "AND x", "IR(information retrieval) 시스템", ":) :-( ^^", "5\" 디스크", "note: buy milk"}) {
    const ParsedQuery parsed = parse(query);
    EXPECT_EQ(parsed.text, query == "How is green tea (a drink) made?"
                               ? "How is green tea  a drink  made?"
                               : query);
    EXPECT_EQ(shown(parsed.conditions) + shown(parsed.phrases), "") << query;
    EXPECT_TRUE(parsed.prefixes.empty()) << query;
    EXPECT_TRUE(parsed.warnings.empty()) << query << ": " << parsed.warnings.front();
    EXPECT_EQ(parsed.unclosed, "") << query;
  }
}

TEST(QueryLanguage, QuotedWordsAreAPhraseOfStemsInOrder) {
  const ParsedQuery parsed = parse("\"green teas\" 물");
  EXPECT_EQ(parsed.text, " green teas  물");
  EXPECT_EQ(shown(parsed.phrases), "<green+0 tea+1>");
  EXPECT_EQ(shown(parse("“정보를 검색”").phrases), "<정보+0 검색+1>");
  EXPECT_EQ(shown(parse("\"...\" a").phrases), "");
  EXPECT_EQ(shown(parse("\"\" a").phrases), "");
}

TEST(QueryLanguage, SignsExcludeAndRequire) {
  const ParsedQuery parsed = parse("차 -홍차를 +green -\"black tea\" NOT 물");
  EXPECT_EQ(shown(parsed.conditions), "!<홍차+0>, <green+0>, !<black+0 tea+1>, !<물+0>");
  EXPECT_EQ(parsed.text.find("홍차"), std::string::npos);
  EXPECT_EQ(parsed.text.find("black"), std::string::npos);
  EXPECT_NE(parsed.text.find("green"), std::string::npos);
  EXPECT_EQ(parsed.text.size(), std::string("차 -홍차를 +green -\"black tea\" NOT 물").size());
}

TEST(QueryLanguage, ADateIsMetHoweverItIsWritten) {
  EXPECT_EQ(shown(parse("+2024-03-05 회의").conditions), "");
  EXPECT_EQ(shown(parse("회의 AND 2024-03-05").conditions),
            "((<회의+0> | '회의') & (<2024+0 3+1 5+2> | '2024-03-05'))");
  EXPECT_EQ(shown(parse("\"March 5, 2024\"").phrases), "(<march+0 5+1 2024+2> | '2024-03-05')");
  EXPECT_EQ(shown(parse("-\"2024년 3월\"").conditions), "!(<2024+0 년+1 3+2 월+3> | '2024-03')");
  EXPECT_EQ(shown(parse("\"회의 2024-03-05\"").phrases), "<회의+0 2024+1 3+2 5+3>");
}

TEST(QueryLanguage, ARequiredKoreanWordMayStandInsideALongerOne) {
  EXPECT_EQ(shown(parse("+검색엔진").conditions), "(<검색엔진+0> | '검색''색엔''엔진')");
  EXPECT_EQ(shown(parse("-검색엔진").conditions), "!<검색엔진+0>");
}

TEST(QueryLanguage, OrJoinsNeighboursAndBindsWeakerThanAnd) {
  EXPECT_EQ(shown(parse("tea coffee OR cocoa milk").conditions), "(<coffe+0> | <cocoa+0>)");
  EXPECT_EQ(shown(parse("a1 AND b1 OR c1").conditions), "((<a1+0> & <b1+0>) | <c1+0>)");
  EXPECT_EQ(shown(parse("(a1 b1) OR c1").conditions), "((<a1+0> & <b1+0>) | <c1+0>)");
  EXPECT_EQ(shown(parse("-(a1 OR b1)").conditions), "!(<a1+0> | <b1+0>)");
  EXPECT_EQ(parse("tea coffee OR cocoa milk").text, "tea coffee    cocoa milk");
}

TEST(QueryLanguage, TestsOfKnownAttributesAreFilters) {
  const ParsedQuery parsed =
      parse("예산 tag:work priority>=3 -path:일기/ before:2024-03 title:\"a b\"");
  EXPECT_EQ(shown(parsed.conditions),
            "attribute tag, attribute priority, !attribute path, attribute date, attribute title");
  EXPECT_EQ(parsed.text.substr(0, 7), "예산 ");
  EXPECT_EQ(parsed.text.find_first_not_of(' ', 7), std::string::npos);
  EXPECT_EQ(shown(parse("(tag:a OR 회의)").conditions), "(attribute tag | (<회의+0> | '회의'))");
  EXPECT_EQ(shown(parse("unknown:work").conditions), "");
}

TEST(QueryLanguage, AStarAsksForWhatBeginsSo) {
  const ParsedQuery parsed = parse("tea organ* 검새*");
  EXPECT_EQ(parsed.prefixes, (std::vector<std::string>{"organ", "검새"}));
  EXPECT_EQ(parsed.text, "tea" + std::string(1 + 6 + 1 + 7, ' '));
  EXPECT_TRUE(parsed.conditions.empty());
  EXPECT_EQ(shown(parse("+organ*").conditions), "organ… ");
}

TEST(QueryLanguage, WhatIsHalfAnOperatorIsWordsWithAWarning) {
  for (const auto& [query, warning] : std::vector<std::pair<std::string, std::string>>{
           {"say \"green tea", "query, at character 5: this quotation mark has no partner"},
           {"차 (green tea", "query, at character 3: this '(' has no ')'"},
           {"차 before:yesterday", "query, at character 3: 'before:yesterday' is no test"},
           {"date:2024-13", "'date:2024-13' is no test"}}) {
    const ParsedQuery parsed = parse(query);
    EXPECT_EQ(parsed.text, query);
    EXPECT_EQ(shown(parsed.conditions) + shown(parsed.phrases), "");
    const std::string said =
        parsed.unclosed + (parsed.warnings.empty() ? "" : parsed.warnings.front());
    EXPECT_NE(said.find(warning), std::string::npos) << said;
  }
}

TEST(QueryLanguage, DeepNestingIsReadAsWords) {
  std::string query(10'000, '(');
  query += "tea";
  query.append(10'000, ')');
  const ParsedQuery parsed = parse(query);
  EXPECT_EQ(parsed.text.size(), query.size());
  EXPECT_NE(parsed.text.find("tea"), std::string::npos);
}

TEST(QueryLanguage, WhatWouldReadTheIndexHundredsOfTimesIsWords) {
  const auto repeated = [](std::string_view part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += std::string(part) + std::to_string(i) + " ";
    return text;
  };
  EXPECT_EQ(parse(repeated("+tea", kQueryConditionsMax)).conditions.size(), kQueryConditionsMax);
  std::string stars;
  for (std::size_t i = 0; i <= kQueryPrefixesMax; ++i) stars += "a" + std::to_string(i) + "* ";
  std::string excluded_stars;
  for (std::size_t i = 0; i <= kQueryPrefixesMax; ++i) excluded_stars += "-b* ";
  for (const std::string& query :
       {repeated("+tea", kQueryConditionsMax + 1), stars, excluded_stars}) {
    const ParsedQuery parsed = parse(query);
    EXPECT_EQ(parsed.text, query);
    EXPECT_TRUE(parsed.conditions.empty() && parsed.phrases.empty() && parsed.prefixes.empty());
    ASSERT_EQ(parsed.warnings.size(), 1u);
    EXPECT_NE(parsed.warnings.front().find("read as words"), std::string::npos);
  }
}

TEST(QueryLanguage, ManyMarksWithoutPartnersAreOneWarning) {
  std::string query;
  for (int i = 0; i < 3'000; ++i) query += "( “ ";
  const ParsedQuery parsed = parse(query);
  EXPECT_EQ(parsed.text, query);
  EXPECT_TRUE(parsed.warnings.empty());
  EXPECT_NE(parsed.unclosed.find("at character 1: this '(' has no ')'"), std::string::npos);
}

TEST(QueryLanguage, AnyBytesGiveATextOfTheirSize) {
  const std::uint64_t seed = 71;
  SCOPED_TRACE(seed);
  Random random(seed);
  const std::vector<std::string> parts = {"\"", "(",  ")",    "-", "+",    "OR", "AND",      "NOT",
                                          " ",  " ",  "tag:", "a", "검색", "*",  "before:",  "2024",
                                          ":",  ">=", "“",    "”", "ㄱㅅ", "\\", "priority", "\t"};
  for (int round = 0; round < 5'000; ++round) {
    std::string query;
    for (std::uint64_t n = random.below(24); n > 0; --n) query += parts[random.below(parts.size())];
    const ParsedQuery parsed = parse(query);
    ASSERT_EQ(parsed.text.size(), query.size()) << query;
    ASSERT_TRUE(is_valid_utf8(parsed.text)) << query;
    for (std::size_t i = 0; i < query.size(); ++i) {
      ASSERT_TRUE(parsed.text[i] == query[i] || parsed.text[i] == ' ') << query;
    }
  }
}

}  // namespace
}  // namespace saerok
