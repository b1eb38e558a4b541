/// The embedded backend: our own segments of one collection, as one manifest named them. ◂
///
/// A snapshot: it holds its files open, so a writer may publish and delete beside it. A segment
/// that is missing or damaged is left out with a warning; the words of its chunks are then found by
/// the delta. sound_backend.h does the same with what turns out to be damaged later. What this is
/// not: a writer, or a cache that notices changes (the engine's).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/segment.h"
#include "index/vector_segment.h"
#include "saerok/storage.h"
#include "search/backend.h"

namespace saerok {

/// A segment whose bytes are not what was written.
struct DamagedSegment {
  SegmentId id{};
  std::string why;
};

struct EmbeddedParts {
  Manifest manifest;
  std::shared_ptr<const Truth> truth;  ///< Chunks are fetched from it.
  std::shared_ptr<const Directory> directory;
  /// Makes a segment in memory of the chunks that no segment holds, and of those of lexical
  /// segments that cannot be read; null where there are none. Empty: nobody makes one. Takes
  /// further warnings.
  std::function<Result<std::shared_ptr<const Segment>>(std::span<const SegmentRecord> unreadable,
                                                       std::vector<std::string>& warnings)>
      make_delta;
  std::vector<DamagedSegment> damaged;  ///< Not to be opened.
};

/// A backend that compares what it reads with checksums when it first reads it. An answer is to be
/// believed only if damaged() is empty after it.
class SegmentsBackend : public Backend {
 public:
  /// Segments of which something that was read is not what was written. Cheap where there are none.
  virtual std::vector<DamagedSegment> damaged() const = 0;
  /// Compares what visit_terms() would read, so that nothing wrong is visited.
  virtual void look_at_terms(TermField field, std::string_view first,
                             std::string_view last) const = 0;
};

/// Opens the segments that the manifest names. `warnings` gets a sentence for each that cannot be
/// read; unavailable only if the store itself cannot be read.
Result<std::unique_ptr<SegmentsBackend>> open_embedded_backend(EmbeddedParts parts,
                                                               std::vector<std::string>& warnings);

}  // namespace saerok
