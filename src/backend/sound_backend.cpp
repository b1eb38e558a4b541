#include "backend/sound_backend.h"

#include <utility>

namespace saerok {

Result<std::unique_ptr<SoundBackend>> SoundBackend::open(EmbeddedParts parts,
                                                         std::vector<std::string>& warnings) {
  Segments segments = TRY(open_embedded_backend(parts, warnings));
  return std::unique_ptr<SoundBackend>(  // NOLINT: private constructor
      new SoundBackend(std::move(parts), std::move(segments)));
}

SoundBackend::Segments SoundBackend::segments() const {
  const std::lock_guard lock(mutex_);
  return segments_;
}

std::vector<std::string> SoundBackend::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

Result<bool> SoundBackend::leave_out_damaged(const Segments& asked) const {
  const std::vector<DamagedSegment> damaged = asked->damaged();
  if (damaged.empty()) return false;
  const std::lock_guard lock(mutex_);
  if (segments_ != asked) return true;  // Another thread met the same.
  EmbeddedParts parts = parts_;
  parts.damaged.insert(parts.damaged.end(), damaged.begin(), damaged.end());
  std::vector<std::string> warnings;
  segments_ = TRY(open_embedded_backend(parts, warnings));
  parts_ = std::move(parts);
  warnings_ = std::move(warnings);
  return true;
}

template <class Ask>
auto SoundBackend::ask_sound(const Ask& ask) const
    -> decltype(ask(std::declval<const SegmentsBackend&>())) {
  for (;;) {
    const Segments asked = segments();
    auto answer = ask(*asked);
    if (!TRY(leave_out_damaged(asked))) return answer;
  }
}

std::uint64_t SoundBackend::document_frequency(TermField field, std::string_view term) const {
  const auto frequency = ask_sound([&](const SegmentsBackend& segments) {
    return Result<std::uint64_t>(segments.vocabulary().document_frequency(field, term));
  });
  return frequency.value_or(0);  // Where the store cannot be read, the search itself says so.
}

void SoundBackend::visit_terms(
    TermField field, std::string_view first, std::string_view last,
    const std::function<void(std::string_view, std::uint64_t)>& visit) const {
  const auto sound = ask_sound([&](const SegmentsBackend& segments) {
    segments.look_at_terms(field, first, last);
    return Result<const SegmentsBackend*>(&segments);
  });
  if (sound) segments()->visit_terms(field, first, last, visit);
}

bool SoundBackend::has_attribute(std::string_view name) const {
  return segments()->has_attribute(name);
}
std::uint64_t SoundBackend::chunk_count() const { return segments()->chunk_count(); }
std::uint64_t SoundBackend::chunks_with_vectors() const {
  return segments()->chunks_with_vectors();
}
std::uint64_t SoundBackend::chunks_with_windows() const {
  return segments()->chunks_with_windows();
}
std::string SoundBackend::embedder_fingerprint() const {
  return segments()->embedder_fingerprint();
}
std::uint32_t SoundBackend::dimension() const { return segments()->dimension(); }

Result<RankedList> SoundBackend::lexical(const QueryPlan& plan, const CallContext& call) const {
  return ask_sound([&](const SegmentsBackend& segments) { return segments.lexical(plan, call); });
}

Result<RankedList> SoundBackend::vector(const QueryPlan& plan, const CallContext& call) const {
  return ask_sound([&](const SegmentsBackend& segments) { return segments.vector(plan, call); });
}

Result<RankedList> SoundBackend::newest(const QueryPlan& plan, const CallContext& call) const {
  return ask_sound([&](const SegmentsBackend& segments) { return segments.newest(plan, call); });
}

Result<Explanation> SoundBackend::explain_lexical(const QueryPlan& plan, ChunkId chunk) const {
  return ask_sound(
      [&](const SegmentsBackend& segments) { return segments.explain_lexical(plan, chunk); });
}

Result<VectorScoreParts> SoundBackend::explain_vector(const QueryPlan& plan, ChunkId chunk) const {
  return ask_sound(
      [&](const SegmentsBackend& segments) { return segments.explain_vector(plan, chunk); });
}

Result<std::vector<StoredChunk>> SoundBackend::fetch(std::span<const ChunkId> chunks) const {
  return segments()->fetch(chunks);
}

}  // namespace saerok
