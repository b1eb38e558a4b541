#include "lab/table_reader.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/code_points.h"
#include "base/compress.h"
#include "base/posix_env.h"
#include "base/unicode.h"

namespace saerok::lab {
namespace {

using namespace chars;

constexpr std::size_t kReadStepBytes = 1 << 24;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower(c);
  return lower;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

Result<std::string> read_bytes(const std::string& path, const CallContext& call) {
  const auto file = TRY(posix_env().open(path, FileAccess::read));
  const std::uint64_t size = TRY(file->size());
  if (size > kDatasetFileBytesMax) {
    return Error{ErrorCode::invalid_argument, path + " is larger than " +
                                                  std::to_string(kDatasetFileBytesMax) +
                                                  " bytes; split it into several files"};
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    TRY(call.check());
    const std::size_t step = std::min(kReadStepBytes, bytes.size() - at);
    const auto part = std::as_writable_bytes(std::span(bytes.data() + at, step));
    const std::size_t read = TRY(file->read_at(part, at));
    if (read == 0) break;
    at += read;
  }
  bytes.resize(at);
  return bytes;
}

/// One cell of CSV and where it ends.
struct Cell {
  std::string text;
  std::size_t end = 0;      // At a separator, a line end or the text's end.
  bool is_complete = true;  // false: a quote that is never closed.
};

Cell read_csv_cell(std::string_view text, std::size_t at, char separator) {
  Cell cell;
  const auto plain_end = [&](std::size_t from) {
    return std::min(text.find_first_of(std::string{separator, '\n'}, from), text.size());
  };
  if (at >= text.size() || text[at] != '"') {
    cell.end = plain_end(at);
    cell.text = text.substr(at, cell.end - at);
    return cell;
  }
  for (++at;;) {
    const std::size_t quote = text.find('"', at);
    if (quote == std::string_view::npos) {
      cell.is_complete = false;
      cell.end = text.size();
      return cell;
    }
    cell.text += text.substr(at, quote - at);
    at = quote + 1;
    if (at >= text.size() || text[at] != '"') break;
    cell.text += '"';
    ++at;
  }
  // What stands between the closing quote and the separator belongs to the cell, as in
  // spreadsheets.
  cell.end = plain_end(at);
  cell.text += text.substr(at, cell.end - at);
  return cell;
}

void drop_return(std::string& cell) {
  if (cell.ends_with('\r')) cell.pop_back();
}

struct Cells {
  std::uint64_t line = 0;
  std::vector<std::string> cells;
  std::string problem;  // Why there are none; empty: no problem.
};

/// Walks over the rows of a CSV or TSV text.
class CellReader {
 public:
  CellReader(std::string_view text, TableFormat format) : text_(text), format_(format) {
    if (format != TableFormat::csv) return;
    const std::string_view first = text.substr(0, text.find('\n'));
    const auto has = [&](char c) { return first.find(c) != std::string_view::npos; };
    separator_ = !has(',') && has(';') ? ';' : ',';
  }

  /// The next row that is not blank; nothing at the end.
  std::optional<Cells> next() {
    while (at_ < text_.size()) {
      ++line_;
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = text_.substr(at_, end - at_);
      if (!is_blank(line)) return format_ == TableFormat::csv ? next_csv() : next_tsv(line, end);
      at_ = end + 1;
    }
    return std::nullopt;
  }

 private:
  Cells next_tsv(std::string_view line, std::size_t end) {
    Cells row{.line = line_, .cells = {}, .problem = {}};
    for (std::size_t from = 0;;) {
      const std::size_t tab = std::min(line.find('\t', from), line.size());
      row.cells.emplace_back(line.substr(from, tab - from));
      if (tab == line.size()) break;
      from = tab + 1;
    }
    drop_return(row.cells.back());
    at_ = end + 1;
    return row;
  }

  Cells next_csv() {
    Cells row{.line = line_, .cells = {}, .problem = {}};
    const std::size_t begin = at_;
    while (true) {
      Cell cell = read_csv_cell(text_, at_, separator_);
      if (!cell.is_complete) {
        // One stray quote must not take the rest of the file along.
        at_ = std::min(text_.find('\n', begin), text_.size()) + 1;
        row.problem = "a quote is opened and never closed";
        return row;
      }
      row.cells.push_back(std::move(cell.text));
      at_ = cell.end + 1;
      if (cell.end >= text_.size() || text_[cell.end] == '\n') break;
    }
    drop_return(row.cells.back());
    const std::string_view read = text_.substr(begin, at_ - 1 - begin);
    line_ += static_cast<std::uint64_t>(std::ranges::count(read, '\n'));
    return row;
  }

