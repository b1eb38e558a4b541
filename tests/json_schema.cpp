#include "json_schema.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace saerok {
namespace {

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return false;
}

class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  std::vector<std::string> check(const Json& schema, const Json& value, const std::string& place) {
    std::vector<std::string> problems;
    for (const auto& [keyword, argument] : schema.items()) {
      const std::string problem = check_keyword(keyword, argument, schema, value, place, problems);
      if (!problem.empty()) problems.push_back((place.empty() ? "/" : place) + ": " + problem);
    }
    return problems;
  }

 private:
  /// What is wrong with `value` itself; what is wrong inside it goes to `inner`.
  std::string check_keyword(const std::string& keyword, const Json& argument, const Json& schema,
                            const Json& value, const std::string& place,
                            std::vector<std::string>& inner) {
    static const std::set<std::string> kSaysNothing = {"$schema", "$defs", "title", "description"};
    if (kSaysNothing.contains(keyword)) return "";
    if (keyword == "type") return check_type(argument, value);
    if (keyword == "enum") {
      const bool is_one = std::find(argument.begin(), argument.end(), value) != argument.end();
      return is_one ? "" : value.dump() + " is none of " + argument.dump();
    }
    if (keyword == "const") return value == argument ? "" : "is not " + argument.dump();
    if (keyword == "$ref") return follow(argument, value, place, inner);
    if (keyword == "anyOf") return check_any(argument, value, place);
    if (keyword == "properties") return check_properties(argument, value, place, inner);
    if (keyword == "required") return check_required(argument, value);
    if (keyword == "additionalProperties") {
      return check_additional(argument, schema, value, place, inner);
    }
    if (keyword == "items") return check_items(argument, value, place, inner);
    return check_bound(keyword, argument, value);
  }

  static std::string check_type(const Json& argument, const Json& value) {
    const Json types = argument.is_array() ? argument : Json::array({argument});
    for (const Json& type : types) {
      if (is_of_type(value, type.get<std::string>())) return "";
    }
    return "is not of type " + argument.dump();
  }

  static std::string check_bound(const std::string& keyword, const Json& argument,
                                 const Json& value) {
    if (keyword == "minItems" || keyword == "maxItems") {
      const auto bound = argument.get<std::size_t>();
      const bool is_wrong = keyword == "minItems" ? value.size() < bound : value.size() > bound;
      return value.is_array() && is_wrong
                 ? std::to_string(value.size()) + " items, " + keyword + " " + argument.dump()
                 : "";
    }
    if (keyword == "minimum" || keyword == "maximum") {
      if (!value.is_number()) return "";
      const bool is_wrong = keyword == "minimum" ? value < argument : value > argument;
      return is_wrong ? value.dump() + ", " + keyword + " " + argument.dump() : "";
    }
    return "the schema uses " + keyword + ", which this test does not check";
  }

  std::string follow(const Json& reference, const Json& value, const std::string& place,
                     std::vector<std::string>& inner) {
    const auto name = reference.get<std::string>();
    if (!name.starts_with("#/")) return "the schema refers to " + name + ", which is elsewhere";
    const Json::json_pointer target(name.substr(1));
    if (!root_.contains(target)) return "the schema has no " + name;
    append(inner, check(root_.at(target), value, place));
    return "";
  }

  std::string check_any(const Json& schemas, const Json& value, const std::string& place) {
    std::string reasons;
    for (const Json& schema : schemas) {
      const auto problems = check(schema, value, place);
      if (problems.empty()) return "";
      reasons += "; " + problems.front();
    }
    return "fits no choice" + reasons;
  }

  std::string check_properties(const Json& properties, const Json& value, const std::string& place,
                               std::vector<std::string>& inner) {
    for (const auto& [name, schema] : properties.items()) {
      if (const Json* member = find_member(value, name)) {
        append(inner, check(schema, *member, place + "/" + name));
      }
    }
    return "";
  }

  static std::string check_required(const Json& names, const Json& value) {
    for (const Json& name : names) {
      const bool is_missing = value.is_object() && !value.contains(name.get<std::string>());
      if (is_missing) return "has no " + name.get<std::string>();
    }
    return "";
  }

  /// `allowed` is true, false, or the schema of the members that "properties" does not name.
  std::string check_additional(const Json& allowed, const Json& schema, const Json& value,
                               const std::string& place, std::vector<std::string>& inner) {
    if (!value.is_object()) return "";
    const Json* properties = find_member(schema, "properties");
    for (const auto& [name, member] : value.items()) {
      if (properties != nullptr && properties->contains(name)) continue;
      if (allowed.is_object()) append(inner, check(allowed, member, place + "/" + name));
      else if (!allowed.get<bool>()) return "has " + name + ", which is not described";
    }
    return "";
  }

  std::string check_items(const Json& schema, const Json& value, const std::string& place,
                          std::vector<std::string>& inner) {
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
      append(inner, check(schema, value[i], place + "/" + std::to_string(i)));
    }
    return "";
  }

  static void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
  }

  const Json& root_;
};

}  // namespace

std::vector<std::string> find_schema_problems(const Json& schema, const Json& value) {
  return find_schema_problems(schema, schema, value);
}

std::vector<std::string> find_schema_problems(const Json& document, const Json& schema,
                                              const Json& value) {
  return Validator(document).check(schema, value, "");
}

}  // namespace saerok
