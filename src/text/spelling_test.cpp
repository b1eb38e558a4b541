#include "text/spelling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unicode.h"

namespace saerok {
namespace {

std::uint32_t distance(std::string_view a, std::string_view b, std::uint32_t limit = 9) {
  return spelling_distance(spelling_units(a), spelling_units(b), limit);
}

std::uint32_t allowed(std::string_view word) { return distance_allowed(spelling_units(word)); }

TEST(Spelling, UnitsAreTheKeysOfHangulAndOtherCharacters) {
  EXPECT_EQ(spelling_units("검색"), U"ㄱㅓㅁㅅㅐㄱ");
  EXPECT_EQ(spelling_units("값"), U"ㄱㅏㅂㅅ");
  EXPECT_EQ(spelling_units("과"), U"ㄱㅗㅏ");
  EXPECT_EQ(spelling_units("깎"), U"ㄲㅏㄲ");
  EXPECT_EQ(spelling_units("ㄳㅢ"), U"ㄱㅅㅡㅣ");
  EXPECT_EQ(spelling_units("gpu는"), U"gpuㄴㅡㄴ");
  EXPECT_EQ(spelling_units("漢é"), U"漢é");
  EXPECT_EQ(spelling_units(""), U"");
  EXPECT_EQ(spelling_units("a\xFF\xEA\xB2"), U"a\uFFFD\uFFFD");
}

TEST(Spelling, OneKeyIsOneError) {
  EXPECT_EQ(distance("검색", "검색"), 0u);
  EXPECT_EQ(distance("검섹", "검색"), 1u);
  EXPECT_EQ(distance("검새", "검색"), 1u);
  EXPECT_EQ(distance("거색", "검색"), 1u);
  EXPECT_EQ(distance("serch", "search"), 1u);
  EXPECT_EQ(distance("searrch", "search"), 1u);
  EXPECT_EQ(distance("saerch", "search"), 1u);
  EXPECT_EQ(distance("", "검"), 3u);
}

TEST(Spelling, SwappedKeysAreOneErrorAcrossSyllablesToo) {
  EXPECT_EQ(distance("검ㅐㅅㄱ", "검색"), 1u);
  EXPECT_EQ(distance("ca", "abc"), 3u);  // A swapped pair is not edited again.
}

TEST(Spelling, AboveTheLimitIsLimitPlusOne) {
  EXPECT_EQ(distance("kitten", "sitting", 3), 3u);
  EXPECT_EQ(distance("kitten", "sitting", 2), 3u);
  EXPECT_EQ(distance("kitten", "sitting", 1), 2u);
  EXPECT_EQ(distance("kitten", "sitting", 0), 1u);
  EXPECT_EQ(distance("same", "same", 0), 0u);
  EXPECT_EQ(distance("a", "abcdef", 2), 3u);
  EXPECT_EQ(distance("kitten", "sitting", std::numeric_limits<std::uint32_t>::max()), 3u);
}

// The whole table, as in the textbook.
std::uint32_t distance_by_table(std::u32string_view a, std::u32string_view b) {
  std::vector<std::vector<std::uint32_t>> d(a.size() + 1, std::vector<std::uint32_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<std::uint32_t>(i + j);
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::uint32_t below(std::mt19937& random, std::size_t n) {
  return static_cast<std::uint32_t>(random() % n);
}

std::u32string random_units(std::mt19937& random, std::size_t size_max) {
  // Bits of the bag are shared by a and ! (64 apart), and by ㄱ and q.
  constexpr std::u32string_view kUnits = U"abc!qㄱㅏ";
  std::u32string units(below(random, size_max + 1), U'a');
  for (char32_t& unit : units) unit = kUnits[below(random, kUnits.size())];
  return units;
}

std::u32string misspelt(std::mt19937& random, std::u32string units, std::uint32_t edits) {
  for (std::uint32_t i = 0; i < edits; ++i) {
    const std::size_t at = below(random, units.size() + 1);
    const char32_t other = random_units(random, 1).append(U"x").front();
    switch (below(random, 4)) {
      case 0: units.insert(at, 1, other); break;
      case 1: units.erase(at, 1); break;
      case 2: units.replace(at, 1, 1, other); break;
      default:
        if (at + 1 < units.size()) std::swap(units[at], units[at + 1]);
    }
  }
  return units;
}

TEST(Spelling, TheDistanceIsThatOfTheWholeTableAndTheBagNeverRejectsIt) {
  constexpr std::uint32_t kSeed = 51;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 200'000; ++round) {
    const std::u32string a = random_units(random, 12);
    const std::u32string b =
        below(random, 4) == 0 ? random_units(random, 12) : misspelt(random, a, below(random, 4));
    const std::uint32_t whole = distance_by_table(a, b);
    const std::uint32_t limit = below(random, 14);
    ASSERT_EQ(spelling_distance(a, b, limit), std::min(whole, limit + 1)) << round;
    ASSERT_EQ(spelling_distance(b, a, limit), std::min(whole, limit + 1)) << round;
    ASSERT_TRUE(may_be_within(letter_bag(a), letter_bag(b), whole)) << round;
  }
}

TEST(Spelling, LongWordsAndLimitsAreMeasuredToo) {
  constexpr std::uint32_t kSeed = 52;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 500; ++round) {
    const std::u32string a = random_units(random, 200);
    const std::u32string b = misspelt(random, a, below(random, 30));
    const std::uint32_t whole = distance_by_table(a, b);
    const std::uint32_t limit = below(random, 40);
    ASSERT_EQ(spelling_distance(a, b, limit), std::min(whole, limit + 1)) << round;
    ASSERT_TRUE(may_be_within(letter_bag(a), letter_bag(b), whole)) << round;
  }
}

TEST(Spelling, TheBagTellsWordsOfOtherLettersApart) {
  const auto may_be = [](std::string_view a, std::string_view b, std::uint32_t limit) {
    return may_be_within(letter_bag(spelling_units(a)), letter_bag(spelling_units(b)), limit);
  };
  EXPECT_FALSE(may_be("검색", "나무", 2));
  EXPECT_FALSE(may_be("search", "index", 2));
  EXPECT_FALSE(may_be("검색", "search", 2));
  EXPECT_FALSE(may_be("banana", "ban", 1));  // A second a and a second n are missing.
  EXPECT_TRUE(may_be("검섹", "검색", 1));
}

TEST(Spelling, ShortWordsAreNotRepaired) {
  EXPECT_EQ(allowed(""), 0u);
  EXPECT_EQ(allowed("cat"), 0u);
  EXPECT_EQ(allowed("note"), 1u);
  EXPECT_EQ(allowed("나무"), 0u);
  EXPECT_EQ(allowed("날씨"), 1u);
  EXPECT_EQ(allowed("검색"), 1u);
}

TEST(Spelling, LongWordsMayHaveTwoErrors) {
  EXPECT_EQ(allowed("keyboard"), 1u);
  EXPECT_EQ(allowed("keyboards"), 2u);
  EXPECT_EQ(allowed("도서관"), 1u);
  EXPECT_EQ(allowed("대한민국"), 2u);
}

TEST(Spelling, NumbersAndChineseCharactersAreNotRepaired) {
  EXPECT_EQ(allowed("sha256sum"), 0u);
  EXPECT_EQ(allowed("20240301"), 0u);
  EXPECT_EQ(allowed("情報検索学"), 0u);
  EXPECT_EQ(allowed("search\xFF"), 0u);
  EXPECT_EQ(allowed("résumé"), 1u);
  EXPECT_EQ(allowed("e-mail"), 1u);
}

}  // namespace
}  // namespace saerok