  std::string_view text_;
  TableFormat format_;
  char separator_ = ',';
  std::size_t at_ = 0;
  std::uint64_t line_ = 0;
};

/// The names of the columns, if the first row is a header; else of one without.
struct Header {
  std::vector<std::string> names;
  bool is_first_row = true;
};

Result<Header> find_header(const std::vector<std::string>& first, const TableLayout& layout) {
  Header header;
  bool is_known = false;
  std::set<std::string> seen;
  for (const std::string& cell : first) {
    const std::string name(trim(cell));
    const std::string lower = lower_case(name);
    const bool is_usual = std::ranges::find(layout.known_names, lower) != layout.known_names.end();
    is_known |= is_usual;
    header.names.push_back(is_usual ? lower : name);
  }
  if (!is_known) {
    for (const auto& names : layout.headerless) {
      if (names.size() == first.size()) return Header{.names = names, .is_first_row = false};
    }
  }
  for (const std::string& name : header.names) {
    if (name.empty() || seen.insert(name).second) continue;
    return Error{ErrorCode::invalid_argument,
                 "its header names the column \"" + name + "\" twice; rename one of them"};
  }
  return header;
}

Status read_cells(std::string_view text, const TableLayout& layout,
                  const std::function<Status(TableRow&&)>& visit, const BadLineSink& bad_line,
                  const CallContext& call) {
  CellReader reader(without_mark(text), layout.format);
  std::optional<Header> header;
  std::uint64_t rows = 0;
  while (auto row = reader.next()) {
    if (++rows % 1'024 == 0) TRY(call.check());
    if (!row->problem.empty()) {
      bad_line(row->line, row->problem);
      continue;
    }
    if (!header) {
      header = TRY(find_header(row->cells, layout));
      if (header->is_first_row) continue;
    }
    if (row->cells.size() != header->names.size()) {
      bad_line(row->line, std::to_string(row->cells.size()) + " columns where " +
                              std::to_string(header->names.size()) + " are expected");
      continue;
    }
    TableRow out{.line = row->line, .fields = Json::object()};
    std::string storage;
    for (std::size_t i = 0; i < row->cells.size(); ++i) {
      if (header->names[i].empty()) continue;
      out.fields[header->names[i]] = clean_line(row->cells[i], storage);
    }
    TRY(visit(std::move(out)));
  }
  return {};
}

}  // namespace

Result<std::string> read_dataset_file(const std::string& path, const CallContext& call) {
  std::string bytes = TRY(read_bytes(path, call));
  if (const Compression compression = compression_of(path); compression != Compression::none) {
    auto unpacked = decompress(compression, bytes, kDatasetFileBytesMax, call);
    if (!unpacked && unpacked.error().code == ErrorCode::invalid_argument) {
      return Error{ErrorCode::invalid_argument, path + " unpacks to more than " +
                                                    std::to_string(kDatasetFileBytesMax) +
                                                    " bytes; split it into several files"};
    }
    if (!unpacked) return Error{unpacked.error().code, path + ": " + unpacked.error().message};
    bytes = std::move(unpacked->bytes);
  }
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return Error{ErrorCode::invalid_argument, path + " is in UTF-16; save it as UTF-8"};
  }
  return bytes;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

std::string extension_of(std::string_view path) {
  const std::string_view bare = without_compression(path);
  const std::string_view name = bare.substr(bare.find_last_of('/') + 1);
  const std::size_t dot = name.find_last_of('.');
  return dot == std::string_view::npos ? std::string() : lower_case(name.substr(dot + 1));
}

TableFormat table_format_of(std::string_view path) {
  const std::string extension = extension_of(path);
  if (extension == "csv") return TableFormat::csv;
  return extension == "tsv" || extension == "tab" ? TableFormat::tsv : TableFormat::jsonl;
}

Status for_each_line(std::string_view text, const std::function<Status(const Line&)>& visit,
                     const CallContext& call) {
  std::uint64_t number = 0;
  text = without_mark(text);
  for (std::size_t at = 0; at < text.size();) {
    if (++number % 1'024 == 0) TRY(call.check());
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    TRY(visit({.text = line, .number = number}));
    at = end + 1;
  }
  return {};
}

std::string_view clean_line(std::string_view line, std::string& storage) {
  const bool is_ascii =
      std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii) return line;
  storage = is_valid_utf8(line) ? to_nfc(line) : to_nfc(replace_invalid_utf8(line).text);
  return storage;
}

Status for_each_row(std::string_view text, const TableLayout& layout,
                    const std::function<Status(TableRow&&)>& visit, const BadLineSink& bad_line,
                    const CallContext& call) {
  if (layout.format != TableFormat::jsonl) return read_cells(text, layout, visit, bad_line, call);
  std::string storage;
  return for_each_line(
      text,
      [&](const Line& line) -> Status {
        if (is_blank(line.text)) return {};
        auto fields = parse_json(clean_line(line.text, storage), "the line");
        if (!fields) {
          bad_line(line.number, "not valid JSON");
          return {};
        }
        if (!fields->is_object()) {
          bad_line(line.number, "not a JSON object");
          return {};
        }
        return visit({.line = line.number, .fields = std::move(*fields)});
      },
      call);
}

}  // namespace saerok::lab
