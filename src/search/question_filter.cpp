#include "search/question_filter.h"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "base/code_points.h"

namespace saerok {
namespace {

using namespace chars;
using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

/// Both days inclusive.
struct Period {
  sys_days first;
  sys_days last;
};

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

/// The question with ASCII capitals folded, read from left to right; offsets are the question's.
class Reader {
 public:
  explicit Reader(std::string_view text) : question_(text), text_(text) {
    for (char& c : text_) c = ascii_lower(c);
  }

  const std::string& text() const { return text_; }
  std::size_t size() const { return text_.size(); }
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::size_t skip_blanks(std::size_t i) const {
    while (at(i) == ' ') ++i;
    return i;
  }

  bool is_capital(std::size_t i) const { return question_[i] != text_[i]; }
  bool is_word_start(std::size_t i) const {
    if (i == 0) return true;
    const CodePoint before = code_point_at(text_, code_point_before(text_, i));
    return is_space(before.value) || is_punctuation(before.value);
  }
  bool is_word_end(std::size_t i) const {
    if (i >= text_.size()) return true;
    const CodePoint next = code_point_at(text_, i);
    return is_space(next.value) || is_punctuation(next.value);
  }

  /// Where `words` that stand at `i` end; nothing if they do not.
  std::optional<std::size_t> match(std::size_t i, std::string_view words) const {
    const bool is_english = is_ascii_letter(words.front());
    for (std::size_t w = 0; w < words.size(); ++w) {
      if (words[w] == ' ') {
        const std::size_t after = skip_blanks(i);
        if (after == i && is_english) return std::nullopt;
        i = after;
      } else if (at(i) != words[w]) {
        return std::nullopt;
      } else {
        ++i;
      }
    }
    if (is_english && !is_word_end(i)) return std::nullopt;
    return i;
  }

  /// A number of at most `digits_max` digits at `i`, which `i` is moved past.
  std::optional<int> number(std::size_t& i, std::size_t digits_max) const {
    std::size_t end = i;
    int value = 0;
    for (; is_ascii_digit(at(end)); ++end) {
      if (end - i == digits_max) return std::nullopt;
      value = value * 10 + (at(end) - '0');
    }
    if (end == i) return std::nullopt;
    i = end;
    return value;
  }

  /// The word that ends before `i`, blanks left out.
  std::string_view word_before(std::size_t i) const {
    while (i > 0 && text_[i - 1] == ' ') --i;
    std::size_t begin = i;
    while (begin > 0 && is_ascii_letter(text_[begin - 1])) --begin;
    return std::string_view(text_).substr(begin, i - begin);
  }

