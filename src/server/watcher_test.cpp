// Real folders and real events: each test waits until the watcher has said what it is to say.

#include "server/watcher.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace saerok::server {
namespace {

struct WatcherTest : testing::Test {
  std::string folder;
  std::mutex mutex;
  std::condition_variable said;
  std::set<std::string> changed;
  std::unique_ptr<Watcher> watcher;

  void SetUp() override {
    char pattern[] = "/tmp/saerok_watch_XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    folder = std::filesystem::canonical(pattern).string();
    std::filesystem::create_directories(folder + "/a/inner");
    std::filesystem::create_directories(folder + "/b");
    auto started = Watcher::start(
        [this](const std::vector<std::string>& roots) {
          const std::lock_guard lock(mutex);
          changed.insert(roots.begin(), roots.end());
          said.notify_all();
        },
        {.quiet = std::chrono::milliseconds(5), .longest = std::chrono::milliseconds(50)});
    ASSERT_TRUE(started) << started.error().message;
    watcher = std::move(*started);
  }
  void TearDown() override {
    watcher.reset();
    std::filesystem::remove_all(folder);
  }

  static void write(const std::string& file, const std::string& text = "x") {
    std::ofstream(file) << text;
  }
  bool says(const std::string& root) {
    std::unique_lock lock(mutex);
    const bool has_said =
        said.wait_for(lock, std::chrono::seconds(10), [&] { return changed.contains(root); });
    changed.erase(root);
    return has_said;
  }
  /// What was said until a change elsewhere, made afterwards, was reported.
  std::set<std::string> said_before(const std::string& file, const std::string& root) {
    write(file);
    EXPECT_TRUE(says(root));
    const std::lock_guard lock(mutex);
    return changed;
  }
};

TEST_F(WatcherTest, WritingRenamingAndRemovingAreNoticed) {
  watcher->watch({folder + "/a"});
  write(folder + "/a/note.md");
  EXPECT_TRUE(says(folder + "/a"));
  std::filesystem::rename(folder + "/a/note.md", folder + "/a/inner/note.md");
  EXPECT_TRUE(says(folder + "/a"));
  std::filesystem::remove(folder + "/a/inner/note.md");
  EXPECT_TRUE(says(folder + "/a"));
}

TEST_F(WatcherTest, NewFoldersAreWatchedToo) {
  watcher->watch({folder + "/a"});
  std::filesystem::create_directories(folder + "/a/new");
  EXPECT_TRUE(says(folder + "/a"));
  write(folder + "/a/new/note.md");
  EXPECT_TRUE(says(folder + "/a"));
  EXPECT_EQ(watcher->state().folders, 3u);
}

TEST_F(WatcherTest, HiddenFoldersAndOtherRootsAreNot) {
  std::filesystem::create_directories(folder + "/a/.git");
  watcher->watch({folder + "/a", folder + "/b"});
  write(folder + "/a/.git/index");
  write(folder + "/a/.hidden");
  EXPECT_EQ(said_before(folder + "/b/note.md", folder + "/b").count(folder + "/a"), 0u);
}

TEST_F(WatcherTest, OfANamedFileItsNeighboursAreNot) {
  const std::string file = folder + "/a/one.md";
  write(file);
  watcher->watch({file, folder + "/b"});
  write(folder + "/a/two.md");
  EXPECT_EQ(said_before(folder + "/b/note.md", folder + "/b").count(file), 0u);
  // As editors save: a new file takes the old one's place.
  write(folder + "/a/.one.md.tmp");
  std::filesystem::rename(folder + "/a/.one.md.tmp", file);
  EXPECT_TRUE(says(file));
}

TEST_F(WatcherTest, RootsCanChange) {
  watcher->watch({folder + "/a"});
  watcher->watch({folder + "/b"});
  write(folder + "/a/note.md");
  EXPECT_EQ(said_before(folder + "/b/note.md", folder + "/b").count(folder + "/a"), 0u);
  EXPECT_EQ(watcher->state().roots, (std::vector<std::string>{folder + "/b"}));
}

}  // namespace
}  // namespace saerok::server
