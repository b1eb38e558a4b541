#include "ingest/segment_files.h"

#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace saerok {
namespace {

std::string_view name_of(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::lexical: return "lexical";
    case SegmentKind::chunk_vectors: return "chunks";
    case SegmentKind::window_vectors: return "windows";
  }
  return "";
}

}  // namespace

Status publish_segment(IngestStore& store, NewSegment segment,
                       std::span<const SegmentRecord> removed) {
  ManifestChange change;
  for (const SegmentRecord& record : removed) change.removed.push_back(record.id);

  if (!segment.chunks.empty()) {
    SegmentRecord record;
    record.id = TRY(store.truth.reserve_segment_id());
    record.kind = segment.kind;
    record.hash = hash128(as_text(segment.bytes));
    record.file = std::to_string(static_cast<std::uint64_t>(record.id)) + '-' +
                  std::string(name_of(segment.kind)) + '-' + to_hex(record.hash).substr(0, 8) +
                  ".seg";
    record.size = segment.bytes.size();
    record.chunk_count = static_cast<std::uint32_t>(segment.chunks.size());
    record.fingerprint = std::move(segment.fingerprint);
    TRY(store.directory.write(record.file, segment.bytes));
    const auto written = TRY(store.directory.open(record.file));
    if (hash128(as_text(written->bytes())) != record.hash) {
      return Error{ErrorCode::corrupt, "segment " + record.file +
                                           " does not read back as it was written; check the disk"};
    }
    change.added.push_back({std::move(record), std::move(segment.chunks)});
  }
  TRY(store.truth.publish(store.collection.id, change));
  for (const SegmentRecord& record : removed) {
    // The truth no longer names it, so a failure here only leaves a file for the next writer to
    // delete.
    (void)store.directory.remove(record.file);
  }
  return {};
}

}  // namespace saerok
