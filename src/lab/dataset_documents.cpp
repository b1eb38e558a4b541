#include "lab/dataset_documents.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "lab/trec.h"

namespace saerok::lab {
namespace {

namespace fs = std::filesystem;

/// What an index reads, in its order (ingest/json_record.h, ingest/extract_jsonl.cpp).
constexpr std::array kIdNames = std::to_array<std::string_view>({"docid", "_id", "id"});
constexpr std::array kTextNames =
    std::to_array<std::string_view>({"content", "text", "contents", "body"});

/// Bytes at the beginning in which a zero byte means that a file is no text.
constexpr std::size_t kBinaryProbeBytes = 8'192;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string indexed_id(const Json& fields) {
  for (const std::string_view name : kIdNames) {
    const Json* member = find_member(fields, name);
    if (member == nullptr) continue;
    if (member->is_string() && !member->get_ref<const std::string&>().empty()) {
      return member->get<std::string>();
    }
    if (member->is_number_integer()) return print_json(*member);
  }
  return {};
}

/// A list of texts is read as paragraphs.
std::string indexed_text(const Json& fields, std::string_view name) {
  const Json* member = find_member(fields, name);
  if (member == nullptr) return {};
  if (member->is_string()) return member->get<std::string>();
  std::string text;
  if (!member->is_array()) return text;
  for (const Json& part : *member) {
    if (!part.is_string()) continue;
    if (!text.empty()) text += "\n\n";
    text += part.get_ref<const std::string&>();
  }
  return text;
}

bool names_one_of(const Json& fields, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    const Json* member = find_member(fields, name);
    return member != nullptr && !member->is_null();
  });
}

/// Whether an index finds id and text of the first record, if the record has any.
bool is_indexable(std::string_view text, const Columns& columns) {
  for (const Role role : {Role::id, Role::text, Role::title}) {
    if (columns.is_given(role)) return false;
  }
  std::size_t at = 0;
  std::string storage;
  text = without_mark(text);
  // Blank and broken lines come first in some files; a few of them do not decide.
  for (int tries = 0; tries < 100 && at < text.size(); ++tries) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const auto fields = parse_json(clean_line(text.substr(at, end - at), storage), "the line");
    at = end + 1;
    if (!fields || !fields->is_object()) continue;
    const CorpusDocument document = indexed_document(*fields, 0);
    const bool has_id = !indexed_id(*fields).empty();
    return (has_id || !names_one_of(*fields, columns.names(Role::id))) &&
           (!document.text.empty() || !names_one_of(*fields, columns.names(Role::text)));
  }
  return true;
}

}  // namespace

CorpusFormat corpus_format_of(const std::string& path, std::string_view text,
                              const Columns& columns) {
  const std::string extension = extension_of(path);
  if (extension == "csv" || extension == "tsv" || extension == "tab") return CorpusFormat::table;
  if (extension == "jsonl" || extension == "ndjson") {
    return is_indexable(text, columns) ? CorpusFormat::indexable_jsonl : CorpusFormat::table;
  }
  if (extension == "json") return CorpusFormat::table;
  return looks_like_trec_documents(text) ? CorpusFormat::trec : CorpusFormat::note;
}

CorpusDocument indexed_document(const Json& fields, std::uint64_t line) {
  CorpusDocument document{
      .id = indexed_id(fields), .title = indexed_text(fields, "title"), .text = {}};
  if (document.id.empty()) document.id = "#" + std::to_string(line);
  for (const std::string_view name : kTextNames) {
    if (document.text.empty()) document.text = indexed_text(fields, name);
  }
  return document;
}

Json indexable_record(Json fields, const Columns& columns, std::uint64_t line) {
  std::string id = columns.find_text(fields, Role::id).value_or("");
  if (is_blank(id)) id = "#" + std::to_string(line);
  const auto joined = [&](Role role) {
    std::string text;
    const Json* member = columns.find(fields, role);
    if (member == nullptr) return text;
    for (const std::string& part : texts_of(*member)) text += (text.empty() ? "" : "\n\n") + part;
    return text;
  };
  const std::string title = joined(Role::title);
  const std::string text = joined(Role::text);
  // Other columns are kept: they become attributes that a filter can name. Those that the index
  // would take for the id or the text have said what they had to say.
  for (const std::string_view name : kIdNames) fields.erase(std::string(name));
  for (const std::string_view name : kTextNames) fields.erase(std::string(name));
  for (const Role role : {Role::id, Role::text, Role::title}) {
    for (const std::string& name : columns.names(role)) fields.erase(name);
  }
  fields["docid"] = id;
  fields["title"] = title;
  fields["content"] = text;
  return fields;
}

Status for_each_document_of_note(const std::string& path, std::string_view bytes,
                                 const DocumentVisitor& visit, const BadLineSink& bad_line,
                                 const CallContext& call) {
  const std::string extension = extension_of(path);
  if (extension == "jsonl" || extension == "ndjson") {
    return for_each_row(
        bytes, {.format = TableFormat::jsonl},
        [&](TableRow&& row) { return visit(indexed_document(row.fields, row.line)); }, bad_line,
        call);
  }
  if (bytes.substr(0, kBinaryProbeBytes).find('\0') != std::string_view::npos) return {};
  return visit({.id = to_nfc(path), .title = {}, .text = std::string(bytes)});
}

Status for_each_note(const std::string& folder,
                     const std::function<Status(const std::string&, const std::string&)>& visit,
                     const CallContext& call) {
  std::error_code failed;
  std::vector<std::string> paths;
  fs::recursive_directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    TRY(call.check());
    const std::string name = entry->path().filename().string();
    std::error_code unknown;
    // As in ingest/source.cpp: what is hidden is not indexed.
    if (name.starts_with('.') || name == "node_modules") {
      if (entry->is_directory(unknown)) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(unknown)) {
      paths.push_back(entry->path().lexically_relative(folder).generic_string());
    }
  }
  if (failed) {
    return Error{ErrorCode::unavailable,
                 "cannot read the folder " + folder + ": " + failed.message()};
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) TRY(visit(folder + "/" + path, path));
  return {};
}

}  // namespace saerok::lab
