/// The kinds of file behind the extract seam: one function a kind. Only extract.cpp calls them.
#pragma once

#include <string>
#include <string_view>

#include "ingest/decode.h"
#include "ingest/extract.h"
#include "saerok/call_context.h"
#include "saerok/types.h"

namespace saerok {

/// Adds a note within kNotesMax; what does not fit is counted in the last one.
class NoteTaker {
 public:
  explicit NoteTaker(ExtractNotes& notes) : notes_(notes) {}
  void add(std::string note);

 private:
  ExtractNotes& notes_;
  std::size_t left_out_ = 0;
};

Result<Document> extract_markdown(std::string_view path, const DecodedText& decoded,
                                  NoteTaker& notes, const CallContext& call);

Result<Document> extract_text(std::string_view path, const DecodedText& decoded);

/// One document a record. Errors: the sink's, cancelled.
Status extract_jsonl(std::string_view path, std::string_view text, const DocumentSink& sink,
                     NoteTaker& notes, std::uint64_t& records_skipped, const CallContext& call);

/// Blocks of running text: paragraphs between blank lines, of `kind`. Appended to `blocks`.
void add_paragraphs(std::string_view text, BlockKind kind, std::vector<Block>& blocks);

}  // namespace saerok
