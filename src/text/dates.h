/// Dates in a text, whichever way they are written, so that a note that says 2024년 3월 5일 is
/// found by 2024-03-05 and March 5, 2024. What this is not: periods that a question means ("last
/// week", search/question_dates.h), or the date of a note (ingest/document_facts.h).
///
/// Read as dates are
/// - 2024년 3월 5일, 2024년 3월, 3월 5일, with blanks or without, and the same with 年月日;
/// - 2024-03-05, 2024/3/5, 2024.3.5, 2024. 3. 5. and 2024-03;
/// - 3/5/2024: the month first, unless the first number is over 12;
/// - March 5, 2024, 5 March 2024, 5th of March, Mar 2024, Mar. 5. Without a year, march, mar and
/// may
///   need their capital.
/// A number joined to more digits or letters (1.2024.3.5, v2024-03-05, 2024.3.5.1), a fraction
/// (3/5), a decimal (2024.3), a month alone, and a day that the calendar does not have are none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saerok {

struct WrittenDate {
  std::uint32_t begin = 0;  ///< Bytes of the text.
  std::uint32_t end = 0;
  std::uint16_t year = 0;  ///< 1000 to 2999; 0: none is given, but a month and a day.
  std::uint8_t month = 0;  ///< 1 to 12.
  std::uint8_t day = 0;    ///< 1 to 31; 0: none is given, but a year and a month.

  bool operator==(const WrittenDate&) const = default;
};

/// In order, not overlapping. Full-width digits and Hangul in letters count; bytes that are not
/// UTF-8 are in no date. Takes linear time; a text without digits is only looked through.
std::vector<WrittenDate> find_dates(std::string_view text);

/// What a date is searched for as, most exact first: 2024-03-05, then 2024-03 and --03-05, so that
/// it is also found by its month, and by its day without the year.
std::vector<std::string> terms_of_date(const WrittenDate& date);

}  // namespace saerok
