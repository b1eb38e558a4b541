#include "ingest/embed_pending.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "index/vector_segment.h"
#include "ingest/chunker.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

/// Chunks whose texts are looked up and embedded together. Sorting by length inside a group keeps
/// batches even; larger groups gained nothing and delay the first saved vectors.
constexpr std::size_t kGroupChunks = 256;
/// A segment is published at this size or age, so that a search beside a long run sees vectors
/// land.
constexpr std::size_t kVectorMemoryMax = std::size_t{128} << 20;
constexpr std::chrono::seconds kPublishEvery{20};

/// The texts of one chunk that get vectors, with their windows.
struct ChunkTexts {
  ChunkId chunk{};
  std::vector<Window> windows;
  std::vector<std::string> texts;  // Parallel to windows.
};

ChunkTexts texts_of(const StoredChunk& chunk, VectorTier tier, std::uint32_t window_sentences) {
  ChunkTexts result{chunk.chunk.id, {}, {}};
  if (tier == VectorTier::chunk) {
    result.windows.push_back({});
    result.texts.push_back(embedded_text(chunk));
    return result;
  }
  result.windows = sentence_windows(chunk.chunk.text, window_sentences);
  for (const Window& window : result.windows) {
    result.texts.push_back(chunk.chunk.text.substr(window.begin, window.end - window.begin));
  }
  return result;
}

/// One tier of one run.
class TierEmbedding {
 public:
  TierEmbedding(IngestContext& context, const Embedder& embedder, VectorTier tier,
                IngestReport& report)
      : context_(context),
        embedder_(embedder),
        tier_(tier),
        report_(report),
        builder_(tier, static_cast<std::uint32_t>(embedder.dimension())) {}

  Status run(std::uint64_t pending_count) {
    total_ = pending_count;
    const Status outcome = embed_all();
    // What was embedded before a stop or a failure is published all the same.
    if (Status published = publish(); !published) return published;
    return outcome;
  }

 private:
  SegmentKind kind() const {
    return tier_ == VectorTier::chunk ? SegmentKind::chunk_vectors : SegmentKind::window_vectors;
  }

  Status embed_all() {
    // What somebody works on now is searched for first.
    const auto pending =
        TRY(context_.store.truth.pending_newest_first(context_.store.collection.id, kind()));
    show_progress(0);
    for (std::size_t at = 0; at < pending.size(); at += kGroupChunks) {
      TRY(context_.call.check());
      const auto ids = std::span(pending).subspan(at, std::min(kGroupChunks, pending.size() - at));
      const auto stored = TRY(context_.store.truth.fetch(ids));
      TRY(embed_group(stored));
      show_progress(0);
      if (builder_.memory_size() >= kVectorMemoryMax ||
          Clock::now() - published_ >= kPublishEvery) {
        TRY(publish());
      }
    }
    return {};
  }

  Status embed_group(std::span<const StoredChunk> stored) {
    std::vector<ChunkTexts> group;
    std::vector<std::string_view> texts;
    std::vector<Hash128> keys;
    for (const StoredChunk& chunk : stored) {
      group.push_back(texts_of(chunk, tier_, context_.settings.window_sentences));
    }
    for (const ChunkTexts& chunk : group) {
      for (const std::string& text : chunk.texts) {
        texts.push_back(text);
        keys.push_back(hash128(text));
      }
    }
    std::vector<float> rows(texts.size() * embedder_.dimension());
    group_chunks_ = group.size();
    TRY(fill_rows(texts, keys, rows));
    std::size_t row = 0;
    for (const ChunkTexts& chunk : group) {
      const std::size_t size = chunk.windows.size() * embedder_.dimension();
      builder_.add(chunk.chunk, chunk.windows, std::span(rows).subspan(row, size));
      row += size;
    }
    done_ += group.size();
    (tier_ == VectorTier::chunk ? report_.chunk_vectors : report_.window_vectors) += group.size();
    return {};
  }

