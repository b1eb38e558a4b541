#include "text/hangul_prefix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/unicode.h"
#include "text/hangul_keys.h"
#include "text/hangul_letters.h"

namespace saerok {
namespace {

bool holds(const TermRange& range, std::string_view term) {
  return range.first <= term && term < range.last;
}

bool may_become(std::string_view prefix, std::string_view term) {
  return std::ranges::any_of(ranges_of_prefix(prefix),
                             [&](const TermRange& range) { return holds(range, term); });
}

TEST(HangulPrefix, AnOpenSyllableTakesAnyFinal) {
  EXPECT_EQ(ranges_of_prefix("검새"), (std::vector<TermRange>{{"검새", "검샤"}}));
  EXPECT_TRUE(may_become("검새", "검색"));
  EXPECT_TRUE(may_become("검새", "검새"));
  EXPECT_TRUE(may_become("검새", "검색엔진"));
  EXPECT_FALSE(may_become("검새", "검사"));
  EXPECT_FALSE(may_become("검새", "검"));
}

TEST(HangulPrefix, AFinalMayBeTheNextInitial) {
  EXPECT_EQ(ranges_of_prefix("강"), (std::vector<TermRange>{{"가아", "가자"}, {"강", "갖"}}));
  EXPECT_TRUE(may_become("각", "각도"));
  EXPECT_TRUE(may_become("각", "가구"));
  EXPECT_FALSE(may_become("각", "가"));
  EXPECT_FALSE(may_become("각", "가까이"));
  EXPECT_FALSE(may_become("각", "갂"));
  EXPECT_TRUE(may_become("있", "이쑤시개"));
  EXPECT_FALSE(may_become("잇", "있다"));
}

TEST(HangulPrefix, AFinalMayBecomeOneOfTwoLetters) {
  EXPECT_TRUE(may_become("갑", "값"));
  EXPECT_TRUE(may_become("달", "닭고기"));
  EXPECT_TRUE(may_become("안", "않다"));
  EXPECT_TRUE(may_become("목", "몫"));
  EXPECT_FALSE(may_become("값", "갑"));
}

TEST(HangulPrefix, AFinalOfTwoLettersGivesItsSecondAway) {
  EXPECT_EQ(ranges_of_prefix("값"), (std::vector<TermRange>{{"갑사", "갑싸"}, {"값", "갓"}}));
  EXPECT_TRUE(may_become("닭", "달그락"));
  EXPECT_FALSE(may_become("닭", "달라"));
}

TEST(HangulPrefix, AVowelMayBecomeOneOfTwoLetters) {
  EXPECT_TRUE(may_become("고", "과학"));
  EXPECT_TRUE(may_become("고", "괜찮다"));
  EXPECT_TRUE(may_become("구", "권리"));
  EXPECT_TRUE(may_become("으", "의사"));
  EXPECT_FALSE(may_become("고", "교육"));
  EXPECT_FALSE(may_become("과", "고"));
  EXPECT_FALSE(may_become("가", "개"));
}

TEST(HangulPrefix, AConsonantAloneBeginsASyllable) {
  EXPECT_EQ(ranges_of_prefix("검ㅅ"), (std::vector<TermRange>{{"검ㅅ", "검ㅆ"}, {"검사", "검싸"}}));
  EXPECT_TRUE(may_become("ㅎ", "하늘"));
  EXPECT_TRUE(may_become("ㅎ", "힣"));
  EXPECT_TRUE(may_become("ㅋ", "ㅋㅋㅋ"));
  EXPECT_TRUE(may_become("ㄱ", "ㄳ"));
  EXPECT_TRUE(may_become("ㄳ", "ㄱ사"));
  EXPECT_FALSE(may_become("ㄱ", "까치"));
}

TEST(HangulPrefix, AVowelAloneStaysOne) {
  EXPECT_EQ(ranges_of_prefix("ㅗ"), (std::vector<TermRange>{{"ㅗ", "ㅛ"}}));
  EXPECT_EQ(ranges_of_prefix("검ㅏ"), (std::vector<TermRange>{{"검ㅏ", "검ㅐ"}}));
}

TEST(HangulPrefix, OtherScriptsAreWhatBeginsWithThePrefix) {
  EXPECT_EQ(ranges_of_prefix("sea"), (std::vector<TermRange>{{"sea", "seb"}}));
  EXPECT_EQ(ranges_of_prefix("검색v"), (std::vector<TermRange>{{"검색v", "검색w"}}));
  EXPECT_TRUE(may_become("東", "東京"));
  EXPECT_TRUE(may_become("\x7F", "\x7F z"));
  EXPECT_TRUE(may_become("\U0010FFFF", "\U0010FFFF\U0010FFFF"));
  EXPECT_TRUE(may_become("\u007A\u00BF", "\u007A\u00BFz"));
}

TEST(HangulPrefix, NothingTypedMayBecomeAnything) {
  EXPECT_TRUE(may_become("", "a"));
  EXPECT_TRUE(may_become("", ""));
  EXPECT_TRUE(may_become("", "\U0010FFFF"));
}

TEST(HangulPrefix, InvalidBytesBecomeNothing) {
  EXPECT_TRUE(ranges_of_prefix("\xEA\xB2").empty());
  EXPECT_TRUE(ranges_of_prefix("\xFF").empty());
  EXPECT_TRUE(ranges_of_prefix("\x80\x80\x80\x80\x80").empty());
}

std::uint32_t below(std::mt19937& random, std::size_t n) {
  return static_cast<std::uint32_t>(random() % n);
}

// Few letters, so that many terms share their first keys.
std::string random_syllables(std::mt19937& random, std::uint32_t count) {
  constexpr std::uint32_t kInitials[] = {0, 1, 5, 9, 10, 12, 18};  // ㄱㄲㄹㅅㅆㅈㅎ
  constexpr std::uint32_t kVowels[] = {0, 8, 9, 11, 13, 16, 18, 19, 20};
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    append_utf8(text, compose_syllable({kInitials[below(random, std::size(kInitials))],
                                        kVowels[below(random, std::size(kVowels))],
                                        below(random, 2) == 0 ? 0 : below(random, 28)}));
  }
  return text;
}

TEST(HangulPrefix, RangesHoldExactlyTheTermsWhoseKeysBeginWithThoseOfThePrefix) {
  constexpr std::uint32_t kSeed = 41;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  std::uint32_t held = 0;
  for (int round = 0; round < 200'000; ++round) {
    const std::string term = random_syllables(random, 1 + below(random, 3));
    const std::string term_keys = *keys_of_hangul(term);
    // A prefix as the screen shows it after some of the keys, or any other.
    std::string prefix = random_syllables(random, 1 + below(random, 2));
    const std::string typed = term_keys.substr(0, 1 + below(random, term_keys.size()));
    if (below(random, 4) != 0) prefix = hangul_of_keys(typed).value_or(prefix);
    const bool expected = term_keys.starts_with(*keys_of_hangul(prefix));
    ASSERT_EQ(may_become(prefix, term), expected) << prefix << " " << term;
    held += expected ? 1 : 0;
  }
  EXPECT_GT(held, 20'000u);
}

TEST(HangulPrefix, AConsonantAfterASyllableThatCannotTakeItGoesByKeysToo) {
  constexpr std::uint32_t kSeed = 42;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  std::uint32_t held = 0;
  for (int round = 0; round < 100'000; ++round) {
    // ㅎ joins no consonant, and none joins it.
    std::string prefix = below(random, 2) == 0 ? "강" : "";
    std::string term = prefix;
    append_utf8(prefix, kInitialLetters[below(random, kInitialLetters.size())]);
    term += random_syllables(random, 1 + below(random, 2));
    const bool expected = keys_of_hangul(term)->starts_with(*keys_of_hangul(prefix));
    ASSERT_EQ(may_become(prefix, term), expected) << prefix << " " << term;
    held += expected ? 1 : 0;
  }
  EXPECT_GT(held, 3'000u);
}

TEST(HangulPrefix, RangesAscendAndDoNotTouch) {
  constexpr std::uint32_t kSeed = 43;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 50'000; ++round) {
    std::string prefix = random_syllables(random, below(random, 2));
    const char32_t letter = kFirstHangulLetter + below(random, 51);
    const char32_t syllable = kFirstSyllable + below(random, 11'172);
    append_utf8(prefix, below(random, 8) == 0 ? letter : syllable);
    const std::vector<TermRange> ranges = ranges_of_prefix(prefix);
    ASSERT_GE(ranges.size(), 1u);
    ASSERT_LE(ranges.size(), 3u) << prefix;
    for (const TermRange& range : ranges) ASSERT_LT(range.first, range.last) << prefix;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      ASSERT_LT(ranges[i - 1].last, ranges[i].first) << prefix;
    }
    ASSERT_TRUE(may_become(prefix, prefix));
  }
}

TEST(HangulInitials, AreConsonantsAloneAndAtLeastTwo) {
  EXPECT_TRUE(is_initials("ㄱㅅ"));
  EXPECT_TRUE(is_initials("ㅎㅎㅎ"));
  EXPECT_TRUE(is_initials("ㄲㅊ"));
  for (const char* text : {"", "ㄱ", "ㄲ", "ㄱㅏ", "ㄱ색", "ㅗㅗ", "abc", "ㄱㅅ ", "ㄱ\xE3"}) {
    EXPECT_FALSE(is_initials(text)) << text;
  }
}

TEST(HangulInitials, OneLetterMadeOfTwoIsTwoInitials) {
  EXPECT_TRUE(is_initials("ㄳ"));
  EXPECT_TRUE(matches_initials("검색", "ㄳ"));
  EXPECT_TRUE(matches_initials("대한민국", "ㄷㅎㅁㄱ"));
  EXPECT_TRUE(matches_initials("한라산", "ㅎㄽ"));
  EXPECT_EQ(range_of_initials("ㄳ"), (TermRange{"가", "까"}));
}

TEST(HangulInitials, MatchTheFirstSyllablesOfATerm) {
  EXPECT_TRUE(matches_initials("검색", "ㄱㅅ"));
  EXPECT_TRUE(matches_initials("검색엔진", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("검", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("검진", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("깜색", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("검a색", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("ㄱㅅ", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("검색", "ㄱ"));
  EXPECT_FALSE(matches_initials("", "ㄱㅅ"));
  EXPECT_FALSE(matches_initials("\xEA\xB2", "ㄱㅅ"));
}

TEST(HangulInitials, TheRangeHoldsEveryMatch) {
  constexpr std::uint32_t kSeed = 44;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 50'000; ++round) {
    const char32_t first = kFirstSyllable + below(random, 11'172);
    std::string term, initials;
    append_utf8(term, first);
    term += random_syllables(random, 1);
    append_utf8(initials, kInitialLetters[below(random, kInitialLetters.size())]);
    append_utf8(initials, kInitialLetters[below(random, kInitialLetters.size())]);
    const TermRange range = range_of_initials(initials);
    const DecodedChar wanted = decode_utf8(initials, 0);
    const bool expected = kInitialLetters[decompose_syllable(first).initial] == wanted.code_point;
    ASSERT_EQ(holds(range, term), expected) << term << " " << initials;
    ASSERT_TRUE(expected || !matches_initials(term, initials)) << term << " " << initials;
  }
  EXPECT_EQ(range_of_initials("ㄱ"), TermRange{});
  EXPECT_EQ(range_of_initials("검색"), TermRange{});
}

}  // namespace
}  // namespace saerok
