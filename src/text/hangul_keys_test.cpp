#include "text/hangul_keys.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "base/unicode.h"
#include "text/hangul_letters.h"

namespace saerok {
namespace {

TEST(HangulKeys, KeysMakeSyllables) {
  EXPECT_EQ(hangul_of_keys("rjator"), "검색");
  EXPECT_EQ(hangul_of_keys("dkssudgktpdy"), "안녕하세요");
  EXPECT_EQ(hangul_of_keys("gksrmf"), "한글");
  EXPECT_EQ(hangul_of_keys("rk"), "가");
}

TEST(HangulKeys, ShiftDoublesLettersAndIsIgnoredOnOthers) {
  EXPECT_EQ(hangul_of_keys("QkWkEkRkTk"), "빠짜따까싸");
  EXPECT_EQ(hangul_of_keys("dOdP"), "얘예");
  EXPECT_EQ(hangul_of_keys("doRodoR"), "애깨앢");
  EXPECT_EQ(hangul_of_keys("GKSrMF"), "한글");
}

TEST(HangulKeys, VowelsJoin) {
  EXPECT_EQ(hangul_of_keys("rhkrhorhl"), "과괘괴");
  EXPECT_EQ(hangul_of_keys("dnjdnpdnl"), "워웨위");
  EXPECT_EQ(hangul_of_keys("dmltk"), "의사");
}

TEST(HangulKeys, FinalsJoin) {
  EXPECT_EQ(hangul_of_keys("rkqt"), "값");
  EXPECT_EQ(hangul_of_keys("ekfr"), "닭");
  EXPECT_EQ(hangul_of_keys("dlfrek"), "읽다");
  EXPECT_EQ(hangul_of_keys("ahrt"), "몫");
  EXPECT_EQ(hangul_of_keys("dksgek"), "않다");
}

TEST(HangulKeys, AFinalGoesToTheSyllableOfTheNextVowel) {
  EXPECT_EQ(hangul_of_keys("rkrn"), "가구");
  EXPECT_EQ(hangul_of_keys("rkqtl"), "갑시");
  EXPECT_EQ(hangul_of_keys("rkqttl"), "값시");
  EXPECT_EQ(hangul_of_keys("dlTdjTek"), "있었다");
  EXPECT_EQ(hangul_of_keys("dlTek"), "있다");
  EXPECT_EQ(hangul_of_keys("dlTk"), "이싸");
}

TEST(HangulKeys, WhatLeavesALetterAloneIsNoHangul) {
  for (const char* keys : {"", "r", "k", "kr", "hello", "search", "rkrk r", "rkkr", "rkE", "rkrrr",
                           "rkrrk1", "rk.", "한", "rtk", "rkrrtk", "note"}) {
    EXPECT_EQ(hangul_of_keys(keys), std::nullopt) << keys;
  }
}

TEST(HangulKeys, HangulGivesTheKeysThatTypedIt) {
  EXPECT_EQ(keys_of_hangul("ㅗ디ㅣㅐ"), "hello");
  EXPECT_EQ(keys_of_hangul("ㄴㄷㅁㄱ초"), "search");
  EXPECT_EQ(keys_of_hangul("ㅎㅑㅅ"), "git");
  EXPECT_EQ(keys_of_hangul("ㅃㅉㄸㄲㅆㅒㅖ"), "QWERTOP");
  EXPECT_EQ(keys_of_hangul("ㄳㄵㅀㅄㅘㅢ"), "rtswfgqthkml");
  EXPECT_EQ(keys_of_hangul("값"), "rkqt");
}

TEST(HangulKeys, WhatIsNotOnlyHangulHasNoKeys) {
  for (const char* text : {"", "hello", "ㅗ디ㅣㅐ ", "검색a", "검1", "\u1100\u1161", "ㆍ", "\u3130",
                           "\xEA\xB2", "漢"}) {
    EXPECT_EQ(keys_of_hangul(text), std::nullopt) << text;
  }
}

// An input method, one key after the other, as its users see it: the letters of the syllable on the
// screen are replaced with each key.
class InputMethod {
 public:
  void press(char32_t letter) {
    if (is_vowel_letter(letter)) {
      if (vowel_ == 0) {
        vowel_ = letter;
      } else if (final_ == 0 && join_letters(vowel_, letter) != 0) {
        vowel_ = join_letters(vowel_, letter);
      } else {
        const TypedLetters typed = final_ == 0 ? TypedLetters{} : typed_letters(final_);
        final_ = typed.second == 0 ? 0 : typed.first;
        finish();
        initial_ = typed.second == 0 ? typed.first : typed.second;
        vowel_ = letter;
      }
      return;
    }
    if (initial_ != 0 && vowel_ != 0) {
      if (final_ == 0 && final_index(letter)) {
        final_ = letter;
        return;
      }
      if (final_ != 0 && join_letters(final_, letter) != 0) {
        final_ = join_letters(final_, letter);
        return;
      }
    }
    finish();
    initial_ = letter;
  }

  void finish() {
    if (initial_ != 0 && vowel_ != 0) {
      append_utf8(text, compose_syllable({*initial_index(initial_), *vowel_index(vowel_),
                                          final_ == 0 ? 0 : *final_index(final_)}));
    } else if (initial_ != 0 || vowel_ != 0) {
      is_complete = false;
    }
    initial_ = vowel_ = final_ = 0;
  }

  std::string text;
  bool is_complete = true;

 private:
  char32_t initial_ = 0, vowel_ = 0, final_ = 0;
};

char32_t letter_typed(char key) {
  for (char32_t letter = kFirstHangulLetter; letter <= kLastHangulLetter; ++letter) {
    std::string text;
    append_utf8(text, letter);
    if (keys_of_hangul(text) == std::string(1, key)) return letter;
  }
  return 0;
}

TEST(HangulKeys, AnInputMethodMakesTheSameOfRandomKeys) {
  constexpr std::uint32_t kSeed = 31;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  // Few keys, so that many of the texts are complete.
  constexpr std::string_view kConsonants = "rRsfqtTEdag", kVowels = "khlnjmO";
  std::uint32_t complete = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string keys;
    InputMethod method;
    for (std::size_t i = 0, n = 1 + below(9); i < n; ++i) {
      const std::string_view from = below(2) == 0 ? kVowels : kConsonants;
      keys.push_back(from[below(from.size())]);
      method.press(letter_typed(keys.back()));
    }
    method.finish();
    complete += method.is_complete ? 1 : 0;
    const std::optional<std::string> hangul = hangul_of_keys(keys);
    ASSERT_EQ(hangul.has_value(), method.is_complete) << keys;
    ASSERT_EQ(hangul.value_or(method.text), method.text) << keys;
  }
  EXPECT_GT(complete, 3'000u);
}

TEST(HangulKeys, EverySyllableComesBackFromItsKeys) {
  constexpr std::uint32_t kSeed = 32;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  std::string word;
  for (char32_t syllable = kFirstSyllable; syllable <= kLastSyllable; ++syllable) {
    word.clear();
    append_utf8(word, kFirstSyllable + static_cast<char32_t>(random() % 11'172));
    append_utf8(word, syllable);
    append_utf8(word, kFirstSyllable + static_cast<char32_t>(random() % 11'172));
    const std::optional<std::string> keys = keys_of_hangul(word);
    ASSERT_TRUE(keys) << word;
    ASSERT_EQ(hangul_of_keys(*keys), word) << *keys;
  }
}

}  // namespace
}  // namespace saerok
