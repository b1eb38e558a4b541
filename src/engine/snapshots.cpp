#include "engine/snapshots.h"

#include <algorithm>
#include <span>
#include <utility>

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

/// Chunks that are in no segment, or in one that cannot be read, ascending.
Result<std::vector<ChunkId>> unindexed(const Truth& truth, const Manifest& manifest,
                                       std::span<const SegmentRecord> unreadable,
                                       std::vector<std::string>& warnings) {
  std::vector<ChunkId> chunks;
  std::uint64_t total = manifest.pending_lexical;
  if (total > 0) {
    chunks = TRY(
        truth.pending(manifest.collection.id, SegmentKind::lexical, ChunkId{}, kDeltaChunksMax));
  }
  for (const SegmentRecord& segment : unreadable) {
    const auto live = truth.chunks_of(segment.id);
    if (!live) continue;  // Replaced meanwhile: the next look has a manifest without it.
    total += live->size();
    chunks.insert(chunks.end(), live->begin(), live->end());
  }
  std::sort(chunks.begin(), chunks.end());
  chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
  if (chunks.size() > kDeltaChunksMax) chunks.resize(kDeltaChunksMax);
  if (total > chunks.size()) {
    warnings.push_back(std::to_string(total - chunks.size()) +
                       " chunks are stored but not indexed yet; run `saerok index` to finish");
  }
  return chunks;
}

Result<std::shared_ptr<const Segment>> build_delta(const Truth& truth, const Manifest& manifest,
                                                   std::span<const SegmentRecord> unreadable,
                                                   const Analyzer& analyzer,
                                                   std::vector<std::string>& warnings) {
  const auto pending = TRY(unindexed(truth, manifest, unreadable, warnings));
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

Result<Snapshots::Snapshot> Snapshots::make(const std::shared_ptr<const Storage>& storage,
                                            Manifest manifest,
                                            const AnalyzerSettings& settings) const {
  auto snapshot = std::make_shared<CollectionSnapshot>();
  snapshot->manifest = std::move(manifest);
  snapshot->analyzer = std::make_shared<const Analyzer>(settings);
  const CollectionRecord& record = snapshot->manifest.collection;
  if (record.analyzer_fingerprint != snapshot->analyzer->fingerprint()) {
    return Error{ErrorCode::failed_precondition,
                 "collection " + record.name + " was indexed with " + record.analyzer_fingerprint +
                     ", this saerok analyses text with " + snapshot->analyzer->fingerprint() +
                     "; run `saerok index` on its folders, which keeps the vectors, or restore "
                     "index.korean and the protected words of index.words"};
  }
  const Truth& truth = *storage->truth;
  EmbeddedParts parts;
  parts.manifest = snapshot->manifest;
  parts.truth = std::shared_ptr<const Truth>(storage, &truth);
  parts.directory = std::shared_ptr<const Directory>(storage, storage->segments.get());
  // Also called later, where a segment turns out to be damaged.
  parts.make_delta = [truth = parts.truth, manifest = parts.manifest,
                      analyzer = snapshot->analyzer](std::span<const SegmentRecord> unreadable,
                                                     std::vector<std::string>& warnings) {
    return build_delta(*truth, manifest, unreadable, *analyzer, warnings);
  };
  snapshot->backend = TRY(SoundBackend::open(std::move(parts), snapshot->warnings));
  return Snapshot(std::move(snapshot));
}

void Snapshots::remake(const std::shared_ptr<const Storage>& storage, const Manifest& manifest,
                       const AnalyzerSettings& settings) {
  is_remaking_ = true;
  remaker_ = std::jthread([this, storage, manifest, settings] {
    auto made = make(storage, manifest, settings);
    const std::lock_guard lock(mutex_);
    // One that could not be made is made by the next search, which then says why.
    if (made) open_.insert_or_assign(manifest.collection.name, *std::move(made));
    else open_.erase(manifest.collection.name);
    is_remaking_ = false;
  });
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
  Manifest manifest = TRY(truth.manifest(record->id));
  const auto known = open_.find(collection);
  if (known != open_.end() && known->second->analyzer->settings() == settings) {
    const Manifest& before = known->second->manifest;
    if (before.change == manifest.change && before.collection == manifest.collection) {
      return known->second;
    }
    // Vectors of another embedder, or terms of another analyser, are no older view but a wrong one.
    const bool is_usable =
        before.collection.id == manifest.collection.id &&
        before.collection.analyzer_fingerprint == manifest.collection.analyzer_fingerprint;
    if (is_usable && manifest.pending_lexical > kDeltaAtOnceMax) {
      if (!is_remaking_) remake(storage_handle, manifest, settings);
      return known->second;
    }
  }
  Snapshot made = TRY(make(storage_handle, std::move(manifest), settings));
  open_.insert_or_assign(std::string(collection), made);
  return made;
}

}  // namespace saerok
