#include "ingest/damaged_segments.h"

#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "index/segment.h"
#include "index/vector_segment.h"

namespace saerok {
namespace {

using Damage = std::optional<std::string>;

/// What an opened segment says of itself beside what the truth says of it.
template <class S>
Damage compare(const S& segment, const SegmentRecord& record) {
  if (segment.fingerprint() != record.fingerprint) {
    return "it was made by " + std::string(segment.fingerprint()) + ", not by " +
           record.fingerprint;
  }
  if (segment.chunk_ids().size() != record.chunk_count) {
    return "it holds " + std::to_string(segment.chunk_ids().size()) + " chunks, not " +
           std::to_string(record.chunk_count);
  }
  return {};
}

template <class S>
Result<Damage> examine(const Result<std::shared_ptr<const S>>& segment, const SegmentRecord& record,
                       Look look) {
  if (!segment) {
    if (segment.error().code == ErrorCode::corrupt) return Damage(segment.error().message);
    return segment.error();
  }
  if (look == Look::everything) {
    const Status sections = (*segment)->verify();
    if (!sections) return Damage(sections.error().message);
  }
  return compare(**segment, record);
}

}  // namespace

Result<Damage> damage_of(const Directory& directory, const SegmentRecord& record, Look look) {
  const auto file = directory.open(record.file);
  if (!file) {
    if (file.error().code == ErrorCode::not_found) return Damage("its file is missing");
    return file.error();
  }
  const std::span<const std::byte> bytes = (*file)->bytes();
  if (bytes.size() != record.size) {
    return Damage("its file has " + std::to_string(bytes.size()) + " bytes, not " +
                  std::to_string(record.size));
  }
  const Damage damage =
      TRY(record.kind == SegmentKind::lexical
              ? examine(Segment::open(*file, Segment::Verify::structure), record, look)
              : examine(VectorSegment::open(*file), record, look));
  if (damage || look == Look::structure) return damage;
  // What stands between the sections has no checksum of its own.
  if (hash128(as_text(bytes)) == record.hash) return Damage();
  return Damage("its bytes are not those that were written");
}

Result<std::string> set_aside(Truth& truth, Directory& directory, CollectionId collection,
                              const SegmentRecord& segment, const std::string& damage) {
  const auto moved = directory.set_aside(segment.file, damage);
  if (!moved && moved.error().code != ErrorCode::not_found) return moved.error();
  TRY(truth.publish(collection, {.added = {}, .removed = {segment.id}}));
  std::string text = "segment " + segment.file + " was damaged (" + damage + ")";
  if (moved && !moved->empty()) return text + " and was moved to " + *moved;
  return text + " and is used no more";
}

Result<std::vector<std::string>> set_aside_damaged(Truth& truth, Directory& directory,
                                                   CollectionId collection, Look look,
                                                   const CallContext& call) {
  std::vector<std::string> sentences;
  const Manifest manifest = TRY(truth.manifest(collection));
  for (const SegmentRecord& segment : manifest.segments) {
    TRY(call.check());
    const auto damage = damage_of(directory, segment, look);
    // Of another version, or not to be read now: a search says so, and nothing is lost by leaving
    // it.
    if (!damage || !*damage) continue;
    sentences.push_back(TRY(set_aside(truth, directory, collection, segment, **damage)));
  }
  return sentences;
}

}  // namespace saerok
