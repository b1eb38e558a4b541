// The truth against a slow obvious model of it, under random operations.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/sim_env.h"
#include "storage/sqlite_truth.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_document;
using test::make_publication;
using test::make_source;

constexpr SegmentKind kKinds[] = {SegmentKind::lexical, SegmentKind::chunk_vectors,
                                  SegmentKind::window_vectors};

/// A collection as plain containers.
struct Model {
  struct Document {
    DocumentId id{};
    Hash128 content_hash;
    std::map<ChunkId, std::string> chunks;
  };
  struct Source {
    SourceState state = SourceState::indexed;
    std::map<std::string, Document> documents;
  };
  struct Segment {
    SegmentKind kind{};
    std::set<ChunkId> chunks;
  };
  std::map<std::string, Source> sources;  ///< By path.
  std::map<SegmentId, Segment> segments;
  std::map<SegmentId, std::set<ChunkId>> tombstones;

  std::map<ChunkId, std::string> chunks() const {
    std::map<ChunkId, std::string> all;
    for (const auto& [path, source] : sources) {
      for (const auto& [record, document] : source.documents) {
        all.insert(document.chunks.begin(), document.chunks.end());
      }
    }
    return all;
  }
  /// Live in the segment: held and without a tombstone.
  std::vector<ChunkId> chunks_of(SegmentId id) const {
    std::vector<ChunkId> live;
    const auto dead = tombstones.find(id);
    for (const ChunkId chunk : segments.at(id).chunks) {
      if (dead == tombstones.end() || !dead->second.contains(chunk)) live.push_back(chunk);
    }
    return live;
  }
  std::vector<ChunkId> pending(SegmentKind kind) const {
    auto all = chunks();
    for (const auto& [id, segment] : segments) {
      if (segment.kind != kind) continue;
      for (const ChunkId chunk : chunks_of(id)) all.erase(chunk);
    }
    std::vector<ChunkId> ids;
    for (const auto& [id, text] : all) ids.push_back(id);
    return ids;
  }
  void bury(const Document& document) {
    for (const auto& [chunk, text] : document.chunks) {
      for (const auto& [id, segment] : segments) {
        if (segment.chunks.contains(chunk)) tombstones[id].insert(chunk);
      }
    }
  }
};

class ModelTest {
 public:
  explicit ModelTest(std::uint64_t seed) : random_(seed) { reopen(); }

  void step() {
    const std::uint64_t draw = random_.below(100);
    if (draw < 45) {
      commit();
    } else if (draw < 75) {
      publish();
    } else if (draw < 80) {
      truth_.reset();
      reopen();
    } else {
      compare();
    }
  }

  void compare() const {
    const auto all = model_.chunks();
    const Manifest manifest = truth_->manifest(collection_).value();
    EXPECT_EQ(manifest.chunk_count, all.size());
    const std::uint64_t counted[] = {manifest.pending_lexical, manifest.pending_chunk_vectors,
                                     manifest.pending_window_vectors};
    for (const SegmentKind kind : kKinds) {
      const auto expected = model_.pending(kind);
      EXPECT_EQ(truth_->pending(collection_, kind, {}, 1'000'000).value(), expected);
      EXPECT_EQ(counted[static_cast<std::size_t>(kind)], expected.size());
    }
    compare_segments(manifest);
    compare_sources();
    std::vector<ChunkId> ids;
    for (const auto& [id, text] : all) ids.push_back(id);
    const auto stored = truth_->fetch(ids).value();
    ASSERT_EQ(stored.size(), ids.size());
    for (const StoredChunk& chunk : stored) EXPECT_EQ(chunk.chunk.text, all.at(chunk.chunk.id));
  }

 private:
  void reopen() {
    auto opened = SqliteTruth::open(env_, "/truth.db", SqliteAccess::write);
    ASSERT_TRUE(opened) << test::why(opened);
    truth_ = std::move(opened).value();
    collection_ = truth_->put_collection(test::make_collection()).value().id;
  }

  void compare_segments(const Manifest& manifest) const {
    ASSERT_EQ(manifest.segments.size(), model_.segments.size());
    std::map<SegmentId, std::set<ChunkId>> tombstones;
    for (const auto& segment : manifest.tombstones) {
      tombstones[segment.segment] = {segment.chunks.begin(), segment.chunks.end()};
      EXPECT_TRUE(std::ranges::is_sorted(segment.chunks));
    }
    EXPECT_EQ(tombstones, model_.tombstones);
    for (const SegmentRecord& segment : manifest.segments) {
      ASSERT_TRUE(model_.segments.contains(segment.id));
      EXPECT_EQ(segment.kind, model_.segments.at(segment.id).kind);
      EXPECT_EQ(truth_->chunks_of(segment.id).value(), model_.chunks_of(segment.id));
    }
  }

