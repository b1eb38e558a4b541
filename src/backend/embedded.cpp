#include "backend/embedded.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "backend/vector_tiers.h"
#include "search/lexical.h"
#include "search/required_terms.h"

namespace saerok {
namespace {

constexpr std::size_t kWordBits = 64;

/// All chunks but the deleted ones.
ChunkBits live_bits(const PackedNumbers& chunk_ids, std::span<const ChunkId> deleted) {
  if (deleted.empty()) return {};
  ChunkBits bits((chunk_ids.size() + kWordBits - 1) / kWordBits, ~std::uint64_t{0});
  for (const ChunkId chunk : deleted) {
    const auto at = chunk_ids.find(static_cast<std::uint64_t>(chunk));
    if (at) bits[*at / kWordBits] &= ~(std::uint64_t{1} << (*at % kWordBits));
  }
  return bits;
}

bool has_bit(const ChunkBits& bits, std::size_t index) {
  return (bits[index / kWordBits] >> (index % kWordBits) & 1) != 0;
}

float joined_score(const VectorScoreParts& parts) {
  return parts.chunk_similarity + parts.window_similarity;
}

bool is_better(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
}

class EmbeddedBackend final : public SegmentsBackend, private Vocabulary {
 public:
  EmbeddedBackend(EmbeddedParts parts, std::vector<LexicalSegmentView> lexical,
                  std::vector<SegmentId> lexical_ids, std::vector<VectorPart> chunk_vectors,
                  std::vector<VectorPart> window_vectors)
      : parts_(std::move(parts)),
        lexical_(std::move(lexical)),
        lexical_ids_(std::move(lexical_ids)),
        statistics_(collect_statistics(lexical_)),
        chunk_vectors_(std::move(chunk_vectors)),
        window_vectors_(std::move(window_vectors)) {}

  std::vector<DamagedSegment> damaged() const override {
    std::vector<DamagedSegment> found;
    const auto add = [&](SegmentId id, const Status& read) {
      if (!read) found.push_back({id, read.error().message});
    };
    // Behind those of the manifest there may be a delta, which stands on no disk.
    for (std::size_t i = 0; i < lexical_ids_.size(); ++i) {
      add(lexical_ids_[i], lexical_[i].segment->check_read());
    }
    for (const VectorPart& part : chunk_vectors_) add(part.id, part.segment->check_read());
    for (const VectorPart& part : window_vectors_) add(part.id, part.segment->check_read());
    return found;
  }

  void look_at_terms(TermField field, std::string_view first,
                     std::string_view last) const override {
    for (const LexicalSegmentView& view : lexical_) {
      for (const IndexField part : fields_of(field)) view.segment->look_at_terms(part, first, last);
    }
  }

  const Vocabulary& vocabulary() const override { return *this; }
  std::uint64_t chunk_count() const override { return parts_.manifest.chunk_count; }
  std::uint64_t chunks_with_vectors() const override { return count_live(chunk_vectors_); }
  std::uint64_t chunks_with_windows() const override { return count_live(window_vectors_); }
  std::string embedder_fingerprint() const override {
    return parts_.manifest.collection.embedder_fingerprint;
  }
  std::uint32_t dimension() const override { return parts_.manifest.collection.dimension; }

  std::uint64_t document_frequency(TermField field, std::string_view term) const override {
    const IndexField index_field =
        field == TermField::stem ? IndexField::body_stem : IndexField::body_gram;
    std::uint64_t frequency = 0;
    for (const LexicalSegmentView& view : lexical_) {
      frequency += view.segment->find(index_field, term).document_frequency;
    }
    return frequency;
  }

  void visit_terms(
      TermField field, std::string_view first, std::string_view last,
      const std::function<void(std::string_view, std::uint64_t)>& visit) const override {
    for (const LexicalSegmentView& view : lexical_) {
      for (const IndexField part : fields_of(field)) {
        view.segment->visit_terms(part, first, last,
                                  [&](std::string_view term, const Segment::TermRef& place) {
                                    visit(term, place.document_frequency);
                                    return true;
                                  });
      }
    }
  }

  bool has_attribute(std::string_view name) const override {
    return std::any_of(lexical_.begin(), lexical_.end(), [&](const LexicalSegmentView& view) {
      return view.segment->has_attribute(name);
    });
  }

  Result<RankedList> lexical(const QueryPlan& plan, const CallContext& call) const override {
    QueryPlan grouped = plan;
    grouped.condition = take_groups(plan.condition, lexical_, grouped.lexical);
    const std::vector<LexicalSegmentView> views = TRY(filtered_views(grouped, call));
    return search_lexical(grouped.lexical, views, statistics_, plan.lexical_depth, call);
  }