  Status fill_rows(std::span<const std::string_view> texts, std::span<const Hash128> keys,
                   std::span<float> rows) {
    const std::size_t dimension = embedder_.dimension();
    const auto known = TRY(context_.store.cache.find(embedder_.fingerprint(), keys));
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (known[i] && known[i]->size() == dimension) {
        std::copy(known[i]->begin(), known[i]->end(), rows.begin() + offset(i));
      } else {
        missing.push_back(i);
      }
    }
    // Texts of like length go together: a batch costs what its longest text costs.
    std::stable_sort(missing.begin(), missing.end(), [&](std::size_t a, std::size_t b) {
      return texts[a].size() < texts[b].size();
    });
    for (std::size_t at = 0; at < missing.size(); at += kEmbedBatchMax) {
      const auto part =
          std::span(missing).subspan(at, std::min(kEmbedBatchMax, missing.size() - at));
      TRY(embed_batch(texts, keys, part, rows));
      // Of the group's chunks as large a part as of its texts: a group can take minutes.
      const std::size_t texts_done = texts.size() - missing.size() + at + part.size();
      if (texts_done < texts.size()) show_progress(group_chunks_ * texts_done / texts.size());
    }
    return {};
  }

  Status embed_batch(std::span<const std::string_view> texts, std::span<const Hash128> keys,
                     std::span<const std::size_t> part, std::span<float> rows) {
    std::vector<std::string_view> batch;
    std::vector<Hash128> batch_keys;
    std::uint64_t tokens = 0;
    for (const std::size_t i : part) {
      batch.push_back(texts[i]);
      batch_keys.push_back(keys[i]);
      tokens += estimate_tokens(texts[i]);
    }
    const auto vectors = TRY(embedder_.embed(batch, TextRole::passage, context_.call));
    tokens_ += tokens;
    report_.tokens_embedded += tokens;
    TRY(context_.store.cache.put(embedder_.fingerprint(), batch_keys, vectors));
    const auto dimension = static_cast<std::ptrdiff_t>(embedder_.dimension());
    for (std::size_t i = 0; i < part.size(); ++i) {
      const auto from = vectors.begin() + static_cast<std::ptrdiff_t>(i) * dimension;
      std::copy(from, from + dimension, rows.begin() + offset(part[i]));
    }
    return {};
  }

  std::ptrdiff_t offset(std::size_t row) const {
    return static_cast<std::ptrdiff_t>(row * embedder_.dimension());
  }

  Status publish() {
    published_ = Clock::now();
    if (builder_.chunk_count() == 0) return {};
    NewSegment segment{.kind = kind(),
                       .fingerprint = std::string(embedder_.fingerprint()),
                       .chunks = {builder_.chunks().begin(), builder_.chunks().end()},
                       .bytes = {}};
    segment.bytes = builder_.finish(segment.fingerprint);
    builder_ = VectorSegmentBuilder(tier_, static_cast<std::uint32_t>(embedder_.dimension()));
    return publish_segment(context_.store, std::move(segment), {});
  }

  void show_progress(std::uint64_t group_done) const {
    if (!context_.progress) return;
    context_.progress({.stage = tier_ == VectorTier::chunk ? "embed chunks" : "embed windows",
                       .done = done_ + group_done,
                       .total = total_,
                       .unit = "chunks",
                       .tokens = tokens_,
                       .seconds = std::chrono::duration<double>(Clock::now() - began_).count()});
  }

  IngestContext& context_;
  const Embedder& embedder_;
  VectorTier tier_;
  IngestReport& report_;
  VectorSegmentBuilder builder_;
  Clock::time_point published_ = Clock::now();
  const Clock::time_point began_ = Clock::now();
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t tokens_ = 0;
  std::uint64_t group_chunks_ = 0;  ///< Of the group in work.
};

}  // namespace

std::string embedded_text(const StoredChunk& chunk) {
  std::string text = chunk.title;
  for (const std::string& heading : chunk.chunk.heading_path) {
    if (heading == chunk.title) continue;
    if (!text.empty()) text += " > ";
    text += heading;
  }
  if (!text.empty()) text += '\n';
  text += chunk.chunk.text;
  return text;
}

Status claim_embedder(IngestContext& context, std::string_view fingerprint,
                      std::uint32_t dimension) {
  CollectionRecord& collection = context.store.collection;
  if (collection.embedder_fingerprint == fingerprint && collection.dimension == dimension)
    return {};
  if (!collection.embedder_fingerprint.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "collection " + collection.name + " has vectors of " +
                     collection.embedder_fingerprint + " (" + std::to_string(collection.dimension) +
                     " dimensions), and these would be of " + std::string(fingerprint) + " (" +
                     std::to_string(dimension) +
                     "); run `saerok index --rebuild` to replace them, or restore the setting " +
                     "models.embed"};
  }
  CollectionRecord updated = collection;
  updated.embedder_fingerprint = std::string(fingerprint);
  updated.dimension = dimension;
  collection = TRY(context.store.truth.put_collection(updated));
  return {};
}

Status embed_pending(IngestContext& context, const Embedder& embedder, IngestReport& report) {
  if (context.settings.vectors == VectorTiers::none) return {};
  const Manifest before = TRY(context.store.truth.manifest(context.store.collection.id));
  const bool wants_windows = context.settings.vectors == VectorTiers::windows;
  const bool has_work =
      before.pending_chunk_vectors > 0 || (wants_windows && before.pending_window_vectors > 0);
  if (!has_work) return {};
  if (embedder.dimension() == 0) {
    // A remote embedder says its dimension with its first answer.
    const std::string_view probe = "saerok";
    (void)TRY(embedder.embed(std::span(&probe, 1), TextRole::passage, context.call));
  }
  TRY(claim_embedder(context, embedder.fingerprint(),
                     static_cast<std::uint32_t>(embedder.dimension())));
  TRY(TierEmbedding(context, embedder, VectorTier::chunk, report)
          .run(before.pending_chunk_vectors));
  if (!wants_windows) return {};
  return TierEmbedding(context, embedder, VectorTier::window, report)
      .run(before.pending_window_vectors);
}

}  // namespace saerok
