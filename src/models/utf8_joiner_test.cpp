#include "models/utf8_joiner.h"

#include <gtest/gtest.h>

#include "base/unicode.h"

namespace saerok {
namespace {

TEST(Utf8Joiner, CharactersComeOutWholeFromSingleBytes) {
  const std::string text = "a한글 🐦 é";
  Utf8Joiner joiner;
  std::string joined;
  for (const char byte : text) {
    const std::string part = joiner.feed({&byte, 1});
    EXPECT_TRUE(is_valid_utf8(part));
    joined += part;
  }
  EXPECT_EQ(joined + joiner.finish(), text);
}

TEST(Utf8Joiner, BrokenBytesBecomeOneReplacementEach) {
  Utf8Joiner joiner;
  EXPECT_EQ(joiner.feed("a\xff"), "a\uFFFD");
  EXPECT_EQ(joiner.feed("\xed\x95"), "");
  EXPECT_EQ(joiner.feed("b"),
            "\uFFFD"
            "b");
  EXPECT_EQ(joiner.feed("\xed"), "");
  EXPECT_EQ(joiner.finish(), "\uFFFD");
  EXPECT_EQ(joiner.finish(), "");
}

}  // namespace
}  // namespace saerok