  Result<RankedList> vector(const QueryPlan& plan, const CallContext& call) const override {
    const auto joined = TRY(join_tiers(plan, call));
    RankedList list;
    list.reserve(joined.size());
    for (const JoinedMatch& row : joined) {
      list.push_back({row.chunk, joined_score(row.parts), row.window});
    }
    const std::size_t depth = std::min<std::size_t>(plan.vector_depth, list.size());
    std::partial_sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(depth), list.end(),
                      is_better);
    list.resize(depth);
    return list;
  }

  Result<RankedList> newest(const QueryPlan& plan, const CallContext& call) const override {
    std::vector<Dated> found;
    for (const LexicalSegmentView& view : TRY(filtered_views(plan, call))) {
      TRY(call.check());
      add_first_chunks(view, found);
    }
    const std::size_t count = std::min<std::size_t>(plan.lexical_depth, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
                      found.end(), std::greater());
    RankedList list;
    for (std::size_t i = 0; i < count; ++i) list.push_back({ChunkId{found[i].second}, 0, {}});
    return list;
  }

  Result<Explanation> explain_lexical(const QueryPlan& plan, ChunkId chunk) const override {
    return saerok::explain_lexical(plan.lexical, lexical_, statistics_, chunk);
  }

  Result<VectorScoreParts> explain_vector(const QueryPlan& plan, ChunkId chunk) const override {
    std::vector<VectorMatch> chunk_matches;
    std::vector<VectorMatch> window_matches;
    TRY(scan_one(chunk_vectors_, plan.vector.vector, chunk, chunk_matches));
    TRY(scan_one(window_vectors_, plan.vector.vector, chunk, window_matches));
    const auto joined = join_matches(std::move(chunk_matches), std::move(window_matches));
    if (joined.empty()) return Error{ErrorCode::not_found, "the chunk has no vectors"};
    return joined.front().parts;
  }

  Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> chunks) const override {
    return parts_.truth->fetch(chunks);
  }

 private:
  static std::array<IndexField, 2> fields_of(TermField field) {
    if (field == TermField::stem) return {IndexField::body_stem, IndexField::title_stem};
    return {IndexField::body_gram, IndexField::title_gram};
  }

  /// Days since 1970-01-01, or Segment::kNoDate, and a ChunkId.
  using Dated = std::pair<std::int32_t, std::uint64_t>;

  /// Adds each document's first live chunk that passes, with the document's date.
  static void add_first_chunks(const LexicalSegmentView& view, std::vector<Dated>& found) {
    const std::vector<std::int32_t> dates = view.segment->chunk_dates("date");
    const std::vector<std::uint32_t> documents = view.segment->chunk_documents();
    std::vector<bool> seen(documents.size());
    view.segment->chunk_ids().visit([&](std::uint32_t local, std::uint64_t id) {
      const bool passes = (view.passes.empty() || has_bit(view.passes, local)) &&
                          (view.live.empty() || has_bit(view.live, local));
      const std::uint32_t document = documents[local];
      if (!passes || document >= seen.size() || seen[document]) return;
      seen[document] = true;
      found.emplace_back(dates[local], id);
    });
  }

  static bool is_restricted(const QueryPlan& plan) {
    return plan.filter.op != FilterOp::all || plan.condition.op != ConditionOp::all || plan.among;
  }

  static void keep_common(ChunkBits& bits, const ChunkBits& others) {
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= others[i];
  }

  /// Chunks of a segment that pass the plan's filter, meet its condition and are of its `among`.
  static Result<ChunkBits> allowed_bits(const QueryPlan& plan, const Segment& segment,
                                        const CallContext& call) {
    // An empty filter is asked only where nothing else says which chunks: it looks at all of them.
    const bool is_filtered = plan.filter.op != FilterOp::all;
    if (plan.condition.op == ConditionOp::all && !plan.among) return segment.evaluate(plan.filter);
    ChunkBits bits =
        plan.among ? bits_of(*plan.among, segment) : TRY(evaluate(plan.condition, segment, call));
    if (plan.among && plan.condition.op != ConditionOp::all) {
      keep_common(bits, TRY(evaluate(plan.condition, segment, call)));
    }
    if (is_filtered) keep_common(bits, segment.evaluate(plan.filter));
    return bits;
  }

  static ChunkBits bits_of(std::span<const ChunkId> chunks, const Segment& segment) {
    const PackedNumbers& ids = segment.chunk_ids();
    ChunkBits bits((ids.size() + kWordBits - 1) / kWordBits, 0);
    for (const ChunkId chunk : chunks) {
      const auto at = ids.find(static_cast<std::uint64_t>(chunk));
      if (at) bits[*at / kWordBits] |= std::uint64_t{1} << (*at % kWordBits);
    }
    return bits;
  }

  Result<std::vector<LexicalSegmentView>> filtered_views(const QueryPlan& plan,
                                                         const CallContext& call) const {
    std::vector<LexicalSegmentView> views = lexical_;
    if (!is_restricted(plan)) return views;
    for (LexicalSegmentView& view : views) {
      view.passes = TRY(allowed_bits(plan, *view.segment, call));
    }
    return views;
  }

