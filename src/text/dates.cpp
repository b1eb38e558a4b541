#include "text/dates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include "base/code_points.h"
#include "base/unicode.h"

namespace saerok {
namespace {

using chars::ascii_lower;
using chars::is_ascii_digit;

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::size_t kMonthLettersMin = 3;
constexpr std::size_t kMonthLettersMax = 9;
constexpr std::size_t kBlanksMax = 2;  // Between the parts of a date.
constexpr std::uint32_t kYearMin = 1000, kYearMax = 2999;
/// 1001-12 and 2200-10 are rather a range or a telephone number than a month.
constexpr std::uint32_t kLoneMonthYearMin = 1900, kLoneMonthYearMax = 2199;

constexpr char kLeadOfJamo = '\xE1';  // Of conjoining letters and their neighbours, in UTF-8.
constexpr char kLeadOfWide = '\xEF';  // Of full-width digits and theirs.

/// A month by its name, whole or by its first three letters, sept too; 0: none.
std::uint8_t month_named(std::string_view word) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    const bool is_short = word.size() == kMonthLettersMin || word == "sept";
    if (word == kMonths[i] || (is_short && kMonths[i].starts_with(word))) {
      return static_cast<std::uint8_t>(i + 1);
    }
  }
  return 0;
}

bool exists(std::uint32_t year, std::uint32_t month, std::uint32_t day) {
  constexpr int kLeapYear = 2024;  // For a day of no year: 29 February is one.
  return (std::chrono::year(year == 0 ? kLeapYear : static_cast<int>(year)) /
          static_cast<int>(month) / static_cast<int>(day))
      .ok();
}

struct Number {
  std::size_t end = 0;
  std::size_t size = 0;
  std::uint32_t value = 0;
  std::size_t digits = 0;
};

