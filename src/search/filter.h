/// Filters on attributes: one grammar (docs/query.md) and one parser for --filter and, later, for
/// inline use and HTTP. What this is not: the evaluation over columns (index/attributes.h).
#pragma once

#include <string_view>

#include "index/attribute_filter.h"
#include "saerok/result.h"

namespace saerok {

/// Parses `tag:work AND (date>=2024-03-01 OR NOT path:일기/)`. An empty text gives a filter that
/// everything passes. Errors: invalid_argument, with the place and what was expected there.
Result<AttributeFilter> parse_filter(std::string_view text);

}  // namespace saerok
