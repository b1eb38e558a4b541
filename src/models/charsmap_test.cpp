#include "models/charsmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "models/tiny_charsmap.h"

namespace saerok {
namespace {

std::string replaced(const Charsmap& map, std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto match = map.match(text);
    result += match.length > 0 ? match.replacement : text.substr(0, 1);
    text.remove_prefix(std::max<std::size_t>(match.length, 1));
  }
  return result;
}

TEST(Charsmap, TheLongestMatchIsReplacedAndTheRestStays) {
  const auto table = CharsmapBuilder::build(
      {{"e", "E"}, {"e\u0301", "é"}, {"\u200b", ""}, {"ﬁ", "fi"}, {"\t", " "}});
  const auto map = Charsmap::open(table);
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(replaced(*map, "e\u0301te\t\u200bﬁn"), "étE fin");
  EXPECT_EQ(replaced(*map, std::string_view("\0e", 2)), std::string_view("\0E", 2));
  EXPECT_EQ(map->match("").length, 0u);
}

TEST(Charsmap, AnEmptyOneReplacesNothing) { EXPECT_EQ(Charsmap().match("e").length, 0u); }

TEST(Charsmap, ACutTableIsRefusedWithASentence) {
  auto table = CharsmapBuilder::build({{"e", "E"}});
  table.pop_back();
  const auto unended = Charsmap::open(table);
  ASSERT_FALSE(unended);
  EXPECT_EQ(unended.error().code, ErrorCode::failed_precondition);
  EXPECT_FALSE(Charsmap::open(std::span(table).first(3)));
  EXPECT_FALSE(Charsmap::open(std::span(table).first(20)));
}

TEST(Charsmap, NoChangedByteMakesItReadOutsideTheTable) {
  std::map<std::string, std::string> replacements;
  std::mt19937_64 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string key;
    for (std::uint64_t k = random() % 4; k < 4; ++k) key += static_cast<char>(1 + random() % 255);
    replacements[key] = key + key;
  }
  const auto good = CharsmapBuilder::build(replacements);
  for (int i = 0; i < 400; ++i) {
    auto bad = good;
    for (int k = 0; k < 40; ++k) bad[random() % bad.size()] = static_cast<std::byte>(random());
    const auto map = Charsmap::open(bad);
    if (!map) continue;
    for (const auto& [key, value] : replacements) replaced(*map, key);
  }
}

}  // namespace
}  // namespace saerok