  void compare_sources() const {
    CollectionCounts expected;
    const auto records = truth_->sources(collection_).value();
    ASSERT_EQ(records.size(), model_.sources.size());
    for (const SourceRecord& record : records) {
      ASSERT_TRUE(model_.sources.contains(record.path));
      const Model::Source& source = model_.sources.at(record.path);
      EXPECT_EQ(record.state, source.state);
      std::uint64_t* const states[] = {&expected.sources_indexed, &expected.sources_partial,
                                       &expected.sources_failed, &expected.sources_skipped};
      ++*states[static_cast<std::size_t>(source.state)];
      expected.documents += source.documents.size();
      std::map<std::string, Hash128> hashes;
      std::map<std::string, Hash128> expected_hashes;
      const auto keys = truth_->documents_of(record.id).value();
      for (const auto& key : keys) {
        hashes[key.record_id] = key.content_hash;
      }
      for (const auto& [name, document] : source.documents) {
        expected_hashes[name] = document.content_hash;
      }
      EXPECT_EQ(hashes, expected_hashes);
    }
    const CollectionCounts counts = truth_->counts(collection_).value();
    EXPECT_EQ(counts.documents, expected.documents);
    EXPECT_EQ(counts.sources_indexed, expected.sources_indexed);
    EXPECT_EQ(counts.sources_partial, expected.sources_partial);
    EXPECT_EQ(counts.sources_failed, expected.sources_failed);
    EXPECT_EQ(counts.sources_skipped, expected.sources_skipped);
  }

  std::string draw_path() { return "note" + std::to_string(random_.below(12)) + ".md"; }

  void commit() {
    WriteBatch batch;
    const auto records = truth_->sources(collection_).value();
    for (const SourceRecord& record : records) {
      auto& source = model_.sources.at(record.path);
      if (random_.chance(0.08)) {
        batch.deleted_sources.push_back(record.id);
        for (const auto& [name, document] : source.documents) model_.bury(document);
        model_.sources.erase(record.path);
        continue;
      }
      std::erase_if(source.documents, [&](const auto& entry) {
        if (!random_.chance(0.1)) return false;
        batch.deleted_documents.push_back(entry.second.id);
        model_.bury(entry.second);
        return true;
      });
      const std::string target = draw_path();
      if (random_.chance(0.05) && !model_.sources.contains(target)) {
        batch.renames.push_back({record.id, "/notes", target});
        auto moved = model_.sources.extract(record.path);
        moved.key() = target;
        model_.sources.insert(std::move(moved));
      }
    }
    for (std::uint64_t i = random_.below(4); i > 0; --i) {
      SourceRecord source = make_source(draw_path());
      source.state = static_cast<SourceState>(random_.below(4));
      model_.sources[source.path].state = source.state;
      batch.sources.push_back(source);
    }
    if (!batch.sources.empty()) add_documents(batch);
    apply(batch);
  }

  void add_documents(WriteBatch& batch) {
    for (std::uint64_t i = random_.below(6); i > 0; --i) {
      const std::uint64_t record = random_.below(4);
      batch.documents.push_back(make_document(
          random_.below(batch.sources.size()), record == 0 ? "" : "r" + std::to_string(record),
          random_.below(4), "content " + std::to_string(random_.next())));
    }
  }

  void apply(const WriteBatch& batch) {
    const auto receipt = truth_->commit(collection_, batch);
    ASSERT_TRUE(receipt) << test::why(receipt);
    std::size_t next_chunk = 0;
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
      const DocumentWrite& write = batch.documents[i];
      auto& source = model_.sources[batch.sources[write.source].path];
      Model::Document& document = source.documents[write.document.record_id];
      model_.bury(document);
      document = {receipt->documents[i], write.document.content_hash, {}};
      for (const Chunk& chunk : write.chunks) {
        document.chunks[receipt->chunks[next_chunk++]] = chunk.text;
      }
    }
    EXPECT_EQ(next_chunk, receipt->chunks.size());
  }

  /// A new segment of pending chunks, a merge, a loss, or a publication of chunks that are gone.
  void publish() {
    const SegmentKind kind = kKinds[random_.below(3)];
    const SegmentId id = truth_->reserve_segment_id().value();
    std::vector<ChunkId> chunks = model_.pending(kind);
    if (random_.chance(0.5) && !chunks.empty()) chunks.resize(random_.below(chunks.size()) + 1);
    ManifestChange change;
    for (const auto& [other, segment] : model_.segments) {
      if (segment.kind != kind || !random_.chance(0.4)) continue;
      change.removed.push_back(other);
      if (random_.chance(0.2)) continue;  // Lost: its chunks are in no new segment.
      const auto live = model_.chunks_of(other);
      chunks.insert(chunks.end(), live.begin(), live.end());
    }
    if (random_.chance(0.2)) chunks.push_back(ChunkId{random_.below(50) + 1});
    std::ranges::sort(chunks);
    chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
    if (!chunks.empty()) change.added.push_back(make_publication(id, kind, chunks));
    const auto published = truth_->publish(collection_, change);
    ASSERT_TRUE(published) << test::why(published);

    for (const SegmentId gone : change.removed) {
      model_.segments.erase(gone);
      model_.tombstones.erase(gone);
    }
    if (chunks.empty()) return;
    const auto alive = model_.chunks();
    for (const ChunkId chunk : chunks) {
      if (!alive.contains(chunk)) model_.tombstones[id].insert(chunk);
      for (const auto& [other, segment] : model_.segments) {
        if (segment.kind == kind && segment.chunks.contains(chunk) && alive.contains(chunk)) {
          model_.tombstones[other].insert(chunk);
        }
      }
    }
    model_.segments[id] = {kind, {chunks.begin(), chunks.end()}};
  }

  SimEnv env_;
  std::unique_ptr<SqliteTruth> truth_;
  CollectionId collection_{};
  Model model_;
  Random random_;
};

TEST(TruthModel, RandomOperationsGiveWhatPlainContainersGive) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (std::uint64_t round = 0; round < 6; ++round) {
    ModelTest test(seed + round);
    for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i) test.step();
    test.compare();
  }
}

}  // namespace
}  // namespace saerok
