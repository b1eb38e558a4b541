#include "storage/open_storage.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/bytes.h"
#include "base/sim_env.h"
#include "storage/env_directory.h"
#include "storage/store_format.h"
#include "storage/store_reserve.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_document;
using test::make_publication;
using test::make_source;
using test::TemporaryFolder;
using test::why;

/// Every file below a folder with its contents.
std::map<std::string, std::string> contents_of(const std::string& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    contents[entry.path().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return contents;
}

Status fill(Storage& storage) {
  const auto collection = TRY(storage.truth->put_collection(make_collection())).id;
  const auto receipt =
      TRY(storage.truth->commit(collection, {.sources = {make_source("tea.md")},
                                             .documents = {make_document(0, "", 3, "tea")}}));
  const SegmentId id = TRY(storage.truth->reserve_segment_id());
  const auto publication = make_publication(id, SegmentKind::lexical, receipt.chunks);
  TRY(storage.segments->write(publication.segment.file, as_byte_span("bytes of a segment")));
  return storage.truth->publish(collection, {.added = {publication}});
}

TEST(OpenStorage, ReadingWhereThereIsNoStoreSaysWhatToRun) {
  TemporaryFolder folder;
  const auto opened = open_storage(posix_env(), folder.path() + "/none", OpenMode::read);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::not_found);
  EXPECT_NE(opened.error().message.find("run `saerok index FOLDER` first"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/none"));
}

TEST(OpenStorage, ReadingChangesNoByteWhetherTheWriterClosedLivesOrDied) {
  TemporaryFolder folder;
  const std::string store = folder.path() + "/a/store";
  auto writer = open_storage(posix_env(), store, OpenMode::write);
  ASSERT_TRUE(writer) << why(writer);
  ASSERT_TRUE(fill(*writer));
  const std::string copy = folder.path() + "/copy";  // As a killed writer leaves it.
  std::filesystem::copy(store, copy, std::filesystem::copy_options::recursive);
  const std::string copy_without_index = folder.path() + "/copy2";
  std::filesystem::copy(store, copy_without_index, std::filesystem::copy_options::recursive);
  std::filesystem::remove(copy_without_index + "/truth.db-shm");

  const auto check = [](const std::string& path) {
    const auto before = contents_of(path);
    {
      const auto reader = open_storage(posix_env(), path, OpenMode::read);
      ASSERT_TRUE(reader) << why(reader);
      const auto collection = reader->truth->find_collection("default").value().value();
      EXPECT_EQ(reader->truth->manifest(collection.id).value().chunk_count, 3u);
      EXPECT_EQ(reader->truth->manifest(collection.id).value().segments.size(), 1u);
      EXPECT_EQ(reader->truth->find_document(collection.id, "tea.md").value().size(), 3u);
      const Hash128 key{1, 2};
      EXPECT_FALSE(reader->embeddings->find("e5", std::span(&key, 1)).value()[0].has_value());
      EXPECT_FALSE(reader->embeddings->put("e5", std::span(&key, 1), std::vector<float>{1.0f}));
    }
    EXPECT_EQ(contents_of(path), before) << path;
  };
  check(store);
  check(copy);
  check(copy_without_index);
  *writer = Storage{};
  EXPECT_FALSE(std::filesystem::exists(store + "/truth.db-wal"));
  check(store);
}

TEST(OpenStorage, ReadOnlyFolderCanBeSearched) {
  TemporaryFolder folder;
  const std::string store = folder.path() + "/store";
  {
    auto writer = open_storage(posix_env(), store, OpenMode::write);
    ASSERT_TRUE(fill(*writer));
  }
  namespace fs = std::filesystem;
  const auto nobody_writes = fs::perms::owner_read | fs::perms::owner_exec;
  fs::permissions(store + "/truth.db", fs::perms::owner_read);
  fs::permissions(store, nobody_writes);
  const auto reader = open_storage(posix_env(), store, OpenMode::read);
  EXPECT_TRUE(reader) << why(reader);
  fs::permissions(store, fs::perms::owner_all);
}

TEST(OpenStorage, SecondWriterIsToldWhoHoldsTheStore) {
  TemporaryFolder folder;
  auto first = open_storage(posix_env(), folder.path(), OpenMode::write);
  ASSERT_TRUE(first) << why(first);
  const auto second = open_storage(posix_env(), folder.path(), OpenMode::write);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos)
      << second.error().message;
  *first = Storage{};
  EXPECT_TRUE(open_storage(posix_env(), folder.path(), OpenMode::write));
}

TEST(OpenStorage, SomebodyElsesFolderIsNotTurnedIntoAStore) {
  TemporaryFolder folder;
  std::ofstream(folder.path() + "/diary.txt") << "dear diary";
  const auto opened = open_storage(posix_env(), folder.path(), OpenMode::write);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(contents_of(folder.path()).size(), 1u);
}

TEST(OpenStorage, LeftoversAreClearedAndNamedSegmentsStay) {
  SimEnv env;
  {
    auto writer = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(writer) << why(writer);
    ASSERT_TRUE(fill(*writer));
    ASSERT_TRUE(writer->segments->write("77.seg", as_byte_span("never named")));
    ASSERT_TRUE(env.open("/store/tmp/half", FileAccess::create));
  }
  const auto writer = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(writer) << why(writer);
  EXPECT_EQ(writer->segments->list().value(), writer->truth->segment_files().value());
  EXPECT_EQ(writer->segments->list().value().size(), 1u);
  EXPECT_TRUE(env.list("/store/tmp").value().empty());
}

TEST(OpenStorage, NewerStoreIsRefusedAndLeftAlone) {
  TemporaryFolder folder;
  const std::string store = folder.path() + "/store";
  ASSERT_TRUE(open_storage(posix_env(), store, OpenMode::write));
  std::ofstream(store + "/FORMAT")
      << encode_store_format({.format = 9, .reader_min = 9, .writer_min = 9, .id = "0"});
  const auto before = contents_of(store);
  for (const auto mode : {OpenMode::read, OpenMode::write}) {
    const auto refused = open_storage(posix_env(), store, mode);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
    EXPECT_NE(refused.error().message.find("update saerok"), std::string::npos);
  }
  auto after = contents_of(store);
  after[store + "/LOCK"] = before.at(store + "/LOCK");
  EXPECT_EQ(after, before);
}

TEST(OpenStorage, DamagedFormatIsAnErrorNotANewStore) {
  TemporaryFolder folder;
  ASSERT_TRUE(open_storage(posix_env(), folder.path(), OpenMode::write));
  std::ofstream(folder.path() + "/FORMAT") << "saerok store\nformat 1\ncrc32c 00000000\n";
  EXPECT_EQ(open_storage(posix_env(), folder.path(), OpenMode::read).error().code,
            ErrorCode::corrupt);
  EXPECT_EQ(open_storage(posix_env(), folder.path(), OpenMode::write).error().code,
            ErrorCode::corrupt);
}

TEST(EnvDirectory, FileIsThereInFullOrNotAtAll) {
  SimEnv env;
  auto storage = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(storage) << why(storage);
  Directory& segments = *storage->segments;
  env.inject({});
  ASSERT_TRUE(segments.write("1.seg", as_byte_span("bytes")));
  const std::uint64_t calls = env.calls();
  for (std::uint64_t call = 1; call <= calls; ++call) {
    env.inject({.call = call, .code = ErrorCode::out_of_space});
    EXPECT_FALSE(segments.write("2.seg", as_byte_span("bytes"))) << env.log().back();
    env.inject({});
    EXPECT_EQ(segments.open("2.seg").error().code, ErrorCode::not_found);
  }
  EXPECT_EQ(segments.write("1.seg", as_byte_span("other")).error().code,
            ErrorCode::failed_precondition);
  EXPECT_EQ(segments.write("../1.seg", as_byte_span("other")).error().code,
            ErrorCode::invalid_argument);
  const auto file = segments.open("1.seg").value();
  ASSERT_TRUE(segments.remove("1.seg"));
  EXPECT_EQ(as_text(file->bytes()), "bytes");
}

TEST(EnvDirectory, WhatIsSetAsideIsOutOfTheWayWithItsReason) {
  SimEnv env;
  auto storage = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(storage) << why(storage);
  Directory& segments = *storage->segments;
  ASSERT_TRUE(segments.write("1.seg", as_byte_span("damaged")));
  const auto moved = segments.set_aside("1.seg", "section 7 fails its checksum");
  ASSERT_TRUE(moved) << why(moved);
  EXPECT_EQ(*moved, "/store/quarantine/1.seg");
  EXPECT_EQ(read_whole_file(env, *moved, 100).value(), "damaged");
  EXPECT_EQ(read_whole_file(env, *moved + ".txt", 100).value(), "section 7 fails its checksum\n");
  EXPECT_TRUE(segments.list().value().empty());
  EXPECT_EQ(segments.set_aside("1.seg", "").error().code, ErrorCode::not_found);
}

TEST(EnvDirectory, AFullQuarantineTakesNoMoreButTheFileGoesAllTheSame) {
  SimEnv env;
  auto storage = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(storage) << why(storage);
  Directory& segments = *storage->segments;
  for (std::size_t i = 0; i <= kQuarantineFilesMax / 2; ++i) {
    const std::string name = std::to_string(i) + ".seg";
    ASSERT_TRUE(segments.write(name, as_byte_span("damaged")));
    const auto moved = segments.set_aside(name, "it is damaged");
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->empty(), i == kQuarantineFilesMax / 2) << i;
  }
  EXPECT_EQ(env.list("/store/quarantine").value().size(), kQuarantineFilesMax);
  EXPECT_TRUE(segments.list().value().empty());
}

