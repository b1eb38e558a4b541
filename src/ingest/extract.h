/// The extract seam: bytes of one file → documents with blocks and a source map. Each kind of file
/// is one extract_*.cpp; a new kind is a new file and a row in extract.cpp.
///
/// What this is not: reading the disk (source.h), cutting into chunks (chunker.h), committing
/// (ingester.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

enum class FileKind : std::uint8_t { markdown, plain_text, jsonl, unknown };

/// By name: extension under any .zst/.gz.
FileKind kind_of(std::string_view path);

/// What was noticed while extracting: "read as CP949", "3 invalid bytes replaced",
/// "line 17: not a JSON object; skipped".
struct ExtractNotes {
  std::vector<std::string> notes;  ///< At most kNotesMax; the last says how many more there were.
  std::uint64_t records_skipped = 0;  ///< Of JSONL.
};
constexpr std::size_t kNotesMax = 20;

/// Receives documents one at a time, so that a corpus of any size passes in bounded memory; an
/// Error stops the extraction and is returned by it. root and content_hash are set by the caller.
using DocumentSink = std::function<Status(Document&& document)>;

/// Extracts the file's documents. `bytes` is the file as stored; .zst and .gz are decompressed with
/// a limit of `decoded_bytes_max`. Document::path is `path`; spans of compressed files are those of
/// the decompressed bytes.
/// Errors: invalid_argument (of a kind that is not read; binary; over the limit), corrupt (broken
/// compression or an encoding that cannot be decoded), cancelled, and the sink's.
Status extract(std::string_view path, std::string_view bytes, std::uint64_t decoded_bytes_max,
               const DocumentSink& sink, ExtractNotes& notes, const CallContext& call);

}  // namespace saerok
