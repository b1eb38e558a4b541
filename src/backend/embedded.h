/// The embedded backend: our own segments of one collection, as one manifest named them. ◂
///
/// A snapshot: it holds its files open, so a writer may publish and delete beside it. A segment that
/// is missing or damaged is left out with a warning; the words of its chunks are then found by the
/// delta. What this is not: a writer, or a cache that notices changes (the engine's).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "index/segment.h"
#include "index/vector_segment.h"
#include "saerok/storage.h"
#include "search/backend.h"

namespace saerok {

struct EmbeddedParts {
  Manifest manifest;
  std::shared_ptr<const Truth> truth;  ///< Chunks are fetched from it.
  std::shared_ptr<const Directory> directory;
  /// Makes a segment in memory of the chunks that no segment holds, and of those of lexical segments
  /// that cannot be read; null where there are none. Empty: nobody makes one.
  std::function<Result<std::shared_ptr<const Segment>>(std::span<const SegmentRecord> unreadable)>
      make_delta;
};

/// Opens the segments that the manifest names. `warnings` gets a sentence for each that cannot be
/// read; unavailable only if the store itself cannot be read.
Result<std::unique_ptr<Backend>> open_embedded_backend(EmbeddedParts parts,
                                                       std::vector<std::string>& warnings);

}  // namespace saerok
