/// A backend that answers only from bytes that are what was written: where a segment turns out to
/// be damaged while it is read, what was asked is answered again without it, its text searched from
/// the store. What this is not: a look at bytes that no answer needs; `saerok doctor --store-check`
/// has that.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/embedded.h"

namespace saerok {

/// Safe from several threads.
class SoundBackend final : public Backend, private Vocabulary {
 public:
  /// What `parts` sees must live as long as this. Errors and `warnings`: as
  /// open_embedded_backend().
  static Result<std::unique_ptr<SoundBackend>> open(EmbeddedParts parts,
                                                    std::vector<std::string>& warnings);

  /// Sentences on what turned out to be damaged since it was opened.
  std::vector<std::string> warnings() const;

  const Vocabulary& vocabulary() const override { return *this; }
  void visit_terms(
      TermField field, std::string_view first, std::string_view last,
      const std::function<void(std::string_view, std::uint64_t)>& visit) const override;
  bool has_attribute(std::string_view name) const override;
  std::uint64_t chunk_count() const override;
  std::uint64_t chunks_with_vectors() const override;
  std::uint64_t chunks_with_windows() const override;
  std::string embedder_fingerprint() const override;
  std::uint32_t dimension() const override;
  Result<RankedList> lexical(const QueryPlan& plan, const CallContext& call) const override;
  Result<RankedList> vector(const QueryPlan& plan, const CallContext& call) const override;
  Result<RankedList> newest(const QueryPlan& plan, const CallContext& call) const override;
  Result<Explanation> explain_lexical(const QueryPlan& plan, ChunkId chunk) const override;
  Result<VectorScoreParts> explain_vector(const QueryPlan& plan, ChunkId chunk) const override;
  Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> chunks) const override;

 private:
  using Segments = std::shared_ptr<const SegmentsBackend>;

  SoundBackend(EmbeddedParts parts, Segments segments)
      : parts_(std::move(parts)), segments_(std::move(segments)) {}

  std::uint64_t document_frequency(TermField field, std::string_view term) const override;

  Segments segments() const;
  /// What `ask` says of segments of which nothing that it read was damaged.
  template <class Ask>
  auto ask_sound(const Ask& ask) const -> decltype(ask(std::declval<const SegmentsBackend&>()));
  /// True if there are others now, because some of `asked` are damaged.
  Result<bool> leave_out_damaged(const Segments& asked) const;

  mutable std::mutex mutex_;
  mutable EmbeddedParts parts_;
  mutable Segments segments_;
  mutable std::vector<std::string> warnings_;
};

}  // namespace saerok
