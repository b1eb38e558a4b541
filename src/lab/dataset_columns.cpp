#include "lab/dataset_columns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/code_points.h"

namespace saerok::lab {
namespace {

struct RoleRow {
  Role role;
  std::string_view name;
  std::vector<std::string> usual;
};

/// Of documents, the first names are those that an index reads, in its order (dataset_corpus.cpp).
const std::vector<RoleRow>& role_rows() {
  static const std::vector<RoleRow> kRows = {
      {Role::id,
       "id",
       {"docid", "_id", "id", "docno", "doc_id", "document_id", "passage_id", "pid"}},
      {Role::text,
       "text",
       {"content", "text", "contents", "body", "passage", "document", "abstract"}},
      {Role::title, "title", {"title", "headline"}},
      {Role::topic,
       "topic",
       {"_id", "id", "eval_id", "query-id", "query_id", "qid", "topic", "topic_id", "question_id",
        "num"}},
      {Role::query, "query", {"text", "query", "question", "title"}},
      {Role::answer, "answer", {"answer", "answers", "reference_answer"}},
      {Role::group, "group", {"kind", "group", "category"}},
      {Role::decision, "decision", {"decision", "search"}},
      {Role::conversation, "conversation", {"msg", "messages", "conversation"}},
      {Role::relevant, "relevant", {"relevant", "topk", "docid", "docids"}},
      {Role::document,
       "document",
       {"corpus-id", "corpus_id", "docid", "doc_id", "document", "document_id", "docno", "pid"}},
      {Role::grade, "grade", {"score", "grade", "relevance", "rel", "label"}},
      {Role::begin, "begin", {"begin"}},
      {Role::end, "end", {"end"}},
  };
  return kRows;
}

std::optional<std::string> scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return print_json(value);
  return std::nullopt;
}

}  // namespace

Result<Columns> Columns::make(const std::map<std::string, std::string>& given) {
  Columns columns;
  for (const auto& [name, column] : given) {
    const auto row = std::ranges::find(role_rows(), std::string_view(name), &RoleRow::name);
    if (row == role_rows().end()) {
      std::string roles;
      for (const RoleRow& other : role_rows()) {
        roles += (roles.empty() ? "" : ", ") + std::string(other.name);
      }
      return Error{ErrorCode::invalid_argument,
                   "no column has the role \"" + name + "\"; there are: " + roles};
    }
    if (column.empty()) {
      return Error{ErrorCode::invalid_argument, "the column for \"" + name + "\" has no name"};
    }
  }
  for (const RoleRow& row : role_rows()) {
    const auto own = given.find(std::string(row.name));
    columns.names_[row.role] =
        own == given.end() ? row.usual : std::vector<std::string>{own->second};
    if (own != given.end()) columns.given_.insert(row.role);
  }
  return columns;
}

const std::vector<std::string>& Columns::names(Role role) const { return names_.at(role); }

bool Columns::is_given(Role role) const { return given_.contains(role); }

const Json* Columns::find(const Json& fields, Role role) const {
  for (const std::string& name : names(role)) {
    const Json* member = find_member(fields, name);
    if (member != nullptr && !member->is_null()) return member;
  }
  return nullptr;
}

std::optional<std::string> Columns::find_text(const Json& fields, Role role) const {
  const Json* member = find(fields, role);
  return member == nullptr ? std::nullopt : scalar_text(*member);
}

TableLayout Columns::layout(TableFormat format, const std::vector<Role>& roles) const {
  TableLayout table{.format = format, .known_names = {}, .headerless = {}};
  for (const Role role : roles) {
    table.known_names.insert(table.known_names.end(), names(role).begin(), names(role).end());
  }
  return table;
}

TableLayout Columns::document_layout(TableFormat format) const {
  TableLayout table = layout(format, {Role::id, Role::text, Role::title});
  const auto name = [&](Role role) { return names(role).front(); };
  table.headerless = {{name(Role::id), name(Role::text)},
                      {name(Role::id), name(Role::title), name(Role::text)}};
  return table;
}

TableLayout Columns::topic_layout(TableFormat format) const {
  TableLayout table = layout(format, {Role::topic, Role::query});
  table.headerless = {{names(Role::topic).front(), names(Role::query).front()}};
  return table;
}

TableLayout Columns::label_layout(TableFormat format) const {
  TableLayout table =
      layout(format, {Role::topic, Role::document, Role::grade, Role::begin, Role::end});
  const auto name = [&](Role role) { return names(role).front(); };
  table.headerless = {
      {name(Role::topic), name(Role::document), name(Role::grade)},
      {name(Role::topic), "", name(Role::document), name(Role::grade)},
      {name(Role::topic), name(Role::document), name(Role::grade), "begin", "end"},
      {name(Role::topic), "", name(Role::document), name(Role::grade), "begin", "end"}};
  return table;
}

std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> texts;
  if (!value.is_array()) {
    if (auto text = scalar_text(value)) texts.push_back(std::move(*text));
    return texts;
  }
  for (const Json& item : value) {
    if (auto text = scalar_text(item)) texts.push_back(std::move(*text));
  }
  return texts;
}

Result<std::int32_t> grade_from(const Json& value) {
  const auto number = whole_number(value);
  if (!number || *number < INT32_MIN || *number > INT32_MAX) {
    return Error{ErrorCode::corrupt, "the grade " + print_json(value) + " is not a whole number"};
  }
  return static_cast<std::int32_t>(*number);
}

Result<std::optional<ByteSpan>> span_from(const Json* begin, const Json* end) {
  const auto is_there = [](const Json* value) { return value != nullptr && *value != ""; };
  if (!is_there(begin) && !is_there(end)) return std::optional<ByteSpan>();
  const auto from = is_there(begin) ? whole_number(*begin) : std::nullopt;
  const auto to = is_there(end) ? whole_number(*end) : std::nullopt;
  if (!from || !to || *from < 0 || *to < *from) {
    return Error{ErrorCode::corrupt, "begin and end are not a span of bytes"};
  }
  return std::optional(
      ByteSpan{static_cast<std::uint64_t>(*from), static_cast<std::uint64_t>(*to)});
}

std::optional<std::int64_t> whole_number(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > std::uint64_t{INT64_MAX}) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  double number = 0;
  if (value.is_number_float()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const std::string_view bare = chars::trim(text);
    const char* const end = bare.data() + bare.size();
    std::int64_t whole = 0;
    if (const auto parsed = std::from_chars(bare.data(), end, whole);
        parsed.ec == std::errc() && parsed.ptr == end) {
      return whole;
    }
    const auto parsed = std::from_chars(bare.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  } else {
    return std::nullopt;
  }
  // 2^53: up to there every whole number is a double.
  if (!std::isfinite(number) || std::floor(number) != number || std::abs(number) > 0x1p53) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace saerok::lab
