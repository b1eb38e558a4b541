// The config file as a person left it, with a setting changed.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "saerok/config.h"

namespace saerok {
namespace {

struct ConfigEditTest : testing::Test {
  std::string folder;
  std::string file;

  void SetUp() override {
    char pattern[] = "/tmp/saerok_config_XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    folder = pattern;
    file = folder + "/inner/config.toml";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string& text) const {
    std::filesystem::create_directories(folder + "/inner");
    std::ofstream(file, std::ios::binary) << text;
  }
  std::string text() const {
    std::ifstream stream(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
};

TEST_F(ConfigEditTest, FileThatIsNotThereIsMade) {
  const Status changed =
      change_config_file(file, {{"search.bm25.k1", "0.9"}, {"models.chat", "a \"b\""}});
  ASSERT_TRUE(changed) << changed.error().message;
  Settings settings;
  SettingSources sources;
  ASSERT_TRUE(apply_config_file(file, settings, sources));
  EXPECT_FLOAT_EQ(settings.search.bm25.k1, 0.9f);
  EXPECT_EQ(settings.models.chat, "a \"b\"");
}

TEST_F(ConfigEditTest, CommentsAndOrderStay) {
  write("# mine\n[search]\ndepth = 50  # few\n\n[models]\nchat = \"x\"\n");
  ASSERT_TRUE(change_config_file(file, {{"search.depth", "200"}, {"search.mode", "lexical"}}));
  EXPECT_EQ(text(),
            "# mine\n[search]\ndepth = 200\nmode = \"lexical\"\n\n[models]\nchat = \"x\"\n");
}

TEST_F(ConfigEditTest, NothingTakesTheSettingOut) {
  write("search.depth = 50\n[models]\nchat = \"x\"\n");
  ASSERT_TRUE(
      change_config_file(file, {{"search.depth", std::nullopt}, {"ask.decide", std::nullopt}}));
  EXPECT_EQ(text(), "[models]\nchat = \"x\"\n");
}

TEST_F(ConfigEditTest, WrongValueChangesNothing) {
  write("[search]\ndepth = 50\n");
  const Status changed = change_config_file(file, {{"search.depth", "none"}});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(text(), "[search]\ndepth = 50\n");
}

TEST_F(ConfigEditTest, FormThatIsNotEditedIsLeftAlone) {
  write("search = { depth = 50 }\n");
  const Status changed = change_config_file(file, {{"search.depth", "60"}});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(text(), "search = { depth = 50 }\n");
}

}  // namespace
}  // namespace saerok
