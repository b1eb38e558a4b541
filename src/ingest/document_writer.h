/// Collects documents into transactions of a bounded size, commits them, and gives what was
/// committed to the lexical indexer. What stands between reading files (ingest_files.cpp) and the
/// truth.
#pragma once

#include <cstdint>
#include <vector>

#include "ingest/chunk_indexer.h"
#include "ingest/ingester.h"

namespace saerok {

/// Identity of a document's content: everything but where it lies.
Hash128 content_hash_of(const Document& document);

class DocumentWriter {
 public:
  DocumentWriter(IngestContext& context, IngestReport& report);

  /// The index of `source` among the sources of the transaction in hand.
  /// Commits first if the transaction is full.
  Result<std::size_t> begin_source(SourceRecord source);
  /// Chunks the document and adds it. May commit; the source then stays `partial` until
  /// end_source() says how it ended.
  Status add(Document&& document);
  /// Deletes `gone` and records the final state of the source that is open.
  Status end_source(const SourceRecord& source, std::span<const DocumentId> gone);

  Status delete_sources(std::span<const SourceId> sources);
  Status rename(SourceId source, const SourceRecord& to);

  /// Commits what is in hand and publishes the lexical segment.
  Status finish();

 private:
  Status commit();
  Status index(std::vector<DocumentWrite>&& documents, const CommitReceipt& receipt);

  IngestContext& context_;
  IngestReport& report_;
  ChunkIndexer indexer_;
  WriteBatch batch_;
  std::uint64_t batch_bytes_ = 0;
  std::size_t source_ = 0;
};

}  // namespace saerok
