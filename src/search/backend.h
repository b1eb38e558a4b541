/// The Backend port: something that can give candidates and stored chunks. backend/embedded.h reads
/// our own segments; an OpenSearch adapter comes later without an `if` in the pipeline.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/storage.h"
#include "saerok/types.h"
#include "search/plan.h"
#include "text/analyzer.h"

namespace saerok {

/// What a vector list says of one of its scores.
struct VectorScoreParts {
  float chunk_similarity = 0;
  float window_similarity = 0;  ///< The chunk's own again where it has no window vectors.
  bool has_window = false;
};

/// One consistent view of a collection; what it says does not change while it lives.
/// Safe from several threads.
class Backend {
 public:
  virtual ~Backend() = default;

  /// Document frequencies of the whole collection, for plan and query segmentation.
  virtual const Vocabulary& vocabulary() const = 0;

  /// Calls visit(term, chunks that hold it) for the terms t of bodies and titles with first <= t
  /// and, unless `last` is empty, t < last. A term may come several times, with parts of its count.
  virtual void visit_terms(
      TermField field, std::string_view first, std::string_view last,
      const std::function<void(std::string_view, std::uint64_t)>& visit) const = 0;

  /// Whether some document has an attribute of this name, given in folded form.
  virtual bool has_attribute(std::string_view name) const = 0;

  virtual std::uint64_t chunk_count() const = 0;
  /// Chunks that have a vector of their own, and chunks whose windows have theirs.
  virtual std::uint64_t chunks_with_vectors() const = 0;
  virtual std::uint64_t chunks_with_windows() const = 0;
  /// Empty while no vectors exist.
  virtual std::string embedder_fingerprint() const = 0;
  virtual std::uint32_t dimension() const = 0;

  /// The best `plan.lexical_depth` chunks by BM25 summed over the terms; only chunks with a score
  /// above 0 that pass the filter, meet the condition and are of plan.among.
  virtual Result<RankedList> lexical(const QueryPlan& plan, const CallContext& call) const = 0;

  /// The best `plan.vector_depth` chunks by own similarity plus best window's, of the same chunks.
  virtual Result<RankedList> vector(const QueryPlan& plan, const CallContext& call) const = 0;

  /// The first chunk of each document that passes the filter and meets the condition, at most
  /// `plan.lexical_depth`: latest `date` first, those without one last, equal ones by descending
  /// ChunkId. Scores are 0. A document in several segments may come once for each.
  virtual Result<RankedList> newest(const QueryPlan& plan, const CallContext& call) const = 0;

  /// How `lexical` scored one chunk: a sum over the terms that matched. The root's value is the
  /// score, from the same function.
  virtual Result<Explanation> explain_lexical(const QueryPlan& plan, ChunkId chunk) const = 0;
  virtual Result<VectorScoreParts> explain_vector(const QueryPlan& plan, ChunkId chunk) const = 0;

  virtual Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> chunks) const = 0;
};

}  // namespace saerok
