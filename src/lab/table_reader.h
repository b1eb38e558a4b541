/// The rows of JSONL, CSV and TSV files, plain or compressed, as JSON objects with their line
/// numbers. What this is not: knowing what the columns mean (dataset_columns.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

/// Most bytes of one dataset file, unpacked: it is held in memory while it is read.
inline constexpr std::uint64_t kDatasetFileBytesMax = std::uint64_t{4} << 30;

/// The file's bytes, unpacked.
/// Errors: not_found, invalid_argument (too large; UTF-16), corrupt (broken compression),
/// unavailable, cancelled.
Result<std::string> read_dataset_file(const std::string& path, const CallContext& call);

/// The text behind a byte order mark of UTF-8. The functions below leave it out by themselves.
std::string_view without_mark(std::string_view text);

enum class TableFormat : std::uint8_t { jsonl, csv, tsv };

/// The extension below .gz and .zst, in lower case: "jsonl"; empty: none.
std::string extension_of(std::string_view path);
/// By extension: .csv, .tsv or .tab, else JSONL.
TableFormat table_format_of(std::string_view path);

/// A line without its end, which is LF or CRLF.
struct Line {
  std::string_view text;
  std::uint64_t number = 0;  ///< From 1.
};

/// Hands on each line, blank ones too. Stops at an Error and returns it.
Status for_each_line(std::string_view text, const std::function<Status(const Line&)>& visit,
                     const CallContext& call);

/// What an index makes of a line before it reads it: valid UTF-8, composed (NFC). `storage` holds
/// the result where that differs from the line.
std::string_view clean_line(std::string_view line, std::string& storage);

struct TableLayout {
  TableFormat format = TableFormat::jsonl;
  /// Names by which a header of CSV and TSV is known, lower case; its cells that are one of them in
  /// another case come back as it.
  std::vector<std::string> known_names{};
  /// The columns of a table whose first row holds no known name, by their number; a table of
  /// another number of columns must have a header.
  std::vector<std::vector<std::string>> headerless{};
};

struct TableRow {
  std::uint64_t line = 0;  ///< Where it begins.
  Json fields;             ///< An object; every value of CSV and TSV is a text.
};

/// Is told of the lines that were left out.
using BadLineSink = std::function<void(std::uint64_t line, const std::string& reason)>;

/// Hands on each row. CSV as in RFC 4180 (also with semicolons, where the first line has no comma),
/// TSV without quoting. Rows that cannot be read go to `bad_line`; blank ones to nobody.
/// Errors: invalid_argument (a header that cannot be used), the visitor's, cancelled.
Status for_each_row(std::string_view text, const TableLayout& layout,
                    const std::function<Status(TableRow&&)>& visit, const BadLineSink& bad_line,
                    const CallContext& call);

}  // namespace saerok::lab
