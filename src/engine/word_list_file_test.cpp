#include "engine/word_list_file.h"

#include <gtest/gtest.h>

#include <span>

#include "base/sim_env.h"

namespace saerok {
namespace {

struct WordListFileTest : testing::Test {
  SimEnv env;
  void write(const std::string& text) {
    const auto written = write_file_durably(env, "/store/words.txt", "/store/words.tmp",
                                            std::as_bytes(std::span(text)));
    ASSERT_TRUE(written) << written.error().message;
  }
  void SetUp() override { ASSERT_TRUE(env.make_directory("/store")); }
};

TEST_F(WordListFileTest, NoFileInTheSettingsIsNoLists) {
  EXPECT_EQ(WordListFile(env, "/store", "").get().value(), nullptr);
}

TEST_F(WordListFileTest, ARelativePathLiesInTheStore) {
  write("자동차, car\n");
  const auto lists = WordListFile(env, "/store", "words.txt").get();
  ASSERT_TRUE(lists) << lists.error().message;
  EXPECT_EQ((*lists)->synonyms.size(), 1u);
}

TEST_F(WordListFileTest, IsReadAgainOnlyWhenItChanged) {
  write("자동차, car\n");
  WordListFile file(env, "/store", "/store/words.txt");
  const auto first = file.get().value();
  EXPECT_EQ(file.get().value(), first);
  write("자동차, car\n차, tea\n");
  EXPECT_EQ(file.get().value()->synonyms.size(), 2u);
}

TEST_F(WordListFileTest, ErrorsNameTheFileAndTheLine) {
  EXPECT_EQ(WordListFile(env, "/store", "none.txt").get().error().code, ErrorCode::not_found);
  write("자동차, car\nalone\n");
  const auto lists = WordListFile(env, "/store", "words.txt").get();
  ASSERT_FALSE(lists);
  EXPECT_EQ(lists.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(lists.error().message.find("/store/words.txt: "), std::string::npos);
  EXPECT_NE(lists.error().message.find("line 2"), std::string::npos) << lists.error().message;
}

}  // namespace
}  // namespace saerok
