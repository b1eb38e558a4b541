#include "engine/store_status.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "engine/library.h"

namespace saerok {
namespace {

std::uint64_t size_of_files(const std::string& folder) {
  std::uint64_t size = 0;
  std::error_code error;
  for (auto entry = std::filesystem::recursive_directory_iterator(folder, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    // By default the models and the lab stand below the default store, and are no part of it.
    const bool is_other = entry.depth() == 0 && (entry->path().filename() == "models" ||
                                                 entry->path().filename() == "lab");
    if (entry->is_directory(error) && is_other) entry.disable_recursion_pending();
    if (entry->is_regular_file(error)) size += entry->file_size(error);
  }
  return size;
}

std::vector<VectorSpace> spaces_of(const Manifest& manifest) {
  std::map<std::pair<SegmentKind, std::string>, VectorSpace> spaces;
  for (const SegmentRecord& segment : manifest.segments) {
    if (segment.kind == SegmentKind::lexical) continue;
    VectorSpace& space = spaces[{segment.kind, segment.fingerprint}];
    space.kind = segment.kind;
    space.embedder = segment.fingerprint;
    space.dimension = manifest.collection.dimension;
    space.bytes += segment.size;
    const auto deleted =
        std::ranges::find(manifest.tombstones, segment.id, &SegmentTombstones::segment);
    space.chunks += segment.chunk_count;
    if (deleted != manifest.tombstones.end()) space.chunks -= deleted->chunks.size();
  }
  std::vector<VectorSpace> listed;
  for (auto& [key, space] : spaces) listed.push_back(std::move(space));
  return listed;
}

Result<CollectionStatus> status_of(const Truth& truth, const CollectionRecord& record) {
  const Manifest manifest = TRY(truth.manifest(record.id));
  CollectionStatus status;
  status.name = record.name;
  status.counts = TRY(truth.counts(record.id));
  status.analyzer = record.analyzer_fingerprint;
  status.embedder = record.embedder_fingerprint;
  status.dimension = record.dimension;
  status.segments = manifest.segments.size();
  for (const SegmentRecord& segment : manifest.segments) {
    (segment.kind == SegmentKind::lexical ? status.lexical_bytes : status.vector_bytes) +=
        segment.size;
  }
  status.spaces = spaces_of(manifest);
  status.pending_lexical = manifest.pending_lexical;
  if (!record.embedder_fingerprint.empty()) {
    status.pending_chunk_vectors = manifest.pending_chunk_vectors;
    status.pending_window_vectors = manifest.pending_window_vectors;
  }
  std::set<std::string> roots;
  const auto sources = TRY(truth.sources(record.id));
  for (const SourceRecord& source : sources) {
    roots.insert(source.root);
    const FileIssue issue{source.root, source.path, source.reason};
    if (source.state == SourceState::failed) status.failed.push_back(issue);
    if (source.state == SourceState::skipped) status.skipped.push_back(issue);
  }
  status.roots.assign(roots.begin(), roots.end());
  status.named_roots = TRY(truth.named_roots(record.id));
  return status;
}

/// The source stands at `path` or below it.
bool is_at_or_below(const SourceRecord& source, const std::string& path) {
  const std::string full = source.root + "/" + source.path;
  return full == path || full.starts_with(path.ends_with('/') ? path : path + "/");
}

}  // namespace

Result<StoreStatus> read_status(const Storage& storage, const std::string& store) {
  StoreStatus status;
  status.store = store;
  status.store_bytes = size_of_files(store);
  const auto collections = TRY(storage.truth->collections());
  for (const CollectionRecord& record : collections) {
    status.collections.push_back(TRY(status_of(*storage.truth, record)));
  }
  return status;
}

Result<ForgetReport> forget_sources(Storage& storage, std::string_view collection,
                                    std::string_view path) {
  const CollectionRecord record = TRY(collection_named(storage, collection));
  std::error_code error;
  // The folder may be gone, which is a good reason to forget it: no canonical path then.
  auto absolute = std::filesystem::weakly_canonical(std::filesystem::path(path), error);
  if (error) absolute = std::filesystem::absolute(std::filesystem::path(path)).lexically_normal();
  const std::string wanted = absolute.string();
  const auto sources = TRY(storage.truth->sources(record.id));
  WriteBatch batch;
  ForgetReport report;
  for (const SourceRecord& source : sources) {
    if (!is_at_or_below(source, wanted)) continue;
    const auto documents = TRY(storage.truth->documents_of(source.id));
    report.documents += documents.size();
    ++report.files;
    batch.deleted_sources.push_back(source.id);
  }
  if (batch.deleted_sources.empty()) {
    return Error{ErrorCode::not_found,
                 "nothing at or below " + wanted + " is in collection " + record.name};
  }
  TRY(storage.truth->commit(record.id, batch));
  std::vector<std::string> unnamed;
  for (std::string& root : TRY(storage.truth->named_roots(record.id))) {
    if (root == wanted || root.starts_with(wanted + "/")) unnamed.push_back(std::move(root));
  }
  TRY(storage.truth->change_named_roots(record.id, {}, unnamed));
  return report;
}

Status forget_collection(Storage& storage, std::string_view collection) {
  const CollectionRecord record = TRY(collection_named(storage, collection));
  const Manifest manifest = TRY(storage.truth->manifest(record.id));
  TRY(storage.truth->remove_collection(record.id));
  for (const SegmentRecord& segment : manifest.segments) {
    // No row names it any more; a file that stays is deleted by the next writer.
    (void)storage.segments->remove(segment.file);
  }
  return {};
}

}  // namespace saerok
