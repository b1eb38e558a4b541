/// From a stored chunk to the terms and attributes of a lexical segment: the one place that says
/// which text goes into which field. Used when documents are written, when the pending tail is
/// indexed, when segments are merged, and for the delta of a reader.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "index/segment.h"
#include "saerok/storage.h"
#include "text/analyzer.h"

namespace saerok {

/// Adds chunks to a SegmentBuilder. Title and headings stand in fields of their own and once more
/// in the body, where they count among the words around them: a passage under a heading is about
/// it, but seldom says it (docs/quality.md has what that is worth). The first chunk of a document
/// also holds its keywords (tags, aliases, front matter) in the title fields, so that a document is
/// found by them once and not once a chunk. Title, headings and keywords each stand in fields of
/// their own too, so that they can be weighed apart (search/field_weights.h).
class ChunkIndexer {
 public:
  explicit ChunkIndexer(const Analyzer& analyzer) : analyzer_(analyzer) {}

  /// Chunks come in ascending ChunkId order.
  void add(const StoredChunk& chunk);

  const SegmentBuilder& builder() const { return builder_; }
  std::span<const ChunkId> chunks() const { return chunks_; }
  bool empty() const { return chunks_.empty(); }

  /// The segment's bytes; the indexer is empty afterwards.
  std::vector<std::byte> finish();

 private:
  const Analyzer& analyzer_;
  SegmentBuilder builder_;
  std::vector<ChunkId> chunks_;
  TermList body_terms_;
  TermList title_terms_;
  TermList keyword_terms_;
  std::vector<FieldTerm> terms_;
  DocumentId document_{};
  std::vector<Attribute> attributes_;
};

}  // namespace saerok
