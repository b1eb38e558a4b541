#include "wire/request_json.h"

#include <algorithm>
#include <utility>

#include "base/unicode.h"

namespace saerok {
namespace {

constexpr std::string_view kRequestModes[] = {"auto", "lexical", "vector", "hybrid"};
constexpr std::string_view kSearchChoices[] = {"auto", "always", "never"};
constexpr std::string_view kSyntaxes[] = {"operators", "plain"};
constexpr std::size_t kVectorMax = 65'536;
constexpr std::size_t kTurnBytesMax = 1u << 20;

/// Levels of nesting, counted without parsing.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (is_in_string) {
      if (letter == '\\') ++i;
      else if (letter == '"') is_in_string = false;
    } else if (letter == '"') {
      is_in_string = true;
    } else if (letter == '{' || letter == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((letter == '}' || letter == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

Result<Conversation> conversation_from(const Json* json) {
  Conversation conversation;
  if (json == nullptr || json->is_null()) return conversation;
  const Error malformed{ErrorCode::invalid_argument,
                        "conversation is an array of {\"role\": \"user\", \"assistant\" or "
                        "\"system\", \"content\": text}"};
  if (!json->is_array()) return malformed;
  if (json->size() > kTurnsMax) {
    return Error{ErrorCode::invalid_argument,
                 "the conversation has more than " + std::to_string(kTurnsMax) + " turns"};
  }
  for (const Json& turn : *json) {
    auto role = find_text(turn, "role");
    auto content = find_text(turn, "content");
    if (!role || !content || content->size() > kTurnBytesMax) return malformed;
    if (*role != "user" && *role != "assistant" && *role != "system") return malformed;
    conversation.push_back({*std::move(role), *std::move(content)});
  }
  return conversation;
}

Result<std::vector<float>> vector_from(const Json* json) {
  std::vector<float> vector;
  if (json == nullptr || json->is_null()) return vector;
  bool is_well_formed = json->is_array() && json->size() <= kVectorMax;
  for (std::size_t i = 0; is_well_formed && i < json->size(); ++i) {
    is_well_formed = (*json)[i].is_number();
    if (is_well_formed) vector.push_back((*json)[i].get<float>());
  }
  if (is_well_formed) return vector;
  return Error{ErrorCode::invalid_argument, "query_vector is an array of numbers"};
}

SearchMode mode_from(RequestReader& reader) {
  return static_cast<SearchMode>(reader.choice("mode", kRequestModes, 0));
}

std::string_view name_of(SearchMode mode) { return kRequestModes[static_cast<std::size_t>(mode)]; }

}  // namespace

Result<Json> parse_request_body(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json(Json::object());
  if (depth_of(text) > kJsonDepthMax) {
    return Error{ErrorCode::invalid_argument, "the request's JSON is nested deeper than " +
                                                  std::to_string(kJsonDepthMax) + " levels"};
  }
  auto json = parse_json(text, "the request's body");
  if (!json) return Error{ErrorCode::invalid_argument, json.error().message};
  if (json->is_object()) return json;
  return Error{ErrorCode::invalid_argument, "the request's body is not a JSON object"};
}

const Json* RequestReader::present(std::string_view name) const {
  const Json* value = find_member(object_, name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void RequestReader::fail(std::string_view name, std::string_view wanted) {
  if (!status_) return;
  status_ = Error{ErrorCode::invalid_argument,
                  "\"" + std::string(name) + "\" is to be " + std::string(wanted)};
}

std::string RequestReader::text(std::string_view name, std::string_view fallback,
                                std::size_t bytes_max) {
  const Json* value = present(name);
  if (value == nullptr) return std::string(fallback);
  // A URL's "query=2024" was taken for a number.
  if (value->is_number() || value->is_boolean()) return print_json(*value);
  if (!value->is_string()) {
    fail(name, "a text");
    return {};
  }
  std::string text = value->get<std::string>();
  if (text.size() > bytes_max) {
    fail(name, "a text of at most " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  return replace_invalid_utf8(text).text;
}

bool RequestReader::flag(std::string_view name, bool fallback) {
  const Json* value = present(name);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  if (*value == 0 || *value == 1) return *value == 1;
  fail(name, "true or false");
  return fallback;
}

std::uint64_t RequestReader::count(std::string_view name, std::uint64_t min, std::uint64_t max,
                                   std::uint64_t fallback) {
  const Json* value = present(name);
  if (value == nullptr) return fallback;
  const auto number = find_count(object_, name);
  if (number && *number >= min && *number <= max) return *number;
  fail(name, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return fallback;
}

std::optional<std::uint64_t> RequestReader::optional_count(std::string_view name,
                                                           std::uint64_t max) {
  if (present(name) == nullptr) return std::nullopt;
  return count(name, 0, max, 0);
}

std::size_t RequestReader::choice(std::string_view name, std::span<const std::string_view> names,
                                  std::size_t fallback) {
  const Json* value = present(name);
  if (value == nullptr) return fallback;
  const std::string given = text(name);
  const auto at = std::ranges::find(names, given);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  std::string wanted = "one of";
  for (const std::string_view known : names) wanted.append(" ").append(known);
  fail(name, wanted);
  return fallback;
}

std::vector<std::string> RequestReader::texts(std::string_view name, std::size_t count_max) {
  std::vector<std::string> texts;
  const Json* value = present(name);
  if (value == nullptr) return texts;
  bool is_well_formed = value->is_array() && value->size() <= count_max;
  for (std::size_t i = 0; is_well_formed && i < value->size(); ++i) {
    is_well_formed = (*value)[i].is_string();
    if (is_well_formed) texts.push_back((*value)[i].get<std::string>());
  }
  if (!is_well_formed) fail(name, "an array of at most " + std::to_string(count_max) + " texts");
  return texts;
}

Result<SearchRequest> search_request_from(const Json& json) {
  RequestReader reader(json);
  SearchRequest request;
  request.collection = reader.text("collection", request.collection);
  request.query = reader.text("query");
  request.mode = mode_from(reader);
  request.filter = reader.text("filter");
  request.limit = static_cast<std::uint32_t>(reader.count("limit", 1, kHitsMax, request.limit));
  request.explain = reader.flag("explain", false);
  request.syntax = static_cast<QuerySyntax>(reader.choice("syntax", kSyntaxes, 0));
  request.as_you_type = reader.flag("as_you_type", false);
  request.correct = reader.flag("correct", true);
  TRY(reader.status());
  request.query_vector = TRY(vector_from(reader.member("query_vector")));
  return request;
}

Result<AskRequest> ask_request_from(const Json& json) {
  RequestReader reader(json);
  AskRequest request;
  request.collection = reader.text("collection", request.collection);
  request.mode = mode_from(reader);
  request.filter = reader.text("filter");
  request.use_model = reader.flag("use_model", true);
  request.explain = reader.flag("explain", false);
  request.apply_filters = reader.flag("apply_filters", false);
  request.retrieve_only = reader.flag("retrieve_only", false);
  request.hits = static_cast<std::uint32_t>(reader.count("hits", 0, kHitsMax, 0));
  request.standalone_query = reader.text("standalone_query");
  const std::string question = reader.text("question");
  TRY(reader.status());
  request.conversation = TRY(conversation_from(reader.member("conversation")));
  if (!question.empty()) request.conversation.push_back({"user", question});
  return request;
}

Json json_from_query(const std::map<std::string, std::string, std::less<>>& query) {
  Json object = Json::object();
  for (const auto& [name, value] : query) {
    const bool is_number =
        !value.empty() && value.size() <= 18 &&
        std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; }) &&
        (value.size() == 1 || value.front() != '0');
    if (is_number) object[name] = std::stoull(value);
    else if (value == "true" || value == "false") object[name] = value == "true";
    else object[name] = value;
  }
  return object;
}

Result<SearchChoice> search_choice_from(const Json& json) {
  RequestReader reader(json);
  const auto choice = static_cast<SearchChoice>(reader.choice("search", kSearchChoices, 0));
  const bool wants_search =
      reader.flag("retrieve_only", false) || !reader.text("standalone_query").empty();
  if (choice == SearchChoice::never && wants_search) {
    reader.fail("search", "auto or always beside \"retrieve_only\" and \"standalone_query\"");
  }
  TRY(reader.status());
  return choice;
}

std::string_view name_of(SearchChoice choice) {
  return kSearchChoices[static_cast<std::size_t>(choice)];
}

void apply(SearchChoice choice, AskSettings& settings) {
  if (choice == SearchChoice::always) settings.decide = DecideBy::nothing;
  if (choice == SearchChoice::never) settings.decide = DecideBy::never;
}

Json to_json(const SearchRequest& request) {
  Json json = {{"collection", request.collection},
               {"query", request.query},
               {"mode", name_of(request.mode)},
               {"filter", request.filter},
               {"limit", request.limit},
               {"explain", request.explain},
               {"syntax", kSyntaxes[static_cast<std::size_t>(request.syntax)]},
               {"as_you_type", request.as_you_type},
               {"correct", request.correct}};
  if (!request.query_vector.empty()) json["query_vector"] = request.query_vector;
  return json;
}

Json to_json(const AskRequest& request) {
  Json turns = Json::array();
  for (const Turn& turn : request.conversation) {
    turns.push_back({{"role", turn.role}, {"content", turn.content}});
  }
  return {{"collection", request.collection},
          {"conversation", std::move(turns)},
          {"mode", name_of(request.mode)},
          {"filter", request.filter},
          {"use_model", request.use_model},
          {"explain", request.explain},
          {"apply_filters", request.apply_filters},
          {"retrieve_only", request.retrieve_only},
          {"hits", request.hits},
          {"standalone_query", request.standalone_query}};
}

}  // namespace saerok
