// Flipped bits, torn and misplaced pages: an error that names the page, never another answer.

#include "storage/page_checksums.h"

#include <gtest/gtest.h>

#include <map>

#include "base/bytes.h"
#include "base/sim_env.h"
#include "storage/open_storage.h"
#include "storage/store_format.h"
#include "storage/test_support.h"
#include "storage/truth_schema.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_document;
using test::make_source;
using test::why;

constexpr const char* kPath = "/store/truth.db";

/// What a reader can ask of a truth, as text; the error's message where it cannot be had.
struct Answers {
  std::map<std::string, std::string> of;
  bool has_error = false;

  template <class T>
  const T* add(const std::string& question, const Result<T>& result) {
    if (result) return &*result;
    has_error = true;
    EXPECT_EQ(result.error().code, ErrorCode::corrupt) << question << ": " << why(result);
    of[question] = "";
    return nullptr;
  }
};

Answers ask_everything(const Truth& truth) {
  Answers answers;
  const auto collections = truth.collections();
  if (answers.add("collections", collections) == nullptr || collections->empty()) return answers;
  const CollectionId id = collections->front().id;
  answers.of["collections"] = collections->front().name + collections->front().analyzer_fingerprint;
  const auto sources = truth.sources(id);
  if (answers.add("sources", sources) != nullptr) {
    for (const SourceRecord& source : *sources) {
      answers.of["sources"] += source.path + to_hex(source.hash) + std::to_string(source.size);
    }
  }
  const auto pending = truth.pending(id, SegmentKind::lexical, {}, 10'000);
  if (answers.add("pending", pending) != nullptr) {
    for (const ChunkId chunk : *pending) {
      answers.of["pending"] += std::to_string(static_cast<std::uint64_t>(chunk)) + " ";
    }
  }
  const auto manifest = truth.manifest(id);
  if (answers.add("manifest", manifest) != nullptr) {
    answers.of["manifest"] = std::to_string(manifest->chunk_count);
  }
  for (std::uint64_t chunk = 1; chunk <= 120; ++chunk) {
    const ChunkId asked{chunk};
    const std::string question = "chunk " + std::to_string(chunk);
    const auto stored = truth.fetch(std::span(&asked, 1));
    if (answers.add(question, stored) == nullptr) continue;
    for (const StoredChunk& found : *stored) answers.of[question] = found.path + found.chunk.text;
  }
  return answers;
}

struct PageChecksumTest : testing::Test {
  SimEnv env;
  std::uint64_t seed = random_seed();
  Random random{seed};
  Answers sound;

  void SetUp() override {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    Storage storage = fill(env);
    sound = ask_everything(*storage.truth);
    ASSERT_FALSE(sound.has_error);
  }

  /// 40 notes of 3 chunks, some of them larger than a page.
  static Storage fill(Env& env) {
    Storage storage = open_storage(env, "/store", OpenMode::write).value();
    const auto collection = storage.truth->put_collection(make_collection()).value().id;
    for (int i = 0; i < 40; ++i) {
      const std::string text =
          "note " + std::to_string(i) + std::string(i % 7 == 0 ? 9'000 : 300, 'x');
      EXPECT_TRUE(
          storage.truth->commit(collection, {.sources = {make_source(std::to_string(i) + ".md")},
                                             .documents = {make_document(0, "", 3, text)}}));
    }
    return storage;
  }

  /// True if a reader of the damaged store notices; fails if it answers anything else than the
  /// truth.
  bool is_noticed(Env& damaged) const {
    const auto reader = open_storage(damaged, "/store", OpenMode::read);
    if (!reader) {
      EXPECT_EQ(reader.error().code, ErrorCode::corrupt) << why(reader);
      return true;
    }
    const Answers answers = ask_everything(*reader->truth);
    for (const auto& [question, answer] : answers.of) {
      if (answer.empty()) continue;
      EXPECT_EQ(answer, sound.of.at(question)) << question;
    }
    const auto problems = reader->truth->check();
    return answers.has_error || !problems || !problems->empty();
  }
};

TEST_F(PageChecksumTest, EveryFlippedBitOfTheDatabaseIsNoticedAndNoAnswerIsWrong) {
  const std::uint64_t size = env.stat(kPath).value()->size;
  constexpr int kFlips = 200;
  for (int i = 0; i < kFlips; ++i) {
    // The header's own bytes mean the most.
    const std::uint64_t bit = i < 50 ? random.below(100 * 8) : random.below(size * 8);
    SCOPED_TRACE("seed " + std::to_string(seed) + " bit " + std::to_string(bit));
    env.flip_bit(kPath, bit);
    EXPECT_TRUE(is_noticed(env));
    env.flip_bit(kPath, bit);
    if (HasFailure()) return;
  }
  EXPECT_FALSE(is_noticed(env));
}

TEST_F(PageChecksumTest, TheErrorNamesThePageAndTheNoteAndSaysWhatToDo) {
  const std::uint64_t pages = env.stat(kPath).value()->size / kDatabasePageSize;
  env.flip_bit(kPath, ((pages / 2) * kDatabasePageSize + 5'000) * 8);
  const auto reader = open_storage(env, "/store", OpenMode::read).value();
  const std::string page = "page " + std::to_string(pages / 2 + 1) + " fails its checksum";
  EXPECT_EQ(reader.truth->check().value(), std::vector{page});
  bool is_named = false;
  for (std::uint64_t chunk = 1; chunk <= 120; ++chunk) {
    const ChunkId asked{chunk};
    const auto stored = reader.truth->fetch(std::span(&asked, 1));
    if (stored) continue;
    EXPECT_NE(stored.error().message.find(page), std::string::npos) << why(stored);
    EXPECT_NE(stored.error().message.find("`saerok index`"), std::string::npos) << why(stored);
    const std::string note = "of " + std::to_string((chunk - 1) / 3) + ".md";
    is_named = is_named || stored.error().message.find(note) != std::string::npos;
  }
  EXPECT_TRUE(is_named);
}

TEST_F(PageChecksumTest, ZeroedHalfPagesMisplacedPagesAndCutTailsAreNoticed) {
  const std::uint64_t size = env.stat(kPath).value()->size;
  const std::uint64_t pages = size / kDatabasePageSize;
  for (std::uint64_t page = 1; page < pages; page += 4) {
    SCOPED_TRACE(page);
    const auto zeroed = env.after_process_death();
    const auto file = zeroed->open(kPath, FileAccess::write).value();
    ASSERT_TRUE(file->write_at(std::vector<std::byte>(4'096), page * kDatabasePageSize + 4'096));
    const auto moved = env.after_process_death();
    std::vector<std::byte> other(kDatabasePageSize);
    const auto target = moved->open(kPath, FileAccess::write).value();
    ASSERT_TRUE(target->read_at(other, (page % (pages - 1) + 1) * kDatabasePageSize));
    ASSERT_TRUE(target->write_at(other, page * kDatabasePageSize));
    EXPECT_TRUE(is_noticed(*zeroed));
    EXPECT_TRUE(is_noticed(*moved));
  }
  for (const std::uint64_t cut : {std::uint64_t{1}, std::uint64_t{5'000}, size / 2}) {
    const auto shorter = env.after_process_death();
    ASSERT_TRUE(shorter->open(kPath, FileAccess::write).value()->truncate(size - cut));
    EXPECT_TRUE(is_noticed(*shorter)) << cut;
  }
}

TEST_F(PageChecksumTest, AFlippedBitInTheWalOfALivingWriterIsNoticedOrOfNoAccount) {
  SimEnv living;
  const Storage writer = fill(living);
  const std::string wal = std::string(kPath) + "-wal";
  const std::uint64_t size = living.stat(wal).value()->size;
  ASSERT_GT(size, kDatabasePageSize * 20);
  int noticed = 0;
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t bit = 32 * 8 + random.below((size - 32) * 8);
    SCOPED_TRACE("seed " + std::to_string(seed) + " bit " + std::to_string(bit));
    living.flip_bit(wal, bit);
    noticed += is_noticed(living) ? 1 : 0;
    living.flip_bit(wal, bit);
    if (HasFailure()) return;
  }
  // Most frames have been written anew further on.
  EXPECT_GT(noticed, 0);
}

TEST_F(PageChecksumTest, ADamagedWalIsNotTakenIntoTheDatabase) {
  SimEnv living;
  Storage writer = fill(living);
  const std::string wal = std::string(kPath) + "-wal";
  const std::uint64_t size = living.stat(wal).value()->size;
  for (std::uint64_t at = 4'000; at < size; at += 8'216) living.flip_bit(wal, at * 8);
  // Closing it moves the WAL into the database, which these pages must not reach with new
  // checksums.
  writer = Storage{};
  const auto reader = open_storage(living, "/store", OpenMode::read);
  if (!reader) return;
  const Answers answers = ask_everything(*reader->truth);
  for (const auto& [question, answer] : answers.of) {
    if (answer.empty() || !question.starts_with("chunk ")) continue;
    EXPECT_EQ(answer, sound.of.at(question)) << question;
  }
}

/// As it was made before: no room at the ends of pages, and a FORMAT that older writers accept.
void make_older_store(Env& env) {
  ASSERT_TRUE(env.make_directory("/store"));
  ASSERT_TRUE(env.make_directory("/store/tmp"));
  ASSERT_TRUE(env.sync_directory("/"));
  ASSERT_TRUE(env.sync_directory("/store"));
  const SqliteVfs vfs(env, SqliteAccess::write, PageChecksums::none);
  const auto connection = Connection::open(vfs, kPath).value();
  ASSERT_TRUE(prepare_truth_for_writing(*connection, kPath));
  ASSERT_TRUE(
      connection->execute("INSERT INTO collection(name, analyzer, embedder, dimension) VALUES "
                          "('default', 'a', '', 0)"));
  StoreFormat format;
  format.format = format.writer_min = 1;
  format.id = std::string(32, '7');
  const std::string text = encode_store_format(format);
  ASSERT_TRUE(write_file_durably(env, "/store/FORMAT", "/store/tmp/FORMAT", as_byte_span(text)));
}

TEST_F(PageChecksumTest, ACutAtAnyMomentOfTheFirstWritingOfAnOlderStoreLosesNothing) {
  SimEnv counting;
  make_older_store(counting);
  counting.inject({});
  ASSERT_TRUE(open_storage(counting, "/store", OpenMode::write));
  const std::uint64_t calls = counting.calls();
  for (std::uint64_t call = 1; call <= calls; ++call) {
    SimEnv old;
    make_older_store(old);
    old.inject({.call = call, .code = ErrorCode::unavailable, .is_sticky = true});
    static_cast<void>(open_storage(old, "/store", OpenMode::write));
    const auto found =
        old.after_power_loss(random.chance(0.5) ? PowerLoss::ordered : PowerLoss::any, random);
    SCOPED_TRACE("seed " + std::to_string(seed) + " call " + std::to_string(call));
    for (const auto mode : {OpenMode::read, OpenMode::write, OpenMode::read}) {
      const auto storage = open_storage(*found, "/store", mode);
      ASSERT_TRUE(storage) << why(storage);
      ASSERT_EQ(storage->truth->collections().value().size(), 1u);
      ASSERT_TRUE(storage->truth->check().value().empty());
    }
    ASSERT_TRUE(has_page_checksums(*found, kPath));
  }
}

TEST_F(PageChecksumTest, ADatabaseOfAnEarlierSaerokIsReadAndGetsItsChecksumsWithTheNextWriting) {
  SimEnv old;
  make_older_store(old);
  EXPECT_FALSE(has_page_checksums(old, kPath));
  {
    const auto reader = open_storage(old, "/store", OpenMode::read);
    ASSERT_TRUE(reader) << why(reader);
    EXPECT_EQ(reader->truth->collections().value().size(), 1u);
    EXPECT_TRUE(reader->truth->check().value().empty());
    const auto writer = open_storage(old, "/store", OpenMode::write);
    ASSERT_TRUE(writer) << why(writer);
    EXPECT_EQ(writer->truth->collections().value().front().name, "default");
    EXPECT_EQ(reader->truth->collections().value().size(), 1u) << "one that was open meanwhile";
  }
  EXPECT_TRUE(has_page_checksums(old, kPath));
  // With nobody there any more the WAL goes.
  ASSERT_TRUE(open_storage(old, "/store", OpenMode::write));
  const std::string text = read_whole_file(old, "/store/FORMAT", 4'096).value();
  const StoreFormat format = decode_store_format(text, "FORMAT").value();
  EXPECT_EQ(format.writer_min, kChecksumsStoreFormat);
  EXPECT_EQ(format.id, std::string(32, '7'));
  const std::uint64_t size = old.stat(kPath).value()->size;
  for (std::uint64_t at = 0; at < size; at += 4'999) {
    old.flip_bit(kPath, at * 8);
    const auto damaged = open_storage(old, "/store", OpenMode::read);
    ASSERT_TRUE(!damaged || !damaged->truth->check().value().empty()) << at;
    old.flip_bit(kPath, at * 8);
  }
}

}  // namespace
}  // namespace saerok
