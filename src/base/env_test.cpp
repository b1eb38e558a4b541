// What both Envs must do alike, and what only the simulated one does.

#include <gtest/gtest.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/file_system_type.h"
#include "base/posix_env.h"
#include "base/random.h"
#include "base/sim_env.h"

namespace saerok {
namespace {

std::string contents(Env& env, const std::string& path) {
  return read_whole_file(env, path, 1'000).value();
}

/// The real Env in a folder of its own, or the simulated one.
class EnvTest : public testing::TestWithParam<bool> {
 protected:
  EnvTest() {
    if (is_simulated()) {
      folder_ = "/folder";
    } else {
      const auto name = "saerok-env-" + std::to_string(random_seed());
      folder_ = (std::filesystem::temp_directory_path() / name).string();
    }
    EXPECT_TRUE(env().make_directory(folder_));
  }
  ~EnvTest() override {
    std::error_code ignored;
    if (!is_simulated()) std::filesystem::remove_all(folder_, ignored);
  }
  static bool is_simulated() { return GetParam(); }
  Env& env() { return is_simulated() ? static_cast<Env&>(sim_) : posix_env(); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::unique_ptr<File> open(const std::string& name, FileAccess access = FileAccess::create) {
    return env().open(path(name), access).value();
  }

  SimEnv sim_;
  std::string folder_;
};

INSTANTIATE_TEST_SUITE_P(Envs, EnvTest, testing::Bool(), [](const auto& which) {
  return std::string(which.param ? "Simulated" : "Real");
});

TEST_P(EnvTest, FilesAreWrittenReadGrownAndCut) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(as_byte_span("hello"), 3));
  EXPECT_EQ(file->size().value(), 8u);
  ASSERT_TRUE(file->truncate(5));
  std::byte bytes[10];
  EXPECT_EQ(file->read_at(bytes, 1).value(), 4u);
  EXPECT_EQ(as_text(std::span(bytes).first(4)), std::string_view("\0\0he", 4));
  EXPECT_EQ(file->read_at(bytes, 99).value(), 0u);
  ASSERT_TRUE(file->sync());
}

TEST_P(EnvTest, NamesAreMadeRenamedListedAndRemoved) {
  open("b");
  open("a");
  EXPECT_EQ(env().open(path("a"), FileAccess::create_new).error().code,
            ErrorCode::failed_precondition);
  EXPECT_EQ(env().open(path("none"), FileAccess::read).error().code, ErrorCode::not_found);
  EXPECT_EQ(env().list(folder_).value(), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(env().rename(path("b"), path("c")));
  ASSERT_TRUE(env().remove(path("a")));
  EXPECT_EQ(env().remove(path("a")).error().code, ErrorCode::not_found);
  ASSERT_TRUE(env().sync_directory(folder_));
  EXPECT_EQ(env().list(folder_).value(), std::vector<std::string>{"c"});
  EXPECT_FALSE(env().stat(path("a")).value().has_value());
  EXPECT_TRUE(env().stat(folder_).value()->is_directory);
  ASSERT_TRUE(env().make_directory(folder_));
  EXPECT_EQ(env().make_directory(path("c")).error().code, ErrorCode::failed_precondition);
}

TEST_P(EnvTest, MappedBytesOutliveTheName) {
  ASSERT_TRUE(open("a")->write_at(as_byte_span("segment"), 0));
  const auto bytes = env().map(path("a")).value();
  ASSERT_TRUE(env().remove(path("a")));
  EXPECT_EQ(as_text(bytes->bytes()), "segment");
  open("empty");
  EXPECT_TRUE(env().map(path("empty")).value()->bytes().empty());
}

TEST_P(EnvTest, LocksBelongToTheOpenFile) {
  const auto first = open("a");
  auto second = open("a");
  EXPECT_TRUE(first->lock(LockKind::shared, {10, 5}).value());
  EXPECT_TRUE(second->lock(LockKind::shared, {12, 1}).value());
  EXPECT_FALSE(first->lock(LockKind::exclusive, {12, 1}).value());
  EXPECT_TRUE(first->lock(LockKind::exclusive, {10, 2}).value());
  EXPECT_EQ(second->probe_lock({10, 5}).value(), LockKind::exclusive);
  EXPECT_EQ(first->probe_lock({10, 5}).value(), LockKind::shared);
  EXPECT_TRUE(first->lock(LockKind::none, {10, 5}).value());
  EXPECT_EQ(second->probe_lock({0, 100}).value(), LockKind::none);
  second.reset();
  EXPECT_TRUE(first->lock(LockKind::exclusive, {12, 1}).value());
}

TEST_P(EnvTest, SharedMemoryIsSeenByEveryFileOfTheName) {
  constexpr std::size_t kSize = 32'768;
  const auto first = open("a");
  ASSERT_TRUE(first->write_at(std::vector<std::byte>(kSize), 0));
  const auto second = open("a", FileAccess::read);
  auto* const written = static_cast<char*>(first->map_shared(0, kSize).value());
  const auto* const seen = static_cast<const char*>(second->map_shared(0, kSize).value());
  written[77] = 'x';
  EXPECT_EQ(seen[77], 'x');
}

TEST_P(EnvTest, DurableWriteReplacesInOneStep) {
  ASSERT_TRUE(write_file_durably(env(), path("a"), path("t"), as_byte_span("old and long")));
  ASSERT_TRUE(write_file_durably(env(), path("a"), path("t"), as_byte_span("new")));
  EXPECT_EQ(contents(env(), path("a")), "new");
  EXPECT_EQ(env().list(folder_).value(), std::vector<std::string>{"a"});
  EXPECT_EQ(read_whole_file(env(), path("a"), 2).error().code, ErrorCode::corrupt);
}

TEST_P(EnvTest, RoomIsTakenWithoutGrowingTheFile) {
  const std::uint64_t room = 1 << 20;
  const auto before = env().file_system(folder_);
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->type, "local");
  EXPECT_GT(before->free_bytes, room);
  const auto file = env().open(path("room"), FileAccess::create).value();
  const Status taken = file->allocate(room);
  // Not every file system can; then it says so.
  if (!taken && !is_simulated()) GTEST_SKIP() << taken.error().message;
  EXPECT_TRUE(taken);
  EXPECT_EQ(file->size().value(), 0u);
  EXPECT_GE(env().stat(path("room")).value()->allocated, room);
  EXPECT_EQ(env().file_system(path("none")).error().code, ErrorCode::not_found);
}

TEST(SimEnv, AFullDiskTakesNoMoreAndGivesBackWhatIsRemoved) {
  SimEnv env;
  env.set_capacity(1'000);
  const auto file = env.open("/a", FileAccess::create).value();
  ASSERT_TRUE(file->allocate(600));
  ASSERT_TRUE(file->write_at(std::vector<std::byte>(600), 0)) << "the room is its own";
  const auto other = env.open("/b", FileAccess::create).value();
  EXPECT_EQ(other->write_at(std::vector<std::byte>(500), 0).error().code, ErrorCode::out_of_space);
  EXPECT_EQ(env.file_system("/").value().free_bytes, 400u);
  ASSERT_TRUE(env.remove("/a"));
  EXPECT_TRUE(other->write_at(std::vector<std::byte>(500), 0));
}

TEST(FileSystemType, NetworksAreKnownByTheirNumber) {
  EXPECT_EQ(file_system_type(0x6969), "nfs");
  EXPECT_EQ(file_system_type(0xff534d42), "cifs");
  EXPECT_EQ(file_system_type(0xfe534d42), "smb3");
  EXPECT_EQ(file_system_type(0xef53), "local");  // ext4
  EXPECT_EQ(file_system_type(0x65735546), "fuse");
}

TEST(FileSystemType, AFuseIsNamedByTheListOfMounts) {
  constexpr std::string_view kMounts =
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "36 22 0:41 / /mnt/my\\040notes rw,nosuid shared:2 master:3 - fuse.sshfs me@host:/ rw\n"
      "37 22 0:4 / /mnt/ntfs rw - fuseblk /dev/sdb1 rw\n"
      "38 22 0:42 / cut short";
  EXPECT_EQ(fuse_type(kMounts, 0, 41), "fuse.sshfs");
  EXPECT_EQ(fuse_type(kMounts, 0, 4), "fuseblk");
  EXPECT_EQ(fuse_type(kMounts, 0, 42), "fuse");
  EXPECT_EQ(fuse_type(kMounts, 9, 9), "fuse");
  EXPECT_EQ(fuse_type("", 0, 41), "fuse");
}

TEST(SimEnv, UnsyncedNameAndUnsyncedBytesMayBeLostEachAlone) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  SimEnv env;
  const auto synced = env.open("/synced", FileAccess::create).value();
  ASSERT_TRUE(synced->write_at(as_byte_span("kept"), 0));
  ASSERT_TRUE(synced->sync());
  ASSERT_TRUE(env.sync_directory("/"));
  ASSERT_TRUE(synced->write_at(as_byte_span("lost"), 0));
  const auto nameless = env.open("/nameless", FileAccess::create).value();
  ASSERT_TRUE(nameless->write_at(as_byte_span("bytes"), 0));
  ASSERT_TRUE(nameless->sync());
  int names = 0;
  int old_bytes = 0;
  int new_bytes = 0;
  for (int i = 0; i < 200; ++i) {
    const auto found = env.after_power_loss(PowerLoss::any, random);
    if (found->stat("/nameless").value()) {
      ++names;
      EXPECT_EQ(contents(*found, "/nameless"), "bytes");
    }
    const std::string bytes = contents(*found, "/synced");
    old_bytes += bytes == "kept" ? 1 : 0;
    new_bytes += bytes == "lost" ? 1 : 0;
  }
  EXPECT_GT(names, 20);
  EXPECT_LT(names, 180);
  EXPECT_GT(old_bytes, 20);
  EXPECT_GT(new_bytes, 20);
  EXPECT_EQ(old_bytes + new_bytes, 200);
}

TEST(SimEnv, AfterAFailedSyncALaterOneSavesNothingOfBefore) {
  SimEnv env;
  Random random(1);
  const auto file = env.open("/a", FileAccess::create).value();
  ASSERT_TRUE(env.sync_directory("/"));
  ASSERT_TRUE(file->write_at(as_byte_span("data"), 0));
  env.inject({.call = 1, .code = ErrorCode::unavailable, .is_sticky = false, .only = "sync /a"});
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(contents(env, "/a"), "data");
  EXPECT_EQ(contents(*env.after_power_loss(PowerLoss::ordered, random), "/a"), "");
}

}  // namespace
}  // namespace saerok
