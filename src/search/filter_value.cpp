#include "search/filter_value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <system_error>

#include "base/unicode.h"

namespace saerok {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number that `text` begins with, if those are exactly `digits` digits.
std::optional<unsigned> read_digits(std::string_view text, std::size_t digits) {
  const std::string_view number = text.substr(0, digits);
  if (number.size() < digits || !std::all_of(number.begin(), number.end(), is_digit)) {
    return std::nullopt;
  }
  unsigned value = 0;
  for (const char c : number) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

Date date_of(std::chrono::sys_days day) {
  return {static_cast<std::int32_t>(day.time_since_epoch().count())};
}

Error no_such_day(std::string_view text) {
  return {ErrorCode::invalid_argument,
          "the calendar has no " + std::string(text) +
              "; put it in quotation marks if it is not meant as a date"};
}

}  // namespace

Result<std::optional<DateRange>> read_date_range(std::string_view text) {
  using namespace std::chrono;
  constexpr std::size_t kYear = 4, kMonth = 7, kDay = 10;
  const std::optional<DateRange> none;
  if (text.size() != kYear && text.size() != kMonth && text.size() != kDay) return none;
  const auto year_number = read_digits(text, 4);
  if (!year_number) return none;
  const year y{static_cast<int>(*year_number)};
  if (text.size() == kYear) {
    return std::optional(
        DateRange{date_of(sys_days{y / January / 1}), date_of(sys_days{y / December / 31})});
  }
  const auto month_number = text[4] == '-' ? read_digits(text.substr(5), 2) : std::nullopt;
  if (!month_number) return none;
  const month m{*month_number};
  if (text.size() == kMonth) {
    if (!m.ok()) return no_such_day(text);
    return std::optional(DateRange{date_of(sys_days{y / m / 1}), date_of(sys_days{y / m / last})});
  }
  const auto day_number = text[7] == '-' ? read_digits(text.substr(8), 2) : std::nullopt;
  if (!day_number) return none;
  const year_month_day whole = y / m / day{*day_number};
  if (!whole.ok()) return no_such_day(text);
  return std::optional(DateRange{date_of(sys_days{whole}), date_of(sys_days{whole})});
}

std::optional<AttributeValue> read_number(std::string_view text) {
  // from_chars would also take "inf", "nan" and no digit before an exponent.
  const std::string_view unsigned_text = text.starts_with('-') ? text.substr(1) : text;
  if (unsigned_text.empty() || !is_digit(unsigned_text.front())) return std::nullopt;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc{} && read.ptr == end) {
    return AttributeValue(whole);
  }
  double real = 0;
  const auto read = std::from_chars(text.data(), end, real);
  if (read.ec != std::errc{} || read.ptr != end || !std::isfinite(real)) return std::nullopt;
  return AttributeValue(real);
}

std::optional<bool> read_boolean(std::string_view text) {
  const std::string folded = fold_filter_text(text);
  if (folded == "true") return true;
  if (folded == "false") return false;
  return std::nullopt;
}

std::string fold_filter_text(std::string_view text) { return fold_case(to_nfc(text)); }

}  // namespace saerok