  /// Chunks that may be hits, ascending; nothing: all may.
  Result<std::optional<std::vector<std::uint64_t>>> allowed_chunks(const QueryPlan& plan,
                                                                   const CallContext& call) const {
    if (!is_restricted(plan)) return std::optional<std::vector<std::uint64_t>>();
    std::vector<std::uint64_t> allowed;
    for (const LexicalSegmentView& view : lexical_) {
      const ChunkBits bits = TRY(allowed_bits(plan, *view.segment, call));
      view.segment->chunk_ids().visit([&](std::uint32_t local, std::uint64_t id) {
        if (has_bit(bits, local)) allowed.push_back(id);
      });
    }
    std::sort(allowed.begin(), allowed.end());
    return std::optional(std::move(allowed));
  }

  Result<std::vector<JoinedMatch>> join_tiers(const QueryPlan& plan,
                                              const CallContext& call) const {
    const auto allowed = TRY(allowed_chunks(plan, call));
    std::vector<VectorMatch> chunk_matches;
    std::vector<VectorMatch> window_matches;
    TRY(scan_vectors(chunk_vectors_, plan.vector.vector, allowed, call, chunk_matches));
    TRY(scan_vectors(window_vectors_, plan.vector.vector, allowed, call, window_matches));
    return join_matches(std::move(chunk_matches), std::move(window_matches));
  }

  EmbeddedParts parts_;
  std::vector<LexicalSegmentView> lexical_;
  std::vector<SegmentId> lexical_ids_;  // Of the first of them.
  CollectionStatistics statistics_;
  std::vector<VectorPart> chunk_vectors_;
  std::vector<VectorPart> window_vectors_;
};

std::span<const ChunkId> deleted_of(const Manifest& manifest, SegmentId segment) {
  for (const SegmentTombstones& tombstones : manifest.tombstones) {
    if (tombstones.segment == segment) return tombstones.chunks;
  }
  return {};
}

Result<LexicalSegmentView> open_lexical(const EmbeddedParts& parts, const SegmentRecord& record) {
  const auto file = TRY(parts.directory->open(record.file));
  LexicalSegmentView view;
  view.segment = TRY(Segment::open(file, Segment::Verify::structure));
  view.live = live_bits(view.segment->chunk_ids(), deleted_of(parts.manifest, record.id));
  return view;
}

}  // namespace

Result<std::unique_ptr<SegmentsBackend>> open_embedded_backend(EmbeddedParts parts,
                                                               std::vector<std::string>& warnings) {
  std::vector<LexicalSegmentView> lexical;
  std::vector<SegmentId> lexical_ids;
  std::vector<VectorPart> chunk_vectors;
  std::vector<VectorPart> window_vectors;
  std::vector<SegmentRecord> unreadable;
  const auto leave_out = [&](const SegmentRecord& record, const std::string& why,
                             std::string_view cure) {
    const bool is_lexical = record.kind == SegmentKind::lexical;
    if (is_lexical) unreadable.push_back(record);
    warnings.push_back("segment " + record.file + " cannot be read: " + why + "; " +
                       (is_lexical ? "its text is searched from the store, more slowly"
                                   : "its chunks are found by their words only") +
                       " until " + std::string(cure));
  };
  constexpr std::string_view kIndex = "`saerok index` makes it again";
  for (const SegmentRecord& record : parts.manifest.segments) {
    const auto known = std::ranges::find(parts.damaged, record.id, &DamagedSegment::id);
    if (known != parts.damaged.end()) {
      leave_out(record, known->why,
                "`saerok doctor --repair` sets it aside and `saerok index` makes it again");
      continue;
    }
    if (record.kind == SegmentKind::lexical) {
      auto view = open_lexical(parts, record);
      if (!view) {
        leave_out(record, view.error().message, kIndex);
        continue;
      }
      lexical.push_back(std::move(view).value());
      lexical_ids.push_back(record.id);
      continue;
    }
    auto part = open_vectors(*parts.directory, record, deleted_of(parts.manifest, record.id));
    if (!part) {
      leave_out(record, part.error().message, kIndex);
      continue;
    }
    auto& tier = record.kind == SegmentKind::chunk_vectors ? chunk_vectors : window_vectors;
    tier.push_back(std::move(part).value());
  }
  if (parts.make_delta) {
    if (auto delta = TRY(parts.make_delta(unreadable, warnings))) {
      lexical.push_back({.segment = std::move(delta), .live = {}, .passes = {}});
    }
  }
  return std::unique_ptr<SegmentsBackend>(std::make_unique<EmbeddedBackend>(
      std::move(parts), std::move(lexical), std::move(lexical_ids), std::move(chunk_vectors),
      std::move(window_vectors)));
}

}  // namespace saerok
