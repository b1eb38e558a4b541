/// Walks over the documents of corpus files and folders of notes with the ids that an index gives
/// them (ingest/extract_jsonl.cpp). What this is not: counting or converting them
/// (dataset_corpus.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "lab/dataset_columns.h"
#include "lab/table_reader.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

struct CorpusDocument {
  std::string id;
  std::string title;
  std::string text;
};
using DocumentVisitor = std::function<Status(const CorpusDocument&)>;

/// How a corpus file is read.
enum class CorpusFormat : std::uint8_t { indexable_jsonl, table, trec, note };
/// By extension, and by the first records of JSONL.
CorpusFormat corpus_format_of(const std::string& path, std::string_view text,
                              const Columns& columns);

/// A JSONL record as an index reads it; `line` names one without an id.
CorpusDocument indexed_document(const Json& fields, std::uint64_t line);

/// A JSONL record that an index reads as this row: the same documents under the names it knows.
Json indexable_record(Json fields, const Columns& columns, std::uint64_t line);

/// Hands on what a file of a folder of notes holds: itself, or the records of JSONL. `path` is
/// relative to the folder, and the id.
Status for_each_document_of_note(const std::string& path, std::string_view bytes,
                                 const DocumentVisitor& visit, const BadLineSink& bad_line,
                                 const CallContext& call);

/// Hands on every file of a folder of notes that an index would look at, sorted: its path, and the
/// same relative to the folder.
Status for_each_note(const std::string& folder,
                     const std::function<Status(const std::string&, const std::string&)>& visit,
                     const CallContext& call);

}  // namespace saerok::lab
