#include "ingest/lexical_indexing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "index/vector_segment.h"
#include "ingest/chunk_indexer.h"
#include "ingest/damaged_segments.h"
#include "ingest/ingester.h"
#include "ingest/merge.h"

namespace saerok {
namespace {

constexpr std::size_t kFetchChunks = 1'000;

Status add_stored(IngestContext& context, std::span<const ChunkId> chunks, ChunkIndexer& indexer) {
  for (std::size_t at = 0; at < chunks.size(); at += kFetchChunks) {
    TRY(context.call.check());
    const auto part = chunks.subspan(at, std::min(kFetchChunks, chunks.size() - at));
    const auto stored = TRY(context.store.truth.fetch(part));
    for (const StoredChunk& chunk : stored) indexer.add(chunk);
  }
  return {};
}

Status merge_lexical(IngestContext& context, std::span<const SegmentRecord> group) {
  std::vector<ChunkId> chunks;
  for (const SegmentRecord& segment : group) {
    const auto live = TRY(context.store.truth.chunks_of(segment.id));
    chunks.insert(chunks.end(), live.begin(), live.end());
  }
  std::sort(chunks.begin(), chunks.end());
  ChunkIndexer indexer(context.analyzer);
  TRY(add_stored(context, chunks, indexer));
  return publish_lexical(context.store, context.analyzer, indexer, group);
}

/// Opened inputs of a merge, with which of their chunks live.
struct VectorInput {
  std::shared_ptr<const VectorSegment> segment;
  std::vector<std::uint8_t> passes;
};

Result<VectorInput> open_input(IngestContext& context, const SegmentRecord& record) {
  VectorInput input;
  const auto file = TRY(context.store.directory.open(record.file));
  input.segment = TRY(VectorSegment::open(file));
  const auto live = TRY(context.store.truth.chunks_of(record.id));
  const auto ids = input.segment->chunk_ids();
  input.passes.assign(ids.size(), 0);
  std::size_t next = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    while (next < live.size() && static_cast<std::uint64_t>(live[next]) < ids[i]) ++next;
    if (next < live.size() && static_cast<std::uint64_t>(live[next]) == ids[i]) input.passes[i] = 1;
  }
  return input;
}

/// Copies all live rows in ascending ChunkId order. Segments made one after the other do not
/// interleave, so there are about as many runs as inputs.
void copy_in_order(std::span<const VectorInput> inputs, VectorSegmentBuilder& builder) {
  struct Row {
    std::uint64_t chunk;
    std::uint32_t input;
    std::uint32_t row;
  };
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < inputs.size(); ++i) {
    const auto ids = inputs[i].segment->chunk_ids();
    for (std::uint32_t row = 0; row < ids.size(); ++row) {
      if (inputs[i].passes[row] != 0) rows.push_back({ids[row], i, row});
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.chunk < b.chunk; });
  for (std::size_t at = 0; at < rows.size();) {
    const VectorInput& input = inputs[rows[at].input];
    std::vector<std::uint8_t> run(input.passes.size(), 0);
    std::size_t end = at;
    for (; end < rows.size() && rows[end].input == rows[at].input; ++end) run[rows[end].row] = 1;
    input.segment->copy_into(run, builder);
    at = end;
  }
}

/// Rows are copied as they are: a damaged one would get a new, good checksum. What is damaged is
/// set aside; the rest of the group is for the next plan.
Result<bool> are_sound(IngestContext& context, std::span<const SegmentRecord> group,
                       IngestReport& report) {
  bool is_sound = true;
  for (const SegmentRecord& segment : group) {
    TRY(context.call.check());
    const auto damage = TRY(damage_of(context.store.directory, segment, Look::everything));
    if (!damage) continue;
    is_sound = false;
    report.warnings.push_back(TRY(set_aside(context.store.truth, context.store.directory,
                                            context.store.collection.id, segment, *damage)) +
                              "; the next `saerok index` makes its vectors again");
  }
  return is_sound;
}

Status merge_vectors(IngestContext& context, std::span<const SegmentRecord> group) {
  std::vector<VectorInput> inputs;
  for (const SegmentRecord& record : group) {
    TRY(context.call.check());
    inputs.push_back(TRY(open_input(context, record)));
  }
  const VectorSegment& first = *inputs.front().segment;
  VectorSegmentBuilder builder(first.tier(), first.dimension());
  copy_in_order(inputs, builder);
  NewSegment merged{.kind = group.front().kind,
                    .fingerprint = std::string(first.fingerprint()),
                    .chunks = {builder.chunks().begin(), builder.chunks().end()},
                    .bytes = {}};
  merged.bytes = builder.finish(merged.fingerprint);
  return publish_segment(context.store, std::move(merged), group);
}

}  // namespace

Status publish_lexical(IngestStore& store, const Analyzer& analyzer, ChunkIndexer& indexer,
                       std::span<const SegmentRecord> removed) {
  NewSegment segment{.kind = SegmentKind::lexical,
                     .fingerprint = analyzer.fingerprint(),
                     .chunks = {indexer.chunks().begin(), indexer.chunks().end()},
                     .bytes = {}};
  if (!indexer.empty()) segment.bytes = indexer.finish();
  return publish_segment(store, std::move(segment), removed);
}

Status index_pending(IngestContext& context) {
  ChunkIndexer indexer(context.analyzer);
  ChunkId after{};
  while (true) {
    const auto pending = TRY(context.store.truth.pending(
        context.store.collection.id, SegmentKind::lexical, after, kFetchChunks));
    if (pending.empty()) break;
    TRY(add_stored(context, pending, indexer));
    after = pending.back();
    if (indexer.builder().memory_size() >= kSegmentMemoryMax) {
      TRY(publish_lexical(context.store, context.analyzer, indexer, {}));
    }
  }
  if (indexer.empty()) return {};
  return publish_lexical(context.store, context.analyzer, indexer, {});
}

Status merge_segments(IngestContext& context, IngestReport& report) {
  // A merge can fill the next class, so plan again until there is nothing to do; every round leaves
  // fewer or cleaner segments, and the bound stops a policy that would not.
  constexpr int kRoundsMax = 8;
  for (int round = 0; round < kRoundsMax; ++round) {
    const Manifest manifest = TRY(context.store.truth.manifest(context.store.collection.id));
    const auto groups = plan_merges(manifest);
    if (groups.empty()) return {};
    for (const auto& group : groups) {
      if (group.front().kind == SegmentKind::lexical) {
        TRY(merge_lexical(context, group));
      } else if (TRY(are_sound(context, group, report))) {
        TRY(merge_vectors(context, group));
      }
    }
  }
  return {};
}

}  // namespace saerok
