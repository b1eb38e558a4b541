/// Responses as JSON, in the shapes that docs/schema describes.
#pragma once

#include "base/json.h"
#include "saerok/config.h"
#include "saerok/requests.h"
#include "saerok/result.h"

namespace saerok {

std::string_view name_of(Decision decision);

Json to_json(const Citation& citation);
Json to_json(const IngestReport& report);
Json to_json(const SearchResponse& response);
Json to_json(const AskResponse& response);
Json to_json(const StoreStatus& status);
Json to_json(const ForgetReport& report);
Json to_json(const CheckReport& report);
Json to_json(const Error& error);

/// What the user gave as JSON. Errors: invalid_argument, where parse_json() says corrupt.
Result<Json> read_given_json(std::string_view text, std::string_view what);

/// Prints a document to standard output.
void print_document(const Json& document);

}  // namespace saerok
