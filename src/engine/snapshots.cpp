#include "engine/snapshots.h"

#include <utility>

#include "backend/embedded.h"
#include "ingest/chunk_indexer.h"

namespace saerok {
namespace {

/// Chunks in no segment that a reader indexes for itself, in memory. More than an interrupted run
/// leaves behind; beyond it a search would take seconds, so it says what is missing instead.
constexpr std::size_t kDeltaChunksMax = 20'000;

/// A segment that lives in memory.
class MemoryBytes final : public FileBytes {
 public:
  explicit MemoryBytes(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::span<const std::byte> bytes() const override { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

Result<std::shared_ptr<const Segment>> build_delta(const Truth& truth, const Manifest& manifest,
                                                   const Analyzer& analyzer,
                                                   std::vector<std::string>& warnings) {
  if (manifest.pending_lexical == 0) return std::shared_ptr<const Segment>();
  const auto pending =
      TRY(truth.pending(manifest.collection.id, SegmentKind::lexical, ChunkId{}, kDeltaChunksMax));
  if (manifest.pending_lexical > pending.size()) {
    warnings.push_back(std::to_string(manifest.pending_lexical - pending.size()) +
                       " chunks are stored but not indexed yet; run `saerok index` to finish");
  }
  ChunkIndexer indexer(analyzer);
  constexpr std::size_t kFetchChunks = 1'000;
  for (std::size_t at = 0; at < pending.size(); at += kFetchChunks) {
    const auto part = std::span(pending).subspan(at, std::min(kFetchChunks, pending.size() - at));
    const auto stored = TRY(truth.fetch(part));
    for (const StoredChunk& chunk : stored) indexer.add(chunk);
  }
  if (indexer.empty()) return std::shared_ptr<const Segment>();
  return Segment::open(std::make_shared<MemoryBytes>(indexer.finish()), Segment::Verify::structure);
}

}  // namespace

Result<std::shared_ptr<const Storage>> Snapshots::storage() {
  if (!storage_) {
    storage_ = std::make_shared<const Storage>(TRY(open_storage(env_, store_, OpenMode::read)));
  }
  return storage_;
}

Result<std::shared_ptr<const CollectionSnapshot>> Snapshots::get(std::string_view collection,
                                                                 const AnalyzerSettings& settings,
                                                                 const CallContext& call) {
  TRY(call.check());
  const std::lock_guard lock(mutex_);
  const auto storage_handle = TRY(storage());
  const Truth& truth = *storage_handle->truth;
  const auto record = TRY(truth.find_collection(collection));
  if (!record) {
    return Error{ErrorCode::not_found, "there is no collection \"" + std::string(collection) +
                                           "\" in the store " + store_ +
                                           "; `saerok status` lists what there is"};
  }
  auto snapshot = std::make_shared<CollectionSnapshot>();
  snapshot->manifest = TRY(truth.manifest(record->id));
  const auto known = open_.find(collection);
  if (known != open_.end() && known->second->manifest.change == snapshot->manifest.change &&
      known->second->manifest.collection == snapshot->manifest.collection) return known->second;

  snapshot->analyzer = std::make_shared<const Analyzer>(settings);
  if (record->analyzer_fingerprint != snapshot->analyzer->fingerprint()) {
    return Error{ErrorCode::failed_precondition,
                 "collection " + record->name + " was indexed with " + record->analyzer_fingerprint +
                     ", this saerok analyses text with " + snapshot->analyzer->fingerprint() +
                     "; run `saerok index --rebuild` on its folders, or restore index.korean"};
  }
  EmbeddedParts parts;
  parts.manifest = snapshot->manifest;
  parts.truth = std::shared_ptr<const Truth>(storage_handle, &truth);
  parts.directory = std::shared_ptr<const Directory>(storage_handle, storage_handle->segments.get());
  parts.delta = TRY(build_delta(truth, snapshot->manifest, *snapshot->analyzer, snapshot->warnings));
  snapshot->backend = TRY(open_embedded_backend(std::move(parts), snapshot->warnings));
  open_.insert_or_assign(std::string(collection), snapshot);
  return std::shared_ptr<const CollectionSnapshot>(snapshot);
}

}  // namespace saerok
