#include "search/question_dates.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace saerok {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

enum class Unit : std::uint8_t { day, week, month, year };

struct RelativePhrase {
  std::string_view words;
  Unit unit;
  int offset;
};

/// Longer ones first where one begins another. Blanks in a phrase match any number of blanks, also
/// none in Korean.
constexpr RelativePhrase kRelativePhrases[] = {
    {"지지난 주", Unit::week, -2},  {"지난 주", Unit::week, -1},   {"저번 주", Unit::week, -1},
    {"이번 주", Unit::week, 0},     {"금주", Unit::week, 0},       {"지지난 달", Unit::month, -2},
    {"지난 달", Unit::month, -1},   {"저번 달", Unit::month, -1},  {"이번 달", Unit::month, 0},
    {"이달", Unit::month, 0},       {"재작년", Unit::year, -2},    {"작년", Unit::year, -1},
    {"지난 해", Unit::year, -1},    {"올해", Unit::year, 0},       {"금년", Unit::year, 0},
    {"그저께", Unit::day, -2},      {"엊그제", Unit::day, -2},     {"어제", Unit::day, -1},
    {"오늘", Unit::day, 0},         {"yesterday", Unit::day, -1},  {"today", Unit::day, 0},
    {"last week", Unit::week, -1},  {"this week", Unit::week, 0},  {"last month", Unit::month, -1},
    {"this month", Unit::month, 0}, {"last year", Unit::year, -1}, {"this year", Unit::year, 0},
};

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

/// Words before an English month that make it one: "march" and "may" are words of their own.
constexpr std::string_view kBeforeMonths[] = {"in",   "from", "since", "during", "until", "before",
                                              "last", "this", "of",    "after",  "late",  "early",
                                              "mid",  "by",   "to",    "between"};

Period relative_period(const RelativePhrase& phrase, sys_days today) {
  const year_month_day date(today);
  switch (phrase.unit) {
    case Unit::day: return {today + days(phrase.offset), today + days(phrase.offset)};
    case Unit::week: {
      const std::chrono::weekday weekday(today);
      const sys_days monday = today - (weekday - std::chrono::Monday) + days(7 * phrase.offset);
      return {monday, monday + days(6)};
    }
    case Unit::month: {
      const auto then = date.year() / date.month() + months(phrase.offset);
      return month_period(then.year(), then.month());
    }
    case Unit::year: break;
  }
  return year_period(date.year() + years(phrase.offset));
}

bool is_year(int number) { return number >= 1900 && number < 2200; }
bool is_month(int number) { return number >= 1 && number <= 12; }

/// The last such month that has begun.
year year_of(int month_number, sys_days today) {
  const year_month_day date(today);
  const bool has_begun = month_number <= static_cast<int>(static_cast<unsigned>(date.month()));
  return has_begun ? date.year() : date.year() - years(1);
}

/// A month, or a day of it if `day_number` is one that it has.
Period in_month(year y, int month_number, std::optional<int> day_number) {
  const month m(static_cast<unsigned>(month_number));
  if (day_number) {
    const year_month_day date = y / m / day(static_cast<unsigned>(*day_number));
    if (date.ok()) return {sys_days(date), sys_days(date)};
  }
  return month_period(y, m);
}

/// "3월", "3월 5일" at `i`, in the year given.
std::optional<FoundPeriod> korean_month(const QuestionReader& reader, std::size_t i,
                                        std::optional<year> in, sys_days today) {
  const auto number = reader.number(i, 2);
  if (!number || !is_month(*number)) return std::nullopt;
  const auto end = reader.match(i, "월");
  if (!end) return std::nullopt;
  std::size_t at = reader.skip_blanks(*end);
  const auto day_number = reader.number(at, 2);
  const auto day_end = day_number ? reader.match(at, "일") : std::nullopt;
  const year y = in.value_or(year_of(*number, today));
  return FoundPeriod{day_end.value_or(*end),
                     in_month(y, *number, day_end ? day_number : std::nullopt)};
}

