#include "search/question_filter.h"

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/code_points.h"
#include "search/question_dates.h"
#include "search/question_reader.h"

namespace saerok {
namespace {

using namespace chars;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

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
const Bound* bound_of(const QuestionReader& reader, std::size_t begin, std::size_t end) {
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

QuestionFilter make_period(const QuestionReader& reader, std::string_view question,
                           std::size_t begin, const FoundPeriod& found) {
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
  const QuestionReader reader(question);
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
    const auto date = period_at(reader, i, now);
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
