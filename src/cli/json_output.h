/// What --json prints, and JSON that the user gives.
#pragma once

#include <string_view>

#include "base/json.h"
#include "saerok/result.h"
#include "wire/response_json.h"

namespace saerok {

/// What the user gave as JSON. Errors: invalid_argument, where parse_json() says corrupt.
Result<Json> read_given_json(std::string_view text, std::string_view what);

/// Prints a document to standard output.
void print_document(const Json& document);

}  // namespace saerok
