// Judgements: tables with a header (BEIR), without one, and TREC's qrels.

#include <algorithm>
#include <unordered_map>

#include "base/code_points.h"
#include "base/hash.h"
#include "lab/dataset_problems.h"
#include "lab/dataset_topics.h"
#include "lab/table_reader.h"
#include "lab/trec.h"

namespace saerok::lab {
namespace {

/// The first line that says anything.
std::string_view first_line(std::string_view text) {
  text = without_mark(text);
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find('\n', begin) - begin);
}

class LabelReader {
 public:
  LabelReader(const std::string& path, const Columns& columns, DatasetProblems& problems)
      : columns_(columns), bad_line_(bad_lines_of(path, problems)) {}

  const BadLineSink& bad_line() const { return bad_line_; }

  void add_row(const TableRow& row) {
    const auto label = read_row(row.fields);
    if (!label) return bad_line_(row.line, label.error().message);
    add(*label, row.line);
  }

  void add_line(const Line& line) {
    std::string storage;
    const std::string_view text = clean_line(line.text, storage);
    if (chars::trim(text).empty()) return;
    auto judgement = read_trec_judgement(text);
    if (!judgement) return bad_line_(line.number, judgement.error().message);
    add({.topic = std::move(judgement->topic),
         .document = std::move(judgement->document),
         .grade = judgement->grade,
         .span = judgement->span},
        line.number);
  }

  std::vector<Label> take() { return std::move(labels_); }

 private:
  Result<Label> read_row(const Json& fields) const {
    Label label;
    label.topic = std::string(chars::trim(columns_.find_text(fields, Role::topic).value_or("")));
    label.document =
        std::string(chars::trim(columns_.find_text(fields, Role::document).value_or("")));
    if (const Json* grade = columns_.find(fields, Role::grade)) {
      label.grade = TRY(grade_from(*grade));
    }
    label.span =
        TRY(span_from(columns_.find(fields, Role::begin), columns_.find(fields, Role::end)));
    return label;
  }

  void add(Label label, std::uint64_t line) {
    if (label.topic.empty() || label.document.empty()) {
      return bad_line_(line, "the label lacks its topic or document");
    }
    std::string key = label.topic + '\0' + label.document;
    if (label.span) {
      key += '\0' + std::to_string(label.span->begin) + '\0' + std::to_string(label.span->end);
    }
    const auto [first, is_new] = line_of_.try_emplace(hash128(key), line);
    if (!is_new) {
      return bad_line_(line, "the same is judged on line " + std::to_string(first->second) +
                                 " already, which counts");
    }
    labels_.push_back(std::move(label));
  }

  struct Low {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };
  const Columns& columns_;
  BadLineSink bad_line_;
  std::unordered_map<Hash128, std::uint64_t, Low> line_of_;
  std::vector<Label> labels_;
};

/// Columns apart by blanks, and no table: TREC's. With tabs, a table without a header is the same
/// and read as a table, so that three columns without the iteration are understood too.
bool is_trec_qrels(const std::string& path, std::string_view text) {
  const std::string_view line = first_line(text);
  const std::string extension = extension_of(path);
  return extension != "csv" && !line.starts_with('{') &&
         line.find('\t') == std::string_view::npos && !line.empty();
}

}  // namespace

Result<LabelFile> read_labels(const std::string& path, const Columns& columns,
                              DatasetProblems& problems, const CallContext& call) {
  const std::string text = TRY(read_dataset_file(path, call));
  LabelReader reader(path, columns, problems);
  const bool is_trec = is_trec_qrels(path, text);
  if (is_trec) {
    TRY(for_each_line(
        text,
        [&](const Line& line) -> Status {
          reader.add_line(line);
          return {};
        },
        call));
  } else {
    const bool is_json = first_line(text).starts_with('{');
    const TableFormat format = is_json                       ? TableFormat::jsonl
                               : extension_of(path) == "csv" ? TableFormat::csv
                                                             : TableFormat::tsv;
    TRY(for_each_row(
        text, columns.label_layout(format),
        [&](TableRow&& row) -> Status {
          reader.add_row(row);
          return {};
        },
        reader.bad_line(), call));
  }
  return LabelFile{.labels = reader.take(), .is_trec = is_trec};
}

}  // namespace saerok::lab
