/// Filters on attributes: one grammar (docs/query.md) and one parser for --filter and, later, for
/// inline use and HTTP. What this is not: the evaluation over columns (index/attributes.h).
#pragma once

#include <cstddef>
#include <string_view>

#include "index/attribute_filter.h"
#include "saerok/result.h"

namespace saerok {

constexpr std::size_t kFilterBytesMax = 16'384;
constexpr std::size_t kFilterTestsMax = 256;
constexpr std::size_t kFilterDepthMax = 32;  ///< Of parentheses and negations.

/// Parses `tag:work AND (date>=2024-03-01 OR NOT path:일기/)`. An empty text gives a filter that
/// everything passes. Errors: invalid_argument, with the place and what was expected there.
Result<AttributeFilter> parse_filter(std::string_view text);

}  // namespace saerok
