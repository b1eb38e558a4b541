#include "storage/sqlite_truth.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/sim_env.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_document;
using test::make_publication;
using test::make_source;
using test::why;

std::unique_ptr<SqliteTruth> open_truth(Env& env, SqliteAccess access = SqliteAccess::write) {
  auto truth = SqliteTruth::open(env, "/truth.db", access);
  EXPECT_TRUE(truth) << why(truth);
  return truth ? std::move(truth).value() : nullptr;
}

struct TruthTest : testing::Test {
  SimEnv env;
  std::unique_ptr<SqliteTruth> truth = open_truth(env);
  CollectionId collection = truth->put_collection(make_collection()).value().id;

  CommitReceipt commit(const WriteBatch& batch) {
    auto receipt = truth->commit(collection, batch);
    EXPECT_TRUE(receipt) << why(receipt);
    return receipt.value();
  }
  CommitReceipt commit_document(const std::string& path, std::size_t chunks,
                                const std::string& content) {
    return commit(
        {.sources = {make_source(path)}, .documents = {make_document(0, "", chunks, content)}});
  }
  Manifest manifest() const { return truth->manifest(collection).value(); }
};

TEST_F(TruthTest, FetchGivesBackAllOfAChunkAndOfItsDocument) {
  WriteBatch batch{.sources = {make_source("차/녹차.md")},
                   .documents = {make_document(0, "r1", 2, "green")}};
  const auto receipt = commit(batch);
  ASSERT_EQ(receipt.chunks.size(), 2u);
  const ChunkId asked[] = {receipt.chunks[1], ChunkId{999}, receipt.chunks[0]};
  const auto stored = truth->fetch(asked).value();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].chunk.id, receipt.chunks[1]);
  const Chunk& expected = batch.documents[0].chunks[1];
  EXPECT_EQ(stored[0].chunk.document, receipt.documents[0]);
  EXPECT_EQ(stored[0].chunk.ordinal, expected.ordinal);
  EXPECT_EQ(stored[0].chunk.span, expected.span);
  EXPECT_EQ(stored[0].chunk.source_bytes, expected.source_bytes);
  EXPECT_EQ(stored[0].chunk.source_lines, expected.source_lines);
  EXPECT_EQ(stored[0].chunk.anchors, expected.anchors);
  EXPECT_EQ(stored[0].chunk.heading_path, expected.heading_path);
  EXPECT_EQ(stored[0].chunk.text, expected.text);
  EXPECT_EQ(stored[0].root, "/notes");
  EXPECT_EQ(stored[0].path, "차/녹차.md");
  EXPECT_EQ(stored[0].record_id, "r1");
  EXPECT_EQ(stored[0].title, batch.documents[0].document.title);
  EXPECT_EQ(stored[0].keywords, "tea 차");
  EXPECT_EQ(stored[0].attributes, batch.documents[0].document.attributes);
}

TEST_F(TruthTest, NamedRootsAreASetThatGoesWithItsCollection) {
  const std::vector<std::string> named = {"/notes", "/home/diary.md"};
  ASSERT_TRUE(truth->change_named_roots(collection, named, {}));
  ASSERT_TRUE(truth->change_named_roots(collection, named, {}));
  EXPECT_EQ(truth->named_roots(collection).value(),
            (std::vector<std::string>{"/home/diary.md", "/notes"}));
  const std::vector<std::string> gone = {"/notes", "/never"};
  ASSERT_TRUE(truth->change_named_roots(collection, {}, gone));
  EXPECT_EQ(truth->named_roots(collection).value(), (std::vector<std::string>{"/home/diary.md"}));
  ASSERT_TRUE(truth->remove_collection(collection));
  EXPECT_TRUE(truth->named_roots(collection).value().empty());
  EXPECT_EQ(truth->change_named_roots(collection, named, {}).error().code, ErrorCode::not_found);
}

TEST_F(TruthTest, ReplacedDocumentKeepsItsIdAndLeavesTombstonesWhereItWasIndexed) {
  const auto first = commit_document("tea.md", 2, "green");
  const SegmentId segment = truth->reserve_segment_id().value();
  ASSERT_TRUE(truth->publish(
      collection, {.added = {make_publication(segment, SegmentKind::lexical, first.chunks)}}));
  EXPECT_EQ(manifest().pending_lexical, 0u);
  EXPECT_EQ(manifest().pending_chunk_vectors, 2u);

  const auto second = commit_document("tea.md", 3, "black");
  EXPECT_EQ(second.documents, first.documents);
  const Manifest after = manifest();
  ASSERT_EQ(after.tombstones.size(), 1u);
  EXPECT_EQ(after.tombstones[0].chunks, first.chunks);
  EXPECT_EQ(after.chunk_count, 3u);
  EXPECT_EQ(after.pending_lexical, 3u);
  EXPECT_EQ(after.pending_chunk_vectors, 3u);
  EXPECT_TRUE(truth->fetch(first.chunks).value().empty());
  EXPECT_TRUE(truth->chunks_of(segment).value().empty());
}

