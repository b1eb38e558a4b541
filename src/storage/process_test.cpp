// Real processes on one store: one writes, others read, a second writer is turned away.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/clock.h"
#include "storage/open_storage.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_document;
using test::make_source;
using test::TemporaryFolder;
using test::why;

/// A forked process that runs `body` and is killed at the end at the latest.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) {
    EXPECT_EQ(pipe(to_parent_), 0);
    EXPECT_EQ(pipe(to_child_), 0);
    pid_ = fork();
    if (pid_ == 0) {
      close(to_parent_[0]);
      close(to_child_[1]);
      body(*this);
      _exit(0);
    }
    close(to_parent_[1]);
    close(to_child_[0]);
  }
  ~Child() {
    kill_now();
    close(to_parent_[0]);
    close(to_child_[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void say(char word) const { EXPECT_EQ(write(to_parent_[1], &word, 1), 1); }
  bool wait_for_parent() const {
    char word = 0;
    return read(to_child_[0], &word, 1) == 1;
  }
  /// What the child said next; 0 if it is gone.
  char hear() const {
    char word = 0;
    return read(to_parent_[0], &word, 1) == 1 ? word : '\0';
  }
  void go_on() const { EXPECT_EQ(write(to_child_[1], "g", 1), 1); }
  void kill_now() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  int to_parent_[2] = {-1, -1};
  int to_child_[2] = {-1, -1};
  pid_t pid_ = 0;
};

Result<CommitReceipt> commit_version(Truth& truth, CollectionId collection, std::size_t files,
                                     std::size_t chunks, const std::string& content) {
  WriteBatch batch;
  for (std::size_t i = 0; i < files; ++i) {
    batch.sources.push_back(make_source("note" + std::to_string(i) + ".md"));
    batch.documents.push_back(make_document(i, "", chunks, content));
  }
  return truth.commit(collection, batch);
}

TEST(Processes, WriterIsNamedAndItsLockEndsWithIt) {
  TemporaryFolder folder;
  Child writer([&](const Child& self) {
    const auto storage = open_storage(posix_env(), folder.path(), OpenMode::write);
    self.say(storage ? 'o' : 'x');
    self.wait_for_parent();
  });
  ASSERT_EQ(writer.hear(), 'o');
  const auto refused = open_storage(posix_env(), folder.path(), OpenMode::write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(refused.error().message.find("process " + std::to_string(writer.pid())),
            std::string::npos);
  writer.kill_now();
  const std::int64_t begun = steady_clock_ns();
  const auto opened = open_storage(posix_env(), folder.path(), OpenMode::write);
  EXPECT_TRUE(opened) << why(opened);
  std::printf("store opened %.1f ms after its writer's death\n",
              static_cast<double>(steady_clock_ns() - begun) / 1e6);
}

TEST(Processes, ReaderSeesWhatTheWriterCommittedAcrossItsLifeAndDeath) {
  TemporaryFolder folder;
  Child writer([&](const Child& self) {
    auto storage = open_storage(posix_env(), folder.path(), OpenMode::write);
    const auto collection = storage->truth->put_collection(make_collection()).value().id;
    const char* const versions[] = {"first", "second", "third"};
    for (const char* version : versions) {
      self.say(commit_version(*storage->truth, collection, 1, 2, version) ? 'c' : 'x');
      self.wait_for_parent();
    }
  });
  ASSERT_EQ(writer.hear(), 'c');
  const auto reader = open_storage(posix_env(), folder.path(), OpenMode::read);
  ASSERT_TRUE(reader) << why(reader);
  const Truth& truth = *reader->truth;
  const auto collection = truth.find_collection("default").value().value().id;
  const auto text_now = [&] {
    const auto chunks = truth.find_document(collection, "note0.md").value();
    const auto stored = truth.fetch(chunks).value();
    return stored.empty() ? "" : stored[0].chunk.text;
  };
  EXPECT_EQ(text_now(), "first 조각 0");
  writer.go_on();
  ASSERT_EQ(writer.hear(), 'c');
  EXPECT_EQ(text_now(), "second 조각 0");
  writer.go_on();
  ASSERT_EQ(writer.hear(), 'c');
  writer.kill_now();
  EXPECT_EQ(text_now(), "third 조각 0");
  {
    auto next = open_storage(posix_env(), folder.path(), OpenMode::write);
    ASSERT_TRUE(next) << why(next);
    ASSERT_TRUE(commit_version(*next->truth, collection, 1, 2, "fourth"));
    EXPECT_EQ(text_now(), "fourth 조각 0");
  }
  EXPECT_EQ(text_now(), "fourth 조각 0");
}

TEST(Processes, ReadersNeverSeeHalfACommitWhileTheWalIsWrappedAndCheckpointed) {
  constexpr std::size_t kFiles = 8;
  constexpr std::size_t kChunks = 100;
  TemporaryFolder folder;
  Child writer([&](const Child& self) {
    auto storage = open_storage(posix_env(), folder.path(), OpenMode::write);
    const auto collection = storage->truth->put_collection(make_collection()).value().id;
    for (int version = 0; version < 40; ++version) {
      const std::string content = std::to_string(version) + std::string(2'000, 'x');
      if (!commit_version(*storage->truth, collection, kFiles, kChunks, content)) self.say('x');
      if (version == 0) self.say('c');
    }
    self.say('d');
    self.wait_for_parent();
  });
  ASSERT_EQ(writer.hear(), 'c');
  Child other_reader([&](const Child& self) {
    const auto reader = open_storage(posix_env(), folder.path(), OpenMode::read);
    const auto collection = reader->truth->find_collection("default").value().value().id;
    while (reader->truth->counts(collection).value().chunks == kFiles * kChunks) {
    }
    self.say('x');
  });
  const auto reader = open_storage(posix_env(), folder.path(), OpenMode::read);
  ASSERT_TRUE(reader) << why(reader);
  const Truth& truth = *reader->truth;
  const auto collection = truth.find_collection("default").value().value().id;
  int last_version = 0;
  int rounds = 0;
  for (; last_version < 39; ++rounds) {
    const auto pending = truth.pending(collection, SegmentKind::lexical, {}, 10'000);
    ASSERT_TRUE(pending) << why(pending);
    ASSERT_EQ(pending->size(), kFiles * kChunks);
    const auto stored = truth.fetch(*pending);
    ASSERT_TRUE(stored) << why(stored);
    if (stored->empty()) continue;  // All replaced between the two calls.
    ASSERT_EQ(stored->size(), kFiles * kChunks);
    const int version = std::stoi(stored->front().chunk.text);
    EXPECT_GE(version, last_version);
    for (const auto& chunk : *stored) ASSERT_EQ(std::stoi(chunk.chunk.text), version);
    last_version = version;
  }
  EXPECT_EQ(writer.hear(), 'd');
  other_reader.kill_now();
  EXPECT_EQ(other_reader.hear(), '\0');
  // 90 MB were committed: beyond 64 MiB the writer waits for its readers and begins the WAL anew.
  const auto wal_size = std::filesystem::file_size(folder.path() + "/truth.db-wal");
  EXPECT_LT(wal_size, 75'000'000u);
  std::printf("%d reads beside 40 commits, the WAL reached %.0f MB\n", rounds,
              static_cast<double>(wal_size) / 1e6);
}

}  // namespace
}  // namespace saerok