 private:
  std::string_view question_;
  std::string text_;
};

struct Found {
  std::size_t end = 0;
  Period period;
};

Period month_period(year y, month m) {
  return {sys_days(y / m / 1), sys_days(y / m / std::chrono::last)};
}
Period year_period(year y) { return {sys_days(y / 1 / 1), sys_days(y / 12 / 31)}; }

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
std::optional<Found> korean_month(const Reader& reader, std::size_t i, std::optional<year> in,
                                  sys_days today) {
  const auto number = reader.number(i, 2);
  if (!number || !is_month(*number)) return std::nullopt;
  const auto end = reader.match(i, "월");
  if (!end) return std::nullopt;
  std::size_t at = reader.skip_blanks(*end);
  const auto day_number = reader.number(at, 2);
  const auto day_end = day_number ? reader.match(at, "일") : std::nullopt;
  const year y = in.value_or(year_of(*number, today));
  return Found{day_end.value_or(*end), in_month(y, *number, day_end ? day_number : std::nullopt)};
}

/// "2024년", "2024년 3월 5일", "2024-03", "2024-03-05".
std::optional<Found> absolute_date(const Reader& reader, std::size_t i, sys_days today) {
  const auto number = reader.number(i, 4);
  if (!number || !is_year(*number)) return std::nullopt;
  const year y(*number);
  if (const auto end = reader.match(i, "년")) {
    if (auto found = korean_month(reader, reader.skip_blanks(*end), y, today)) return found;
    return Found{*end, year_period(y)};
  }
  if (reader.at(i) != '-') return std::nullopt;
  ++i;
  const auto month_number = reader.number(i, 2);
  if (!month_number || !is_month(*month_number)) return std::nullopt;
  std::size_t at = i + 1;
  const auto day_number = reader.at(i) == '-' ? reader.number(at, 2) : std::nullopt;
  return Found{day_number ? at : i, in_month(y, *month_number, day_number)};
}

bool makes_a_month(std::string_view word) {
  for (const std::string_view before : kBeforeMonths) {
    if (word == before) return true;
  }
  return false;
}

/// "in March", "March 2024", "March 5, 2024", "last May".
std::optional<Found> english_month(const Reader& reader, std::size_t begin, sys_days today) {
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
    return Found{after, in_month(y, number, day_number)};
  }
  return std::nullopt;
}

/// "in 2024", "since 2023".
std::optional<Found> english_year(const Reader& reader, std::size_t i) {
  if (!makes_a_month(reader.word_before(i))) return std::nullopt;
  const auto number = reader.number(i, 4);
  if (!number || !is_year(*number) || !reader.is_word_end(i)) return std::nullopt;
  return Found{i, year_period(year(*number))};
}

std::optional<Found> relative(const Reader& reader, std::size_t i, sys_days today) {
  for (const RelativePhrase& phrase : kRelativePhrases) {
    const auto end = reader.match(i, phrase.words);
    if (!end) continue;
    if (phrase.words == "오늘" && reader.match(*end, "날")) return std::nullopt;  // "Nowadays".
    const Period period = relative_period(phrase, today);
    if (phrase.unit == Unit::year) {
      const year y = year_month_day(period.first).year();
      if (auto found = korean_month(reader, reader.skip_blanks(*end), y, today)) return found;
    }
    return Found{*end, period};
  }
  return std::nullopt;
}

std::string print_date(sys_days date) {
  const year_month_day parts(date);
  const auto pad = [](unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return std::to_string(static_cast<int>(parts.year())) + "-" +
         pad(static_cast<unsigned>(parts.month())) + "-" + pad(static_cast<unsigned>(parts.day()));
}

std::string print_period(const Period& period) {
  const year_month_day first(period.first), last(period.last);
  const std::string text = print_date(period.first);
  if (period.first == period.last) return "date:" + text;
  const Period whole_year = year_period(first.year());
  if (period.first == whole_year.first && period.last == whole_year.last) {
    return "date:" + text.substr(0, 4);
  }
  const Period whole_month = month_period(first.year(), first.month());
  if (period.first == whole_month.first && period.last == whole_month.last) {
    return "date:" + text.substr(0, 7);
  }
  return "date>=" + text + " date<=" + print_date(period.last);
}

struct Bound {
  std::string_view words;
  std::string_view comparison;
  bool is_of_last;  ///< Of the period's last day, else of its first.
};
constexpr Bound kBoundsBefore[] = {
    {"since", ">=", false}, {"from", ">=", false}, {"after", ">", true}, {"before", "<", false},
    {"until", "<=", true},  {"by", "<=", true},    {"to", "<=", true}};
constexpr Bound kBoundsAfter[] = {{"이후", ">=", false},
                                  {"부터", ">=", false},
                                  {"이전", "<", false},
                                  {"전에", "<", false},
                                  {"까지", "<=", true}};

/// "since 2023", "3월부터"; "notes from March" has an end as well as a beginning, "from March to
/// May" has not.
const Bound* bound_of(const Reader& reader, std::size_t begin, std::size_t end) {
  const std::size_t after = reader.skip_blanks(end);
  const std::string_view word = reader.word_before(begin);
  for (const Bound& bound : kBoundsBefore) {
    if (word != bound.words) continue;
    const bool goes_on =
        reader.match(after, "to") || reader.match(after, "on") || reader.match(after, "until");
    if (word != "from" || goes_on) return &bound;
  }
  for (const Bound& bound : kBoundsAfter) {
    if (reader.match(after, bound.words)) return &bound;
  }
  return nullptr;
}

QuestionFilter make_period(const Reader& reader, std::string_view question, std::size_t begin,
                           const Found& found) {
  QuestionFilter filter;
  filter.proposed.words = question.substr(begin, found.end - begin);
  if (const Bound* bound = bound_of(reader, begin, found.end)) {
    filter.kind = QuestionFilter::Kind::bound;
    filter.proposed.filter = "date" + std::string(bound->comparison) +
                             print_date(bound->is_of_last ? found.period.last : found.period.first);
    return filter;
  }
  filter.kind = QuestionFilter::Kind::period;
  filter.proposed.filter = print_period(found.period);
  return filter;
}

/// "#정원", "#work/plan"; "#3" is a number.
std::optional<std::size_t> tag_end(std::string_view question, std::size_t begin) {
  std::size_t end = begin + 1;
  bool has_letter = false;
  while (end < question.size()) {
    const CodePoint c = code_point_at(question, end);
    const bool joins = c.value == '-' || c.value == '_' || c.value == '/';
    if (!joins && (is_space(c.value) || is_punctuation(c.value) || c.value == '#')) break;
    has_letter = has_letter || (!joins && (c.value >= 0x80 || !is_ascii_digit(question[end])));
    end += c.size;
  }
  return has_letter ? std::optional(end) : std::nullopt;
}

}  // namespace

std::vector<QuestionFilter> propose_filters(std::string_view question, Date today) {
  const sys_days now{days(today.days)};
  const Reader reader(question);
  std::vector<QuestionFilter> found;
  for (std::size_t i = 0; i < reader.size() && found.size() < kQuestionFiltersMax;) {
    const std::size_t next = i + code_point_at(reader.text(), i).size;
    if (!reader.is_word_start(i)) {
      i = next;
      continue;
    }
    if (reader.at(i) == '#') {
      const auto end = tag_end(question, i);
      if (end) {
        const std::string name(question.substr(i + 1, *end - i - 1));
        found.push_back({QuestionFilter::Kind::tag, {"#" + name, "tag:\"" + name + "\""}});
      }
      i = end.value_or(next);
      continue;
    }
    auto date = relative(reader, i, now);
    if (!date) date = absolute_date(reader, i, now);
    if (!date) date = korean_month(reader, i, std::nullopt, now);
    if (!date) date = english_month(reader, i, now);
    if (!date) date = english_year(reader, i);
    if (date) found.push_back(make_period(reader, question, i, *date));
    i = date ? date->end : next;
  }
  return found;
}

std::string combine_filters(std::string_view own, std::span<const QuestionFilter> found) {
  std::string combined = own.empty() ? "" : "(" + std::string(own) + ")";
  std::string periods;
  const auto narrow = [&](const std::string& by) {
    combined += (combined.empty() ? "" : " AND ") + by;
  };
  for (const QuestionFilter& filter : found) {
    if (filter.kind == QuestionFilter::Kind::period) {
      periods += (periods.empty() ? "(" : " OR ") + ("(" + filter.proposed.filter + ")");
    } else {
      narrow(filter.proposed.filter);
    }
  }
  if (!periods.empty()) narrow(periods + ")");
  return combined;
}

}  // namespace saerok