TEST(StoreReserve, RoomIsKeptWhereThereIsPlentyAndNeverTheLastOfADisk) {
  SimEnv env;
  env.set_capacity(kReserveFreeMin / 2);
  {
    ASSERT_TRUE(open_storage(env, "/store", OpenMode::write));
  }
  EXPECT_EQ(reserve_size(env, "/store"), 0u);
  env.set_capacity(2 * kReserveFreeMin);
  {
    ASSERT_TRUE(open_storage(env, "/store", OpenMode::write));
  }
  EXPECT_EQ(reserve_size(env, "/store"), kReserveSize);
  EXPECT_TRUE(release_reserve(env, "/store").value());
  EXPECT_FALSE(release_reserve(env, "/store").value());
}

/// A leaf page of a database that says it is of no known kind.
void damage_a_page(SimEnv& env, std::uint64_t page) {
  constexpr std::uint64_t kPageSize = 8'192;
  for (const std::uint64_t bit : {1u, 6u})
    env.flip_bit("/store/truth.db", page * kPageSize * 8 + bit);
}

TEST(SqliteTruth, CheckFindsADamagedPageOfTheDatabase) {
  SimEnv env;
  {
    auto writer = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(fill(*writer));
    EXPECT_TRUE(writer->truth->check().value().empty());
  }
  const std::uint64_t pages = env.stat("/store/truth.db").value()->size / 8'192;
  ASSERT_GT(pages, 5u);
  std::size_t found = 0;
  for (std::uint64_t page = 1; page < pages; ++page) {
    damage_a_page(env, page);
    const auto reader = open_storage(env, "/store", OpenMode::read);
    const bool is_noticed = !reader || !reader->truth->check() || !reader->truth->check()->empty();
    EXPECT_TRUE(is_noticed) << "page " << page;
    if (reader && is_noticed) ++found;
    damage_a_page(env, page);
  }
  EXPECT_GT(found, 0u) << "by check(), not by opening";
}

}  // namespace
}  // namespace saerok
