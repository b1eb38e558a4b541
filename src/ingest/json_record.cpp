#include "ingest/json_record.h"

#include <simdjson.h>

#include <utility>

namespace saerok {
namespace {

namespace dom = simdjson::dom;

bool append_scalar(const dom::element& element, const std::string& name, bool is_top_level,
                   std::vector<JsonField>& fields) {
  switch (element.type()) {
    case dom::element_type::STRING:
      fields.push_back(
          {name, std::string(std::string_view(element.get_string().value_unsafe())), is_top_level});
      return true;
    case dom::element_type::INT64:
      fields.push_back({name, element.get_int64().value_unsafe(), is_top_level});
      return true;
    case dom::element_type::UINT64:  // Above the range of INT64.
      fields.push_back(
          {name, static_cast<double>(element.get_uint64().value_unsafe()), is_top_level});
      return true;
    case dom::element_type::DOUBLE:
      fields.push_back({name, element.get_double().value_unsafe(), is_top_level});
      return true;
    case dom::element_type::BOOL:
      fields.push_back({name, element.get_bool().value_unsafe(), is_top_level});
      return true;
    case dom::element_type::NULL_VALUE: return true;
    case dom::element_type::ARRAY:
    case dom::element_type::OBJECT: break;
  }
  return false;
}

/// simdjson's own depth limit (1,024) bounds the recursion.
void flatten(const dom::element& element, const std::string& name, bool is_top_level,
             std::vector<JsonField>& fields) {
  if (append_scalar(element, name, is_top_level, fields)) return;
  // value_unsafe() of a temporary would dangle in the loops' ranges.
  if (dom::array items; element.get(items) == simdjson::SUCCESS) {
    for (const dom::element item : items) flatten(item, name, is_top_level, fields);
  }
  if (dom::object members; element.get(members) == simdjson::SUCCESS) {
    for (const auto [key, value] : members) {
      flatten(value, name + "." + std::string(key), false, fields);
    }
  }
}

std::string reason_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR: return "not valid UTF-8";
    case simdjson::DEPTH_ERROR: return "nested more than 1,024 levels deep";
    case simdjson::NUMBER_ERROR: return "a number that is malformed or out of range";
    case simdjson::STRING_ERROR: return "a string with a malformed escape";
    case simdjson::CAPACITY: return "longer than 4 GB";
    case simdjson::MEMALLOC: return "too large for the memory at hand";
    default: return "not valid JSON";
  }
}

}  // namespace

struct JsonRecordParser::Impl {
  dom::parser parser;

  simdjson::simdjson_result<dom::element> parse(std::string_view line, std::size_t readable_after) {
    return parser.parse(line.data(), line.size(), readable_after < simdjson::SIMDJSON_PADDING);
  }
};

JsonRecordParser::JsonRecordParser() : impl_(std::make_unique<Impl>()) {}
JsonRecordParser::~JsonRecordParser() = default;

Result<std::vector<JsonField>> JsonRecordParser::parse(std::string_view line,
                                                       std::size_t readable_after) {
  dom::element element;
  if (const auto failed = impl_->parse(line, readable_after).get(element); failed != 0) {
    return Error{ErrorCode::corrupt, reason_of(failed)};
  }
  dom::object members;
  if (element.get(members) != simdjson::SUCCESS) {
    return Error{ErrorCode::corrupt, "not a JSON object"};
  }
  std::vector<JsonField> fields;
  for (const auto [key, value] : members) {
    flatten(value, std::string(key), true, fields);
  }
  return fields;
}

std::string JsonRecordParser::parse_id(std::string_view line, std::size_t readable_after) {
  dom::object object;
  if (impl_->parse(line, readable_after).get(object) != simdjson::SUCCESS) return {};
  for (const std::string_view name : kIdFields) {
    dom::element element;
    if (object.at_key(name).get(element) != simdjson::SUCCESS) continue;
    if (element.is_string()) return std::string(element.get_string().value_unsafe());
    if (element.is_int64()) return std::to_string(element.get_int64().value_unsafe());
    if (element.is_uint64()) return std::to_string(element.get_uint64().value_unsafe());
  }
  return {};
}

}  // namespace saerok
