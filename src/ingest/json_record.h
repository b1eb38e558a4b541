/// One line of JSON → its scalar fields, nested ones flattened.
/// simdjson, because indexing a corpus must not wait for its JSON: it reads records several times
/// faster than nlohmann-json, with the same strictness. json_record.cpp is the only file that
/// includes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "saerok/result.h"

namespace saerok {

struct JsonField {
  std::string name;  ///< "a.b" of nested objects; an array is several fields of one name.
  std::variant<bool, std::int64_t, double, std::string> value;
  bool is_top_level = true;  ///< Not inside a nested object.
};

class JsonRecordParser {
 public:
  JsonRecordParser();
  ~JsonRecordParser();
  JsonRecordParser(const JsonRecordParser&) = delete;
  JsonRecordParser& operator=(const JsonRecordParser&) = delete;

  /// Fields in the record's order; nulls are left out. `readable_after`: bytes behind the line that
  /// may be read, though they mean nothing; with 64 or more the line is not copied.
  /// Errors: corrupt, with the reason alone ("not a JSON object").
  Result<std::vector<JsonField>> parse(std::string_view line, std::size_t readable_after);

  /// The record's id, without its other fields; empty if there is none or the line is broken.
  std::string parse_id(std::string_view line, std::size_t readable_after);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Fields that may hold a record's id, best first.
constexpr std::string_view kIdFields[] = {"docid", "_id", "id"};

}  // namespace saerok
