// What the status says of a collection's vectors, from the manifest.

#include "engine/store_status.h"

#include <gtest/gtest.h>

#include "base/sim_env.h"

namespace saerok {
namespace {

constexpr char kEmbedder[] = "embedder/1";

struct StoreStatusTest : testing::Test {
  SimEnv env;
  std::optional<Storage> storage;
  CollectionId collection{};
  SourceId source{};

  void SetUp() override {
    auto opened = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(opened) << opened.error().message;
    storage = std::move(*opened);
    CollectionRecord record;
    record.name = "default";
    record.analyzer_fingerprint = "analyzer/1";
    record.embedder_fingerprint = kEmbedder;
    record.dimension = 384;
    collection = storage->truth->put_collection(record).value().id;
    WriteBatch batch;
    for (const char* path : {"a.md", "b.md", "c.md"}) {
      SourceRecord file;
      file.root = "/notes";
      file.path = path;
      batch.sources.push_back(file);
      DocumentWrite write;
      write.source = batch.sources.size() - 1;
      write.document.root = file.root;
      write.document.path = path;
      Chunk chunk;
      chunk.text = path;
      write.chunks.push_back(chunk);
      batch.documents.push_back(std::move(write));
    }
    ASSERT_TRUE(storage->truth->commit(collection, batch));
    source = storage->truth->sources(collection).value().front().id;
  }

  /// A segment of that kind for the first `count` chunks that have none.
  void publish(SegmentKind kind, std::size_t count, std::uint64_t bytes) {
    SegmentPublication added;
    added.segment.id = storage->truth->reserve_segment_id().value();
    added.segment.kind = kind;
    added.segment.file = std::to_string(static_cast<std::uint64_t>(added.segment.id)) + ".seg";
    added.segment.size = bytes;
    added.segment.chunk_count = static_cast<std::uint32_t>(count);
    added.segment.fingerprint = kind == SegmentKind::lexical ? "analyzer/1" : kEmbedder;
    added.chunks = storage->truth->pending(collection, kind, ChunkId{}, count).value();
    ManifestChange change;
    change.added.push_back(std::move(added));
    const Status published = storage->truth->publish(collection, change);
    ASSERT_TRUE(published) << published.error().message;
  }

  std::vector<VectorSpace> spaces() const {
    return read_status(*storage, "/store").value().collections.at(0).spaces;
  }
};

TEST_F(StoreStatusTest, SpacesAreCountedByKindOverAllSegments) {
  EXPECT_TRUE(spaces().empty());
  publish(SegmentKind::lexical, 3, 7);
  publish(SegmentKind::window_vectors, 1, 1'000);
  publish(SegmentKind::chunk_vectors, 2, 20);
  publish(SegmentKind::chunk_vectors, 1, 10);
  const auto listed = spaces();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].kind, SegmentKind::chunk_vectors);
  EXPECT_EQ(listed[0].embedder, kEmbedder);
  EXPECT_EQ(listed[0].dimension, 384u);
  EXPECT_EQ(listed[0].chunks, 3u);
  EXPECT_EQ(listed[0].bytes, 30u);
  EXPECT_EQ(listed[1].kind, SegmentKind::window_vectors);
  EXPECT_EQ(listed[1].chunks, 1u);
  EXPECT_EQ(listed[1].bytes, 1'000u);
}

TEST_F(StoreStatusTest, DeletedChunksDoNotCount) {
  publish(SegmentKind::chunk_vectors, 3, 30);
  WriteBatch batch;
  batch.deleted_sources.push_back(source);
  ASSERT_TRUE(storage->truth->commit(collection, batch));
  ASSERT_EQ(spaces().size(), 1u);
  EXPECT_EQ(spaces()[0].chunks, 2u);
}

}  // namespace
}  // namespace saerok
