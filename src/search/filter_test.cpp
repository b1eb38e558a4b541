#include "search/filter.h"

#include <random>
#include <string>
#include <variant>

#include "search/filter_value.h"

namespace saerok {
namespace {

struct ValuePrinter {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return std::to_string(value); }
  std::string operator()(Date value) const { return "day " + std::to_string(value.days); }
  std::string operator()(const std::string& value) const { return "'" + value + "'"; }
};

std::string print(const AttributeFilter& filter) {
  if (filter.op == FilterOp::all) return "all";
  if (filter.op == FilterOp::test) {
    static constexpr std::string_view kSigns[] = {"=", "^=", "<", "<=", ">", ">=", "exists", "in"};
    std::string line = filter.name + " ";
    line += kSigns[static_cast<std::size_t>(filter.comparison)];
    for (const AttributeValue& value : filter.alternatives) {
      line += " " + std::visit(ValuePrinter{}, value);
    }
    return "[" + line + "]";
  }
  std::string line = filter.op == FilterOp::negation      ? "(not"
                     : filter.op == FilterOp::conjunction ? "(and"
                                                          : "(or";
  for (const AttributeFilter& child : filter.children) line += " " + print(child);
  return line + ")";
}

struct Case {
  std::string_view text;
  std::string_view tree;
};

// 2024-01-01 is day 19723, 2024-03-01 day 19783, 2024-12-31 day 20088.
constexpr Case kCases[] = {
    {"", "all"},
    {"  \t\n", "all"},
    {"tag:work", "[tag = 'work']"},
    {"tag = work", "[tag = 'work']"},
    {"tag: work", "[tag = 'work']"},
    {"tags:work", "[tag = 'work']"},
    {"aliases:Seoul", "[alias = 'seoul']"},
    {"Tag:WORK", "[tag = 'work']"},
    {"tag:회의", "[tag = '회의']"},
    {"태그:회의", "[태그 = '회의']"},
    {"tag:회의/주간", "[tag = '회의/주간']"},
    {"tag:\"주간 회의\"", "[tag = '주간 회의']"},
    {"\"due date\":soon", "[due date = 'soon']"},
    {"a.b:c", "[a.b = 'c']"},
    {"snake_case:x-y", "[snake_case = 'x-y']"},
    {"path:일기/", "[path ^= '일기/']"},
    {"path:일기/2024.md", "[path = '일기/2024.md']"},
    {"path:\"일기/\"", "[path = '일기/']"},
    {"path:일기/2024*", "[path ^= '일기/2024']"},
    {"folder:일기/", "[folder = '일기/']"},
    {"title:회의*", "[title ^= '회의']"},
    {"title:\"회의*\"", "[title = '회의*']"},
    {"due:*", "[due exists]"},
    {"due=*", "[due exists]"},
    {"due!=*", "(not [due exists])"},
    {"due:\"*\"", "[due = '*']"},
    {"NOT due:*", "(not [due exists])"},
    {"priority:3", "[priority = 3 '3']"},
    {"priority=-3", "[priority = -3 '-3']"},
    {"priority:2.5", "[priority = 2.500000 '2.5']"},
    {"priority:1e3", "[priority = 1000.000000 '1e3']"},
    {"priority:\"3\"", "[priority = '3']"},
    {"priority>3", "[priority > '3' 3]"},
    {"priority >= 3", "[priority >= '3' 3]"},
    {"priority<3", "[priority < '3' 3]"},
    {"priority<=3", "[priority <= '3' 3]"},
    {"priority!=3", "(not [priority = 3 '3'])"},
    {"x:inf", "[x = 'inf']"},
    {"x:nan", "[x = 'nan']"},
    {"x:0x10", "[x = '0x10']"},
    {"x:1,000", "[x = '1,000']"},
    {"x:9223372036854775807", "[x = 9223372036854775807 '9223372036854775807']"},
    {"x:9223372036854775808", "[x = 9223372036854775808.000000 '9223372036854775808']"},
    {"x:1e999", "[x = '1e999']"},
    {"x:3kg", "[x = '3kg']"},
    {"done:true", "[done = true 'true']"},
    {"done:False", "[done = false 'false']"},
    {"done:\"true\"", "[done = 'true']"},
    {"done:yes", "[done = 'yes']"},
    {"date:2024-03-01", "[date = '2024-03-01' day 19783]"},
    {"date:2024-02-29", "[date = '2024-02-29' day 19782]"},
    {"date:2024-03", "(or [date = '2024-03'] [date in day 19783 day 19813])"},
    {"date:2024", "(or [date = 2024 '2024'] [date in day 19723 day 20088])"},
    {"date!=2024-03", "(not (or [date = '2024-03'] [date in day 19783 day 19813]))"},
    {"date:\"2024-03\"", "[date = '2024-03']"},
    {"date>=2024-03-01", "[date >= '2024-03-01' day 19783]"},
    {"date>=2024-03", "[date >= '2024-03' day 19783]"},
    {"date>2024-03", "[date > '2024-03' day 19813]"},
    {"date<2024-03", "[date < '2024-03' day 19783]"},
    {"date<=2024-03", "[date <= '2024-03' day 19813]"},
    {"date<2024", "[date < '2024' 2024 day 19723]"},
    {"date>2024", "[date > '2024' 2024 day 20088]"},
    {"date:1969-12-31", "[date = '1969-12-31' day -1]"},
    {"date:2024-3-1", "[date = '2024-3-1']"},
    {"before:2024-03", "[date < day 19783]"},
    {"after:2024-03", "[date > day 19813]"},
    {"after:2024-03-01", "[date > day 19783]"},
    {"\"before\":2024", "(or [before = 2024 '2024'] [before in day 19723 day 20088])"},
    {"a:1 b:2", "(and [a = 1 '1'] [b = 2 '2'])"},
    {"a:x AND b:y", "(and [a = 'x'] [b = 'y'])"},
    {"a:x OR b:y", "(or [a = 'x'] [b = 'y'])"},
    {"a:x OR b:y AND c:z", "(or [a = 'x'] (and [b = 'y'] [c = 'z']))"},
    {"a:x b:y OR c:z", "(or (and [a = 'x'] [b = 'y']) [c = 'z'])"},
    {"(a:x OR b:y) c:z", "(and (or [a = 'x'] [b = 'y']) [c = 'z'])"},
    {"(a:x OR b:y)c:z", "(and (or [a = 'x'] [b = 'y']) [c = 'z'])"},
    {"-tag:work", "(not [tag = 'work'])"},
    {"NOT tag:work", "(not [tag = 'work'])"},
    {"NOT(tag:work)", "(not [tag = 'work'])"},
    {"NOT a:x b:y", "(and (not [a = 'x']) [b = 'y'])"},
    {"NOT (a:x b:y)", "(not (and [a = 'x'] [b = 'y']))"},
    {"a:x AND NOT b:y", "(and [a = 'x'] (not [b = 'y']))"},
    {"a:x -b:y", "(and [a = 'x'] (not [b = 'y']))"},
    {"--a:x", "(not (not [a = 'x']))"},
    {"((a:x))", "[a = 'x']"},
    {"( a:x )", "[a = 'x']"},
    {"tag:work AND (date>=2024-03-01 OR NOT path:일기/)",
     "(and [tag = 'work'] (or [date >= '2024-03-01' day 19783] (not [path ^= '일기/'])))"},
    {"AND:x", "[and = 'x']"},
    {"ORDER:x", "[order = 'x']"},
    {"NOTE:x", "[note = 'x']"},
    {"x:ANDROID", "[x = 'android']"},
    {"x:\"AND\"", "[x = 'and']"},
    {"x:\"a \\\"b\\\" \\\\c\"", "[x = 'a \"b\" \\c']"},
    {"x:\"\"", "[x = '']"},
    {"url:https://a.b/c?d=e", "[url = 'https://a.b/c?d=e']"},
    {"x:a-b", "[x = 'a-b']"},
    // Decomposed letters, as macOS writes them.
    {"tag:\xE1\x84\x92\xE1\x85\xAC\xE1\x84\x8B\xE1\x85\xB4", "[tag = '회의']"},
};

TEST(Filter, TableOfTextsAndTrees) {
  for (const Case& row : kCases) {
    const Result<AttributeFilter> filter = parse_filter(row.text);
    ASSERT_TRUE(filter) << row.text << ": " << filter.error().message;
    EXPECT_EQ(print(*filter), row.tree) << row.text;
  }
}

struct ErrorCase {
  std::string_view text;
  std::string_view message;  ///< A part of it.
};

constexpr ErrorCase kErrors[] = {
    {"date>=", "at character 7: expected a value after 'date>='"},
    {"태그:", "at character 4: expected a value after '태그:'"},
    {"work", "at character 5: expected ':' or a comparison after 'work'"},
    {"회의 중", "at character 4: expected ':' or a comparison after '회의'"},
    {"tag:a and tag:b", "at character 7: AND, OR and NOT are written in capital letters"},
    {"(tag:a", "at character 1: this '(' has no ')'"},
    {"tag:a)", "at character 6: expected a test, AND, OR or the end"},
    {"()", "at character 2: expected a test between '(' and ')'"},
    {"tag:a AND", "at character 10: expected a test"},
    {"tag:a OR OR tag:b", "at character 10: expected a test before 'OR'"},
    {"AND tag:a", "at character 1: expected a test before 'AND'"},
    {"NOT", "at character 4: expected a test"},
    {"-", "at character 2: expected a test"},
    {":work", "at character 1: expected the name of an attribute, found ':'"},
    {"tag:a AND OR", "expected a test before 'OR'"},
    {"tag: AND x:y", "at character 6: expected a value after 'tag: '"},
    {"tag:\"a", "at character 5: this quotation mark is not closed"},
    {"tag:a(b)", "at character 6: a value with parentheses"},
    {"tag:a\"b\"", "at character 6: a value with parentheses or quotation marks"},
    {"title:*회의", "at character 7: '*' stands at the end"},
    {"title:a**", "'*' stands at the end"},
    {"date>2024*", "at character 6: '*' goes with ':' only"},
    {"date:>=2024", "comparisons are written"},
    {"date:2024-13", "at character 6: the calendar has no 2024-13"},
    {"date>=2023-02-29", "at character 7: the calendar has no 2023-02-29"},
    {"before:soon", "at character 8: expected a date"},
    {"before>2024", "'before' is followed by ':'"},
    {"after:2024-02-30", "the calendar has no 2024-02-30"},
    {"tag:\xFF", "not valid UTF-8"},
};

TEST(Filter, ErrorsPointAtThePlace) {
  for (const ErrorCase& row : kErrors) {
    const Result<AttributeFilter> filter = parse_filter(row.text);
    ASSERT_FALSE(filter) << row.text << " gave " << print(*filter);
    EXPECT_EQ(filter.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(filter.error().message.find(row.message), std::string::npos)
        << row.text << ": " << filter.error().message;
  }
}

TEST(Filter, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    std::string text(depth, '(');
    text.append("a:x").append(depth, ')');
    return text;
  };
  EXPECT_TRUE(parse_filter(nested(kFilterDepthMax - 1)));
  EXPECT_FALSE(parse_filter(nested(kFilterDepthMax)));
  EXPECT_FALSE(parse_filter(std::string(10'000, '(')));
  EXPECT_FALSE(parse_filter(std::string(10'000, '-').append("a:x")));
}

TEST(Filter, NumberOfTestsIsLimited) {
  std::string text;
  for (std::size_t i = 0; i < kFilterTestsMax; ++i) text += "a:x ";
  EXPECT_TRUE(parse_filter(text));
  EXPECT_FALSE(parse_filter(text + "a:x"));
}

TEST(Filter, SizeIsLimited) {
  EXPECT_TRUE(parse_filter("a:" + std::string(kFilterBytesMax - 2, 'x')));
  EXPECT_FALSE(parse_filter("a:" + std::string(kFilterBytesMax - 1, 'x')));
}

TEST(Filter, RandomTextGivesAFilterOrASentence) {
  const unsigned seed = 20260303;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kPieces[] = {
      "tag", "일기", ":",    "=",   ">=",   "<",       "!", "\"", "*", "(",       ")",
      " ",   "-",    "AND ", "OR ", "NOT ", "2024-03", "3", "\\", "/", "\xED\x95"};
  std::size_t parsed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 9; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    const Result<AttributeFilter> filter = parse_filter(text);
    if (filter) {
      ++parsed;
    } else {
      EXPECT_FALSE(filter.error().message.empty());
    }
  }
  EXPECT_GT(parsed, 100u);
}

TEST(FilterValue, DatesCoverTheirDays) {
  const auto days = [](std::string_view text) {
    const auto range = read_date_range(text).value();
    return range ? std::pair(range->first.days, range->last.days) : std::pair(1, 0);
  };
  EXPECT_EQ(days("1970"), std::pair(0, 364));
  EXPECT_EQ(days("1970-02"), std::pair(31, 58));
  EXPECT_EQ(days("1972-02"), std::pair(761, 789));
  EXPECT_EQ(days("1970-01-02"), std::pair(1, 1));
  EXPECT_EQ(days("19700102"), std::pair(1, 0));
  EXPECT_EQ(days("1970/01"), std::pair(1, 0));
}

}  // namespace
}  // namespace saerok
