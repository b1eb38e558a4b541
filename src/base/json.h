/// Reading JSON that others wrote, with Errors instead of exceptions. For writing, use nlohmann's
/// own interface. Only base/json.*, models/, the JSONL reader, lab/, cli/ and server/ know JSON.
/// nlohmann-json, because it is in every distribution and small documents are all we have here.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "saerok/result.h"

namespace saerok {

using Json = nlohmann::json;

/// `what` names the source in the Error: "the model list /…/models.json". Errors: corrupt.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// The member of an object, or null: also where `object` is no object.
const Json* find_member(const Json& object, std::string_view name);

/// The member, if it is there and of that type.
std::optional<std::string> find_text(const Json& object, std::string_view name);
std::optional<double> find_number(const Json& object, std::string_view name);
std::optional<std::uint64_t> find_count(const Json& object, std::string_view name);

/// One line; bytes that are not UTF-8 become U+FFFD instead of an exception.
std::string print_json(const Json& value);
/// Indented by two blanks.
std::string print_json_pretty(const Json& value);

}  // namespace saerok
