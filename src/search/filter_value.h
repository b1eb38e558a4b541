/// What the value of a filter test may mean, by type: 2024 is a number, a text, and a year of days.
/// What this is not: the grammar around values (filter.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

/// The days that a date value covers: one day, a month or a year.
struct DateRange {
  Date first;
  Date last;  ///< Inclusive.
  bool operator==(const DateRange&) const = default;
};

/// Reads 2024, 2024-03 or 2024-03-01. Nothing where the text has none of these shapes.
/// Errors: invalid_argument where it has, but the calendar has no such month or day.
Result<std::optional<DateRange>> read_date_range(std::string_view text);

/// Reads a whole number, a decimal number or a power of ten ("-3", "2.5", "1e6"); nothing else.
std::optional<AttributeValue> read_number(std::string_view text);

/// "true" and "false", in any case.
std::optional<bool> read_boolean(std::string_view text);

/// NFC, and without case: how names and texts of a filter are compared.
std::string fold_filter_text(std::string_view text);

}  // namespace saerok
