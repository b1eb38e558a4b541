// What a person looks through: files and documents, straight from the truth.

#include "engine/library.h"

#include <gtest/gtest.h>

#include "base/sim_env.h"

namespace saerok {
namespace {

struct LibraryTest : testing::Test {
  SimEnv env;
  std::optional<Storage> storage;

  void SetUp() override {
    auto opened = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(opened) << opened.error().message;
    storage = std::move(*opened);
    CollectionRecord record;
    record.name = "default";
    record.analyzer_fingerprint = "analyzer/1";
    const CollectionId id = storage->truth->put_collection(record).value().id;
    WriteBatch batch;
    add(batch, "/work", "Plan.md", SourceState::indexed, {"first part", "second part"});
    add(batch, "/home", "Plan.md", SourceState::indexed, {"at home"});
    add(batch, "/work", "scan.pdf", SourceState::skipped, {});
    const auto committed = storage->truth->commit(id, batch);
    ASSERT_TRUE(committed) << committed.error().message;
  }

  static void add(WriteBatch& batch, const std::string& root, const std::string& path,
                  SourceState state, const std::vector<std::string>& texts) {
    SourceRecord source;
    source.root = root;
    source.path = path;
    source.state = state;
    source.reason = state == SourceState::skipped ? "of a kind that is not read" : "";
    batch.sources.push_back(source);
    if (texts.empty()) return;
    DocumentWrite write;
    write.source = batch.sources.size() - 1;
    write.document.root = root;
    write.document.path = path;
    write.document.title = "Plan of " + root;
    write.document.attributes = {{"tag", std::string("plan")}};
    for (const std::string& text : texts) {
      Chunk chunk;
      chunk.ordinal = static_cast<std::uint32_t>(write.chunks.size());
      chunk.text = text;
      write.chunks.push_back(chunk);
    }
    batch.documents.push_back(std::move(write));
  }

  SourceList list(const SourceQuery& query) const {
    auto found = list_sources(*storage, "default", query);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(SourceList{});
  }
};

TEST_F(LibraryTest, FilesAreListedByPathAndThenRoot) {
  const SourceList all = list({});
  ASSERT_EQ(all.sources.size(), 3u);
  EXPECT_EQ(all.total, 3u);
  EXPECT_EQ(all.sources[0].root, "/home");
  EXPECT_EQ(all.sources[1].root, "/work");
  EXPECT_EQ(all.sources[2].path, "scan.pdf");
  EXPECT_EQ(all.sources[2].reason, "of a kind that is not read");
}

TEST_F(LibraryTest, StateTextAndPageNarrowTheList) {
  EXPECT_EQ(list({.state = SourceState::skipped}).total, 1u);
  EXPECT_EQ(list({.text = "pLAN"}).total, 2u);
  const SourceList page = list({.offset = 1, .limit = 1});
  ASSERT_EQ(page.sources.size(), 1u);
  EXPECT_EQ(page.sources[0].root, "/work");
  EXPECT_EQ(page.total, 3u);
  EXPECT_TRUE(list({.offset = 9}).sources.empty());
}

TEST_F(LibraryTest, DocumentIsTheOneOfItsRootInOrder) {
  const auto work = read_document(*storage, "default", {.root = "/work", .path = "Plan.md"});
  ASSERT_TRUE(work) << work.error().message;
  EXPECT_EQ(work->title, "Plan of /work");
  EXPECT_EQ(work->document_id, "Plan.md");
  ASSERT_EQ(work->chunks.size(), 2u);
  EXPECT_EQ(work->chunks[0].text, "first part");
  EXPECT_EQ(work->chunks[1].text, "second part");
  EXPECT_FALSE(work->is_truncated);
  const auto home = read_document(*storage, "default", {.root = "/home", .path = "Plan.md"});
  ASSERT_TRUE(home);
  ASSERT_EQ(home->chunks.size(), 1u);
  EXPECT_EQ(home->chunks[0].text, "at home");
}

TEST_F(LibraryTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(read_document(*storage, "default", {.path = "gone.md"}).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(read_document(*storage, "other", {.path = "Plan.md"}).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(list_sources(*storage, "other", {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace saerok