TEST_F(TruthTest, ChunkDeletedWhileItsSegmentWasBuiltIsATombstoneOfIt) {
  const auto receipt = commit_document("tea.md", 2, "green");
  const SegmentId segment = truth->reserve_segment_id().value();
  commit({.deleted_documents = receipt.documents});
  ASSERT_TRUE(truth->publish(
      collection, {.added = {make_publication(segment, SegmentKind::lexical, receipt.chunks)}}));
  ASSERT_EQ(manifest().tombstones.size(), 1u);
  EXPECT_EQ(manifest().tombstones[0].chunks, receipt.chunks);
}

TEST_F(TruthTest, ChunksOfALostSegmentArePendingAgain) {
  const auto receipt = commit_document("tea.md", 4, "green");
  const SegmentId segment = truth->reserve_segment_id().value();
  ASSERT_TRUE(truth->publish(
      collection, {.added = {make_publication(segment, SegmentKind::window_vectors,
                                              {receipt.chunks[1], receipt.chunks[2]})}}));
  EXPECT_EQ(truth->pending(collection, SegmentKind::window_vectors, {}, 10).value(),
            (std::vector{receipt.chunks[0], receipt.chunks[3]}));
  ASSERT_TRUE(truth->publish(collection, {.removed = {segment}}));
  EXPECT_EQ(truth->pending(collection, SegmentKind::window_vectors, {}, 10).value(),
            receipt.chunks);
  EXPECT_EQ(manifest().pending_window_vectors, 4u);
  EXPECT_TRUE(manifest().segments.empty());
}

TEST_F(TruthTest, RenamedFilesCanSwapTheirNames) {
  commit({.sources = {make_source("a.md"), make_source("b.md")},
          .documents = {make_document(0, "", 1, "first"), make_document(1, "", 1, "second")}});
  const auto sources = truth->sources(collection).value();
  ASSERT_EQ(sources.size(), 2u);
  commit({.renames = {{sources[0].id, "/notes", "b.md"}, {sources[1].id, "/notes", "a.md"}}});
  const auto found = truth->find_document(collection, "b.md").value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(truth->fetch(found).value()[0].chunk.text, "first 조각 0");
}

