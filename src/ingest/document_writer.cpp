#include "ingest/document_writer.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/hash.h"
#include "ingest/chunker.h"
#include "ingest/lexical_indexing.h"

namespace saerok {
namespace {

/// A commit costs one sync, some milliseconds; these bounds keep that below a tenth of the work
/// while an interruption loses little.
constexpr std::uint64_t kBatchBytesMax = std::uint64_t{4} << 20;
constexpr std::size_t kBatchDocumentsMax = 4'000;
constexpr std::size_t kBatchSourcesMax = 2'000;

void put(ByteWriter& writer, const Attribute& attribute) {
  writer.put_string(attribute.name);
  writer.put_varint(attribute.value.index());
  std::visit(
      [&](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>) writer.put_string(value);
        else if constexpr (std::is_same_v<Value, Date>) writer.put(value.days);
        else if constexpr (std::is_same_v<Value, bool>)
          writer.put(static_cast<std::uint8_t>(value));
        else writer.put(value);
      },
      attribute.value);
}

}  // namespace

Hash128 content_hash_of(const Document& document) {
  ByteWriter writer;
  writer.reserve(document.text.size() + document.title.size() + document.keywords.size() + 4'096);
  writer.put_string(document.record_id);
  writer.put_string(document.title);
  writer.put_string(document.text);
  writer.put_string(document.keywords);
  for (const Attribute& attribute : document.attributes) put(writer, attribute);
  // The places of unchanged text move when something before it changes, and citations must follow.
  for (const SourceAnchor& anchor : document.source_map.anchors) {
    writer.put(anchor.text);
    writer.put(anchor.source);
    writer.put(anchor.line);
  }
  return hash128(as_text(writer.bytes()));
}

DocumentWriter::DocumentWriter(IngestContext& context, IngestReport& report)
    : context_(context), report_(report), indexer_(context.analyzer) {}

Result<std::size_t> DocumentWriter::begin_source(SourceRecord source) {
  const bool is_full = batch_bytes_ >= kBatchBytesMax ||
                       batch_.sources.size() >= kBatchSourcesMax ||
                       batch_.documents.size() >= kBatchDocumentsMax;
  if (is_full) TRY(commit());
  batch_.sources.push_back(std::move(source));
  source_ = batch_.sources.size() - 1;
  return source_;
}

Status DocumentWriter::add(Document&& document) {
  if (batch_bytes_ >= kBatchBytesMax || batch_.documents.size() >= kBatchDocumentsMax) {
    SourceRecord open = batch_.sources[source_];
    TRY(commit());
    batch_.sources.push_back(std::move(open));
    source_ = 0;
  }
  const ChunkerSettings chunking{.target_tokens = context_.settings.chunk_target_tokens,
                                 .overlap_tokens = context_.settings.chunk_overlap_tokens};
  DocumentWrite write{.source = source_, .document = std::move(document), .chunks = {}};
  write.chunks = chunk_document(write.document, chunking);
  batch_bytes_ += write.document.text.size();
  batch_.documents.push_back(std::move(write));
  return {};
}

Status DocumentWriter::end_source(const SourceRecord& source, std::span<const DocumentId> gone) {
  batch_.sources[source_] = source;
  batch_.deleted_documents.insert(batch_.deleted_documents.end(), gone.begin(), gone.end());
  report_.documents_removed += gone.size();
  return {};
}

Status DocumentWriter::delete_sources(std::span<const SourceId> sources) {
  batch_.deleted_sources.insert(batch_.deleted_sources.end(), sources.begin(), sources.end());
  return {};
}

Status DocumentWriter::rename(SourceId source, const SourceRecord& to) {
  // In a transaction of its own with what follows: the source must be at its new place first.
  TRY(commit());
  batch_.renames.push_back({.source = source, .root = to.root, .path = to.path});
  return {};
}

Status DocumentWriter::finish() {
  TRY(commit());
  if (indexer_.empty()) return {};
  return publish_lexical(context_.store, context_.analyzer, indexer_, {});
}

Status DocumentWriter::commit() {
  const bool is_empty = batch_.sources.empty() && batch_.documents.empty() &&
                        batch_.renames.empty() && batch_.deleted_documents.empty() &&
                        batch_.deleted_sources.empty();
  if (is_empty) return {};
  const CommitReceipt receipt =
      TRY(context_.store.truth.commit(context_.store.collection.id, batch_));
  for (const DocumentWrite& write : batch_.documents) {
    report_.text_bytes += write.document.text.size();
    report_.chunks += write.chunks.size();
  }
  report_.documents += batch_.documents.size();
  std::vector<DocumentWrite> documents = std::exchange(batch_, {}).documents;
  batch_bytes_ = 0;
  return index(std::move(documents), receipt);
}

Status DocumentWriter::index(std::vector<DocumentWrite>&& documents, const CommitReceipt& receipt) {
  std::size_t next_chunk = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    Document& document = documents[i].document;
    StoredChunk stored{.chunk = {},
                       .root = std::move(document.root),
                       .path = std::move(document.path),
                       .record_id = std::move(document.record_id),
                       .title = std::move(document.title),
                       .keywords = std::move(document.keywords),
                       .attributes = std::move(document.attributes)};
    for (Chunk& chunk : documents[i].chunks) {
      stored.chunk = std::move(chunk);
      stored.chunk.id = receipt.chunks[next_chunk++];
      stored.chunk.document = receipt.documents[i];
      indexer_.add(stored);
    }
  }
  if (indexer_.builder().memory_size() < kSegmentMemoryMax) return {};
  return publish_lexical(context_.store, context_.analyzer, indexer_, {});
}

}  // namespace saerok
