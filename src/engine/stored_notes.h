/// A store on a simulated disk with notes in it, for tests of this folder: no file is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/sim_env.h"
#include "engine/ingestion.h"
#include "models/hash_embedder.h"
#include "storage/open_storage.h"

namespace saerok::test {

class StoredNotes {
 public:
  StoredNotes() { open(); }

  void open() {
    storage_.reset();
    auto opened = open_storage(env, "/store", OpenMode::write);
    ASSERT(opened);
    storage_ = std::move(*opened);
    CollectionRecord record = storage_->truth->find_collection("default").value().value_or(
        CollectionRecord{.id = {},
                         .name = "default",
                         .analyzer_fingerprint = {},
                         .embedder_fingerprint = {},
                         .dimension = 0});
    if (record.analyzer_fingerprint.empty()) {
      record.analyzer_fingerprint = Analyzer(AnalyzerSettings{}).fingerprint();
      record = storage_->truth->put_collection(record).value();
    }
    collection = record.id;
  }
  void close() { storage_.reset(); }

  /// Stores a note of which each text is a chunk.
  void commit(const std::string& path, const std::vector<std::string>& texts,
              std::int64_t modified_ns = 1) {
    WriteBatch batch;
    SourceRecord source;
    source.root = "/notes";
    source.path = path;
    source.modified_ns = modified_ns;
    batch.sources.push_back(source);
    DocumentWrite write;
    write.document.root = "/notes";
    write.document.path = path;
    for (const std::string& text : texts) {
      Chunk chunk;
      chunk.ordinal = static_cast<std::uint32_t>(write.chunks.size());
      chunk.text = text;
      write.chunks.push_back(chunk);
    }
    batch.documents.push_back(std::move(write));
    const auto committed = storage_->truth->commit(collection, batch);
    ASSERT(committed);
  }

  /// Makes the index of what is stored, with vectors by `embedder`.
  Result<IngestReport> index(const Embedder& embedder, const CallContext& call = {},
                             const ProgressSink& progress = {}) {
    const Ingestion ingestion{
        .storage = *storage_,
        .settings = {},
        .analyzer = analyzer,
        .models = {.make_embedder = [&] { return std::pair(&embedder, std::string()); }}};
    const IngestRequest request{.roots = {"/notes"}, .vectors_file = {}, .reads_files = false};
    return ingest(ingestion, "default", request, progress, call);
  }
  Result<IngestReport> index() { return index(HashEmbedder()); }

  Storage& storage() { return *storage_; }
  Manifest manifest() { return storage_->truth->manifest(collection).value(); }
  /// Of each kind, if there is one.
  std::optional<SegmentRecord> segment(SegmentKind kind) {
    for (const SegmentRecord& record : manifest().segments) {
      if (record.kind == kind) return record;
    }
    return std::nullopt;
  }

  SimEnv env;
  CollectionId collection{};
  AnalyzerSettings analyzer{};  ///< Of index().

 private:
  std::optional<Storage> storage_;
};

}  // namespace saerok::test
