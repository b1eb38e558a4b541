/// Writing a segment and naming it in the truth: the last steps of every path that changes the
/// index.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "saerok/result.h"
#include "saerok/storage.h"

namespace saerok {

/// What the writing parts of ingest/ work on. All outlive the work; one thread.
struct IngestStore {
  Truth& truth;
  Directory& directory;
  EmbeddingCache& cache;
  CollectionRecord& collection;
};

struct NewSegment {
  SegmentKind kind = SegmentKind::lexical;
  std::string fingerprint;
  std::vector<ChunkId> chunks;
  std::vector<std::byte> bytes;
};

/// Writes the file, reads it back and compares its checksum, then publishes it, replacing
/// `removed`; files of removed segments are deleted afterwards. On an error nothing changed but
/// perhaps an unnamed file, which the next writer deletes.
Status publish_segment(IngestStore& store, NewSegment segment,
                       std::span<const SegmentRecord> removed);

}  // namespace saerok
