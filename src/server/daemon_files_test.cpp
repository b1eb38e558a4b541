// The token and the lock, as files that only their owner may read.

#include "server/daemon_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace saerok::server {
namespace {

struct DaemonFilesTest : testing::Test {
  std::string folder;
  void SetUp() override {
    char pattern[] = "/tmp/saerok_daemon_XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static mode_t mode_of(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777;
  }
};

TEST_F(DaemonFilesTest, TokenIsMadeOnceAndForTheOwnerOnly) {
  const std::string file = folder + "/store/token";
  EXPECT_EQ(read_token(file).error().code, ErrorCode::not_found);
  const auto token = read_or_make_token(file);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->reveal().size(), 64u);
  EXPECT_EQ(read_or_make_token(file)->reveal(), token->reveal());
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(mode_of(folder + "/store"), 0700u);
}

TEST_F(DaemonFilesTest, TokenThatOthersMayReadIsRefused) {
  const std::string file = folder + "/token";
  ASSERT_TRUE(read_or_make_token(file));
  chmod(file.c_str(), 0640);
  const auto refused = read_or_make_token(file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(refused.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(DaemonFilesTest, WhatIsNoTokenIsRefused) {
  const std::string file = folder + "/token";
  for (const char* text : {"", "short\n", "zz"}) {
    std::filesystem::remove(file);
    std::ofstream(file) << text;
    chmod(file.c_str(), 0600);
    EXPECT_EQ(read_token(file).error().code, ErrorCode::failed_precondition) << text;
  }
  // A link would let another file's text become the token.
  std::filesystem::remove(file);
  std::filesystem::create_symlink("/etc/hostname", file);
  EXPECT_FALSE(read_token(file));
}

TEST_F(DaemonFilesTest, SecretsDiffer) { EXPECT_NE(random_hex(16), random_hex(16)); }

TEST_F(DaemonFilesTest, OneDaemonAStore) {
  const Environment environment = {{"XDG_RUNTIME_DIR", folder}};
  const DaemonFiles files = daemon_files(folder + "/store", environment);
  EXPECT_NE(daemon_files("/other/store", environment).socket, files.socket);
  // Whatever the shell's environment, it is the store that is served once.
  EXPECT_EQ(daemon_files(folder + "/store", {}).lock, files.lock);
  {
    const auto lock = DaemonLock::take(files.lock);
    ASSERT_TRUE(lock) << lock.error().message;
    const auto second = DaemonLock::take(files.lock);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::failed_precondition);
  }
  EXPECT_TRUE(DaemonLock::take(files.lock));
}

TEST_F(DaemonFilesTest, RuntimeFolderOfOthersIsNotUsed) {
  const Environment environment = {{"XDG_RUNTIME_DIR", folder}};
  std::filesystem::create_directories(folder + "/saerok");
  chmod((folder + "/saerok").c_str(), 0777);
  EXPECT_EQ(make_runtime_folder(daemon_files("/s", environment)).error().code,
            ErrorCode::unavailable);
  chmod((folder + "/saerok").c_str(), 0700);
  EXPECT_TRUE(make_runtime_folder(daemon_files("/s", environment)));
}

}  // namespace
}  // namespace saerok::server