class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  std::vector<WrittenDate> read() {
    std::vector<WrittenDate> dates;
    for (std::size_t at = next_digit(0); at < text_.size(); at = next_digit(at)) {
      if (digit_size(at) == 0) {
        ++at;
        continue;
      }
      const Number number = number_at(at);
      at = number.end;
      if (const auto date = date_at(at - number.size, number)) {
        dates.push_back(*date);
        at = last_date_end_ = date->end;
      }
    }
    return dates;
  }

 private:
  struct Char {
    char32_t value = 0;  // 0: the end of the text.
    std::size_t size = 0;
  };
  /// Folded to ASCII where it is full-width, a blank if it is one, a syllable if letters spell one.
  Char char_at(std::size_t at) const {
    if (at >= text_.size()) return {};
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) return {byte, 1};
    const bool may_be_spelt =
        text_[at] == kLeadOfJamo || (at + 3 < text_.size() && text_[at + 3] == kLeadOfJamo);
    if (may_be_spelt) {
      const SpeltSyllable spelt = spelt_syllable(text_, at);
      if (spelt.size > 0) return {spelt.syllable, spelt.size};
    }
    const DecodedChar c = decode_utf8(text_, at);
    if (c.code_point >= 0xFF01 && c.code_point <= 0xFF5E) return {c.code_point - 0xFEE0, c.size};
    if (c.code_point == 0xA0 || c.code_point == 0x3000) return {U' ', c.size};
    return {c.code_point, c.size};
  }

  /// The first place from `at` on where a digit may be; the text's end if there is none.
  std::size_t next_digit(std::size_t at) const {
    const auto found = std::find_if(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.end(),
                                    [](char c) { return is_ascii_digit(c) || c == kLeadOfWide; });
    return static_cast<std::size_t>(found - text_.begin());
  }
  std::size_t digit_size(std::size_t at) const {
    const Char c = char_at(at);
    return c.value >= U'0' && c.value <= U'9' ? c.size : 0;
  }
  bool is_letter_at(std::size_t at) const {
    const char32_t c = char_at(at).value;
    return c < 0x80 && chars::is_ascii_letter(static_cast<char>(c));
  }

  /// All digits from `at` on; of more than four the value does not count.
  Number number_at(std::size_t at) const {
    Number number{at, 0, 0, 0};
    while (const std::size_t size = digit_size(number.end)) {
      if (number.digits < 4) {
        number.value = number.value * 10 + (char_at(number.end).value - U'0');
      }
      number.end += size;
      ++number.digits;
    }
    number.size = number.end - at;
    return number;
  }
  std::size_t skip_blanks(std::size_t at) const {
    for (std::size_t i = 0; i < kBlanksMax && char_at(at).value == U' '; ++i) {
      at += char_at(at).size;
    }
    return at;
  }
  /// Behind the character at `at`, if it is one of the two.
  std::optional<std::size_t> behind(std::size_t at, char32_t either, char32_t other) const {
    const Char c = char_at(at);
    if (c.value == 0 || (c.value != either && c.value != other)) return std::nullopt;
    return at + c.size;
  }

  /// Whether a number that begins here goes on from something before: v2024, 1.2024, 1-2024.
  bool is_joined_before(std::size_t at) const {
    if (at == 0) return false;
    const char before = text_[at - 1];
    if (chars::is_ascii_letter(before)) return true;
    const bool is_joint = before == '-' || before == '.' || before == '/' || before == ':';
    return is_joint && at >= 2 && is_ascii_digit(text_[at - 2]);
  }
  bool is_joined_behind(std::size_t at) const {
    const Char c = char_at(at);
    if (c.value >= U'0' && c.value <= U'9') return true;
    const bool digit_follows = digit_size(at + c.size) > 0;
    if (c.value == U'-' || c.value == U'.' || c.value == U'/') return digit_follows;
    if (!is_letter_at(at)) return false;
    return !((c.value == U'T' || c.value == U't') && digit_follows);  // 2024-03-05T12:30
  }

  static std::optional<WrittenDate> made(std::size_t begin, std::size_t end, std::uint32_t year,
                                         std::uint32_t month, std::uint32_t day) {
    const bool has_year = year >= kYearMin && year <= kYearMax;
    if ((year != 0 && !has_year) || !exists(year, month, day == 0 ? 1 : day)) return std::nullopt;
    return WrittenDate{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                       static_cast<std::uint16_t>(year), static_cast<std::uint8_t>(month),
                       static_cast<std::uint8_t>(day)};
  }

  std::optional<WrittenDate> date_at(std::size_t at, const Number& number) const {
    if (number.digits > 4 || number.digits == 3 || is_joined_before(at)) return std::nullopt;
    if (number.digits == 4) {
      if (const auto year_end = behind(skip_blanks(number.end), U'년', U'年')) {
        return korean_month(at, skip_blanks(*year_end), number.value);
      }
      if (const auto date = year_first(at, number)) return date;
    } else {
      if (const auto date = korean_month(at, at, 0)) return date;
      if (const auto date = year_last(at, number)) return date;
      if (const auto date = day_before_month(at, number)) return date;
    }
    return behind_month(at, number);
  }

  /// 3월 5일 at `at`; with a year, 3월 too.
  std::optional<WrittenDate> korean_month(std::size_t begin, std::size_t at,
                                          std::uint32_t year) const {
    const Number month = number_at(at);
    if (month.digits == 0 || month.digits > 2) return std::nullopt;
    const auto month_end = behind(month.end, U'월', U'月');
    if (!month_end) return std::nullopt;
    const Number day = number_at(skip_blanks(*month_end));
    const auto day_end = behind(day.end, U'일', U'日');
    if (day.digits > 0 && day.digits <= 2 && day_end) {
      if (const auto date = made(begin, *day_end, year, month.value, day.value);
          date && day.value > 0) {
        return date;
      }
    }
    if (year == 0) return std::nullopt;
    return made(begin, *month_end, year, month.value, 0);
  }

  /// 2024-03-05, 2024/3/5, 2024.3.5, 2024. 3. 5, 2024-03.
  std::optional<WrittenDate> year_first(std::size_t begin, const Number& year) const {
    const Char sign = char_at(year.end);
    if (sign.value != U'-' && sign.value != U'/' && sign.value != U'.') return std::nullopt;
    const auto next = [&](std::size_t at) {
      const auto behind_sign = behind(at, sign.value, sign.value);
      if (!behind_sign) return Number{};
      const Number number =
          number_at(sign.value == U'.' ? skip_blanks(*behind_sign) : *behind_sign);
      return number.digits <= 2 ? number : Number{};
    };
    const Number month = next(year.end);
    if (month.digits == 0) return std::nullopt;
    if (const Number day = next(month.end); day.digits > 0) {
      if (day.value == 0 || is_joined_behind(day.end)) return std::nullopt;
      return made(begin, day.end, year.value, month.value, day.value);
    }
    const bool is_month = sign.value == U'-' && month.digits == 2 &&
                          year.value >= kLoneMonthYearMin && year.value <= kLoneMonthYearMax;
    if (!is_month || is_joined_behind(month.end)) return std::nullopt;
    return made(begin, month.end, year.value, month.value, 0);
  }

  /// 3/5/2024.
  std::optional<WrittenDate> year_last(std::size_t begin, const Number& first) const {
    const auto second_begin = behind(first.end, U'/', U'/');
    if (!second_begin) return std::nullopt;
    const Number second = number_at(*second_begin);
    const auto year_begin = behind(second.end, U'/', U'/');
    if (second.digits == 0 || second.digits > 2 || !year_begin) return std::nullopt;
    const Number year = number_at(*year_begin);
    if (year.digits != 4 || is_joined_behind(year.end)) return std::nullopt;
    const bool is_day_first = first.value > 12;
    const std::uint32_t month = is_day_first ? second.value : first.value;
    const std::uint32_t day = is_day_first ? first.value : second.value;
    if (day == 0) return std::nullopt;
    return made(begin, year.end, year.value, month, day);
  }

  struct MonthName {
    std::uint8_t month = 0;
    std::size_t begin = 0, end = 0;
    bool is_word_too = false;  // As it stands: march, mar, may.
  };
  MonthName month_name(std::size_t begin, std::size_t end) const {
    if (end - begin < kMonthLettersMin || end - begin > kMonthLettersMax) return {};
    std::string word;
    for (std::size_t i = begin; i < end; ++i) word += ascii_lower(text_[i]);
    const bool is_word = word == "march" || word == "mar" || word == "may";
    return {month_named(word), begin, end, is_word && text_[begin] == word[0]};
  }
  /// The month whose name ends before `at`, with blanks, a full stop or a comma between.
  MonthName month_before(std::size_t at) const {
    std::size_t end = at;
    while (end > 0 && at - end < kBlanksMax && text_[end - 1] == ' ') --end;
    if (end == at || end == 0) return {};
    if (text_[end - 1] == '.' || text_[end - 1] == ',') --end;
    std::size_t begin = end;
    while (begin > 0 && end - begin <= kMonthLettersMax && is_letter_at(begin - 1)) --begin;
    if (begin > 0 && (is_ascii_digit(text_[begin - 1]) || text_[begin - 1] == '_')) return {};
    return month_name(begin, end);
  }
  MonthName month_at(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && end - at <= kMonthLettersMax && is_letter_at(end)) ++end;
    return month_name(at, end);
  }

  bool says(std::size_t at, std::string_view word) const {
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (at + i >= text_.size() || ascii_lower(text_[at + i]) != word[i]) return false;
    }
    return true;
  }
  std::size_t skip_ordinal(std::size_t at) const {
    for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
      if (says(at, ending)) return at + ending.size();
    }
    return at;
  }
  /// A year behind `at`, after a comma or not; its `digits` are 0 if there is none.
  Number year_behind(std::size_t at) const {
    const auto comma = behind(at, U',', U'.');
    const std::size_t gap = comma.value_or(at);
    const std::size_t begin = skip_blanks(gap);
    const Number year = number_at(begin);
    const bool is_year = year.digits == 4 && begin > gap && year.value >= kYearMin &&
                         year.value <= kYearMax && !is_joined_behind(year.end);
    return is_year ? year : Number{};
  }

  /// March 5, 2024 and Mar 2024, from the number behind the month on.
  std::optional<WrittenDate> behind_month(std::size_t at, const Number& number) const {
    const MonthName name = month_before(at);
    if (name.month == 0 || name.begin < last_date_end_) return std::nullopt;
    if (number.digits == 4) {
      if (is_joined_behind(number.end)) return std::nullopt;
      return made(name.begin, number.end, number.value, name.month, 0);
    }
    return with_day(name, number, {name.begin, skip_ordinal(number.end)});
  }

  /// 5 March 2024, 5th of March.
  std::optional<WrittenDate> day_before_month(std::size_t at, const Number& day) const {
    std::size_t next = skip_ordinal(day.end);
    const std::size_t word = skip_blanks(next);
    if (word == next) return std::nullopt;
    next = says(word, "of ") ? skip_blanks(word + 2) : word;
    const MonthName name = month_at(next);
    if (name.month == 0) return std::nullopt;
    return with_day(name, day, {at, name.end});
  }

  struct Stretch {
    std::size_t begin, end;
  };
  std::optional<WrittenDate> with_day(const MonthName& name, const Number& day,
                                      Stretch stretch) const {
    if (day.value == 0) return std::nullopt;
    if (const Number year = year_behind(stretch.end); year.digits > 0) {
      return made(stretch.begin, year.end, year.value, name.month, day.value);
    }
    if (name.is_word_too || is_joined_behind(stretch.end)) return std::nullopt;
    return made(stretch.begin, stretch.end, 0, name.month, day.value);
  }

  std::string_view text_;
  std::size_t last_date_end_ = 0;
};

void append_two_digits(std::uint32_t number, std::string& text) {
  text += static_cast<char>('0' + number / 10);
  text += static_cast<char>('0' + number % 10);
}

}  // namespace

std::vector<WrittenDate> find_dates(std::string_view text) { return DateReader(text).read(); }

std::vector<std::string> terms_of_date(const WrittenDate& date) {
  std::string month;
  append_two_digits(date.month, month);
  std::string day;
  append_two_digits(date.day, day);
  const std::string day_of_month = month + "-" + day;
  if (date.year == 0) return {"--" + day_of_month};
  const std::string year = std::to_string(date.year) + "-";
  if (date.day == 0) return {year + month};
  return {year + day_of_month, year + month, "--" + day_of_month};
}

}  // namespace saerok