/// "2024년", "2024년 3월 5일", "2024-03", "2024-03-05".
std::optional<FoundPeriod> absolute_date(const QuestionReader& reader, std::size_t i,
                                         sys_days today) {
  const auto number = reader.number(i, 4);
  if (!number || !is_year(*number)) return std::nullopt;
  const year y(*number);
  if (const auto end = reader.match(i, "년")) {
    if (auto found = korean_month(reader, reader.skip_blanks(*end), y, today)) return found;
    return FoundPeriod{*end, year_period(y)};
  }
  if (reader.at(i) != '-') return std::nullopt;
  ++i;
  const auto month_number = reader.number(i, 2);
  if (!month_number || !is_month(*month_number)) return std::nullopt;
  std::size_t at = i + 1;
  const auto day_number = reader.at(i) == '-' ? reader.number(at, 2) : std::nullopt;
  return FoundPeriod{day_number ? at : i, in_month(y, *month_number, day_number)};
}

bool makes_a_month(std::string_view word) {
  for (const std::string_view before : kBeforeMonths) {
    if (word == before) return true;
  }
  return false;
}

/// "in March", "March 2024", "March 5, 2024", "last May".
std::optional<FoundPeriod> english_month(const QuestionReader& reader, std::size_t begin,
                                         sys_days today) {
  for (std::size_t m = 0; m < kMonths.size(); ++m) {
    const auto end = reader.match(begin, kMonths[m]);
    if (!end) continue;
    const std::string_view before = reader.word_before(begin);
    const int number = static_cast<int>(m) + 1;
    std::size_t at = reader.skip_blanks(*end), after = *end;
    std::optional<int> day_number, year_number;
    if (const auto first = reader.number(at, 4)) {
      if (is_year(*first)) year_number = first;
      else if (*first >= 1 && *first <= 31) day_number = first;
      if (year_number || day_number) after = at;
    }
    if (day_number) {
      if (reader.at(at) == ',') ++at;
      at = reader.skip_blanks(at);
      const auto second = reader.number(at, 4);
      if (second && is_year(*second)) {
        year_number = second;
        after = at;
      }
    }
    if (!year_number && !day_number && !makes_a_month(before)) return std::nullopt;
    // "to march in step", "may 3 of us come" are no months.
    const bool is_word_too = kMonths[m] == "march" || kMonths[m] == "may";
    if (is_word_too && !reader.is_capital(begin) && !year_number) return std::nullopt;
    year y = year_number ? year(*year_number) : year_of(number, today);
    const bool is_this_month =
        y == year_month_day(today).year() &&
        number == static_cast<int>(static_cast<unsigned>(year_month_day(today).month()));
    if (!year_number && before == "last" && is_this_month) y -= years(1);
    return FoundPeriod{after, in_month(y, number, day_number)};
  }
  return std::nullopt;
}

/// "in 2024", "since 2023".
std::optional<FoundPeriod> english_year(const QuestionReader& reader, std::size_t i) {
  if (!makes_a_month(reader.word_before(i))) return std::nullopt;
  const auto number = reader.number(i, 4);
  if (!number || !is_year(*number) || !reader.is_word_end(i)) return std::nullopt;
  return FoundPeriod{i, year_period(year(*number))};
}

std::optional<FoundPeriod> relative(const QuestionReader& reader, std::size_t i, sys_days today) {
  for (const RelativePhrase& phrase : kRelativePhrases) {
    const auto end = reader.match(i, phrase.words);
    if (!end) continue;
    if (phrase.words == "오늘" && reader.match(*end, "날")) return std::nullopt;  // "Nowadays".
    const Period period = relative_period(phrase, today);
    if (phrase.unit == Unit::year) {
      const year y = year_month_day(period.first).year();
      if (auto found = korean_month(reader, reader.skip_blanks(*end), y, today)) return found;
    }
    return FoundPeriod{*end, period};
  }
  return std::nullopt;
}

}  // namespace

Period month_period(year y, month m) {
  return {sys_days(y / m / 1), sys_days(y / m / std::chrono::last)};
}
Period year_period(year y) { return {sys_days(y / 1 / 1), sys_days(y / 12 / 31)}; }

std::optional<FoundPeriod> period_at(const QuestionReader& reader, std::size_t begin,
                                     sys_days today) {
  auto found = relative(reader, begin, today);
  if (!found) found = absolute_date(reader, begin, today);
  if (!found) found = korean_month(reader, begin, std::nullopt, today);
  if (!found) found = english_month(reader, begin, today);
  if (!found) found = english_year(reader, begin);
  return found;
}

}  // namespace saerok
