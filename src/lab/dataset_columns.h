/// What the columns of a dataset's tables are called: one role, several usual names, or the name
/// that the request gives. What this is not: reading the tables (table_reader.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "lab/table_reader.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok::lab {

enum class Role : std::uint8_t {
  id,
  text,
  title,  // Of documents.
  topic,
  query,
  answer,
  group,
  decision,
  conversation,  // Of questions; `topic` of labels too.
  relevant,      // Documents named beside a question.
  document,
  grade,
  begin,
  end,  // Of labels.
};

class Columns {
 public:
  /// `given` maps roles to names. Errors: invalid_argument (no such role; the message lists them).
  static Result<Columns> make(const std::map<std::string, std::string>& given);

  /// Names to look for, best first. A name that was given is the only one.
  const std::vector<std::string>& names(Role role) const;
  bool is_given(Role role) const;

  /// The first member that is there and not null; nothing if there is none.
  const Json* find(const Json& fields, Role role) const;
  /// The same as a text: numbers as they are written, anything else as nothing.
  std::optional<std::string> find_text(const Json& fields, Role role) const;

  /// How the tables of documents, questions and labels are laid out.
  TableLayout document_layout(TableFormat format) const;
  TableLayout topic_layout(TableFormat format) const;
  TableLayout label_layout(TableFormat format) const;

 private:
  TableLayout layout(TableFormat format, const std::vector<Role>& roles) const;

  std::set<Role> given_;
  std::map<Role, std::vector<std::string>> names_;
};

/// The texts in a value: itself, or those of a list; numbers as they are written.
std::vector<std::string> texts_of(const Json& value);

/// The grade of a label, and its span where begin and end are there; an empty text is as nothing.
/// The error's message is the reason alone. Errors: corrupt.
Result<std::int32_t> grade_from(const Json& value);
Result<std::optional<ByteSpan>> span_from(const Json* begin, const Json* end);

/// A whole number: "1", 1, 1.0. Nothing for NaN, fractions, and what does not fit.
std::optional<std::int64_t> whole_number(const Json& value);

}  // namespace saerok::lab
