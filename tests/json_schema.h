/// The part of JSON Schema 2020-12 that docs/schema uses, and no more: type, enum, const,
/// properties, required, additionalProperties (a boolean), items, minItems, maxItems, minimum,
/// maximum, anyOf and $ref to a place in the same document. Any other keyword is reported as a
/// problem, so that a schema cannot promise what is not checked.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace saerok {

/// Each problem with the place: "/hits/0/lines: 3 items, at most 2". Empty: `value` is valid.
std::vector<std::string> find_schema_problems(const Json& schema, const Json& value);

/// The same for a schema that stands in a larger document, which its references are to.
std::vector<std::string> find_schema_problems(const Json& document, const Json& schema,
                                              const Json& value);

}  // namespace saerok
