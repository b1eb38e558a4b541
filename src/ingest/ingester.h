/// "Turn files into indexed chunks." One writer, one thread; the engine calls the steps in order:
///
///   ingest_files     roots → documents and chunks in the truth (acknowledged), segments as they
///   fill index_pending    chunks that no lexical segment holds, after an interruption
///   embed_pending    chunks without vectors, one tier after the other (embed_pending.h)
///   merge_segments   many small segments → few
///
/// Every step may be interrupted at any moment: what it committed stays, and the next run goes on
/// from what the truth says is missing. A file that fails is a line in the report, never the end.
#pragma once

#include <span>
#include <string>

#include "ingest/segment_files.h"
#include "saerok/call_context.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"
#include "text/analyzer.h"

namespace saerok {

struct IngestContext {
  IngestStore store;
  const Analyzer& analyzer;
  const IndexSettings& settings;
  const ProgressSink& progress;
  const CallContext& call;
};

enum class ReadMode : std::uint8_t {
  changed_files,  ///< Files whose size, time or inode changed, and whose bytes then did.
  all_files,      ///< Every file, making its chunks anew even where its text is the same.
};

/// Makes the collection hold what the roots hold. Sources of other roots stay as they are.
/// Errors: not_found (a root does not exist), the store's, cancelled.
Status ingest_files(IngestContext& context, std::span<const std::string> roots, ReadMode mode,
                    IngestReport& report);

Status index_pending(IngestContext& context);

/// Damaged segments are set aside, with a warning.
Status merge_segments(IngestContext& context, IngestReport& report);

}  // namespace saerok
