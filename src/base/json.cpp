#include "base/json.h"

namespace saerok {

Result<Json> parse_json(std::string_view text, std::string_view what) {
  Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return Error{ErrorCode::corrupt, std::string(what) + " is not valid JSON"};
  }
  return value;
}

const Json* find_member(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::string> find_text(const Json& object, std::string_view name) {
  const Json* member = find_member(object, name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<double> find_number(const Json& object, std::string_view name) {
  const Json* member = find_member(object, name);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  return member->get<double>();
}

std::optional<std::uint64_t> find_count(const Json& object, std::string_view name) {
  const Json* member = find_member(object, name);
  if (member == nullptr || !member->is_number_unsigned()) return std::nullopt;
  return member->get<std::uint64_t>();
}

std::string print_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string print_json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace saerok