TEST_F(TruthTest, RenameOntoALivingFileFailsAndChangesNothing) {
  commit({.sources = {make_source("a.md"), make_source("b.md")}});
  const auto sources = truth->sources(collection).value();
  const auto refused = truth->commit(collection, {.renames = {{sources[0].id, "/notes", "b.md"}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(truth->sources(collection).value()[0].path, "a.md");
  // With the other one deleted in the same batch the name is free.
  commit({.deleted_sources = {sources[1].id}, .renames = {{sources[0].id, "/notes", "b.md"}}});
  EXPECT_EQ(truth->sources(collection).value()[0].path, "b.md");
}

TEST_F(TruthTest, RemovedCollectionLeavesNothingAndItsSegmentsAreNamedNoMore) {
  const auto receipt = commit_document("tea.md", 4, "green");
  const SegmentId segment = truth->reserve_segment_id().value();
  ASSERT_TRUE(truth->publish(
      collection, {.added = {make_publication(segment, SegmentKind::lexical, receipt.chunks)}}));
  ASSERT_TRUE(truth->remove_collection(collection));
  EXPECT_TRUE(truth->segment_files().value().empty());
  EXPECT_TRUE(truth->fetch(receipt.chunks).value().empty());
  EXPECT_EQ(truth->manifest(collection).error().code, ErrorCode::not_found);
}

TEST_F(TruthTest, ChunkIdsAreNeverGivenTwice) {
  const auto first = commit_document("tea.md", 3, "green");
  commit({.deleted_documents = first.documents});
  truth.reset();
  truth = open_truth(env);
  const auto second = commit_document("tea.md", 1, "black");
  EXPECT_GT(second.chunks[0], first.chunks.back());
  EXPECT_GT(second.documents[0], first.documents[0]);
}

TEST_F(TruthTest, ReaderSeesEachCommitAndMayNotWrite) {
  const auto reader = open_truth(env, SqliteAccess::read);
  EXPECT_EQ(reader->counts(collection).value().chunks, 0u);
  commit_document("tea.md", 3, "green");
  EXPECT_EQ(reader->counts(collection).value().chunks, 3u);
  EXPECT_EQ(reader->put_collection(make_collection()).error().code, ErrorCode::failed_precondition);
  truth.reset();
  EXPECT_EQ(reader->counts(collection).value().chunks, 3u);
  truth = open_truth(env);
  commit_document("coffee.md", 2, "mocha");
  EXPECT_EQ(reader->counts(collection).value().chunks, 5u);
}

TEST_F(TruthTest, AfterAFailedSyncNothingIsWrittenUntilReopened) {
  commit_document("tea.md", 1, "green");
  env.inject({.call = 1, .only = "sync /truth.db-wal"});
  EXPECT_FALSE(truth->commit(collection, {.sources = {make_source("a.md")}}));
  env.inject({});
  const auto refused = truth->commit(collection, {.sources = {make_source("a.md")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(truth->counts(collection).value().chunks, 1u);
  truth.reset();
  truth = open_truth(env);
  EXPECT_TRUE(truth->commit(collection, {.sources = {make_source("a.md")}}));
}

TEST_F(TruthTest, FullDiskRefusesTheCommitAndTheNextOneWorks) {
  env.inject({.call = 3, .code = ErrorCode::out_of_space, .is_sticky = true});
  const auto refused = truth->commit(
      collection, {.sources = {make_source("a.md")}, .documents = {make_document(0, "", 2, "a")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::out_of_space);
  env.inject({});
  EXPECT_EQ(truth->counts(collection).value().chunks, 0u);
  commit_document("a.md", 2, "a");
  EXPECT_EQ(truth->counts(collection).value().chunks, 2u);
}

TEST_F(TruthTest, ThreadsReadWhileOneWrites) {
  const auto receipt = commit_document("tea.md", 4, "green");
  std::vector<std::jthread> readers;
  std::atomic<int> good_reads = 0;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&](const std::stop_token& stop) {
      do {
        const auto stored = truth->fetch(receipt.chunks);
        if (stored && stored->size() == 4) ++good_reads;
      } while (!stop.stop_requested());
    });
  }
  for (int i = 0; i < 50; ++i) commit_document("other.md", 4, std::to_string(i));
  for (auto& reader : readers) reader.request_stop();
  readers.clear();
  EXPECT_GE(good_reads, 4);
  EXPECT_EQ(manifest().chunk_count, 8u);
}

TEST(Truth, RottenChunkIsAnErrorThatNamesIt) {
  SimEnv env;
  auto truth = open_truth(env);
  const auto collection = truth->put_collection(make_collection()).value().id;
  const auto receipt = truth
                           ->commit(collection, {.sources = {make_source("tea.md")},
                                                 .documents = {make_document(0, "", 1, "rotten")}})
                           .value();
  truth.reset();  // Moves all into the database.
  const auto bytes = env.map("/truth.db").value();
  const std::string_view text(reinterpret_cast<const char*>(bytes->bytes().data()),
                              bytes->bytes().size());
  const auto at = text.find("rotten 조각 0");
  ASSERT_NE(at, std::string_view::npos);
  test::flip_before_writing(env, "/truth.db", at * 8 + 1);
  truth = open_truth(env, SqliteAccess::read);
  const auto stored = truth->fetch(receipt.chunks);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::corrupt);
  EXPECT_NE(stored.error().message.find("chunk 1"), std::string::npos);
}

TEST(Truth, NewerFormatIsRefusedInWords) {
  test::TemporaryFolder folder;
  const std::string path = folder.path() + "/truth.db";
  ASSERT_TRUE(SqliteTruth::open(posix_env(), path, SqliteAccess::write));
  {
    const SqliteVfs vfs(posix_env(), SqliteAccess::write, PageChecksums::kept);
    ASSERT_TRUE(Connection::open(vfs, path).value()->execute("PRAGMA user_version = 99"));
  }
  for (const auto access : {SqliteAccess::read, SqliteAccess::write}) {
    const auto refused = SqliteTruth::open(posix_env(), path, access);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
    EXPECT_NE(refused.error().message.find("update saerok"), std::string::npos);
  }
}

TEST_F(TruthTest, ChunksOfTheFilesChangedLastAreTheFirstToGetVectors) {
  WriteBatch batch;
  const std::vector<std::pair<std::string, std::int64_t>> files{
      {"old.md", 100}, {"new.md", 300}, {"middle.md", 200}};
  for (const auto& [path, modified_ns] : files) {
    SourceRecord source = make_source(path);
    source.modified_ns = modified_ns;
    batch.documents.push_back(make_document(batch.sources.size(), "", 2, path));
    batch.sources.push_back(std::move(source));
  }
  const auto ids = commit(batch).chunks;
  const auto order = [&](SegmentKind kind) {
    return truth->pending_newest_first(collection, kind).value();
  };
  EXPECT_EQ(order(SegmentKind::chunk_vectors),
            (std::vector{ids[2], ids[3], ids[4], ids[5], ids[0], ids[1]}));
  const SegmentId segment = truth->reserve_segment_id().value();
  ASSERT_TRUE(truth->publish(
      collection,
      {.added = {make_publication(segment, SegmentKind::chunk_vectors, {ids[2], ids[5]})},
       .removed = {}}));
  EXPECT_EQ(order(SegmentKind::chunk_vectors), (std::vector{ids[3], ids[4], ids[0], ids[1]}));
  EXPECT_EQ(order(SegmentKind::window_vectors).size(), 6u);
}

}  // namespace
}  // namespace saerok
