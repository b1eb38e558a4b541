#include "base/unicode.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace saerok {
namespace {

std::u32string decode_all(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const DecodedChar c = decode_utf8(text, i);
    out.push_back(c.code_point);
    i += c.size;
  }
  return out;
}

std::uint32_t below(std::mt19937& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

// Spells every syllable in conjoining letters.
std::string to_jamo(std::string_view text) {
  std::string out;
  for (const char32_t c : decode_all(text)) {
    if (!is_hangul_syllable(c)) {
      append_utf8(out, c);
      continue;
    }
    const Jamo jamo = decompose_syllable(c);
    append_utf8(out, 0x1100 + jamo.initial);
    append_utf8(out, 0x1161 + jamo.vowel);
    if (jamo.final != 0) append_utf8(out, 0x11A7 + jamo.final);
  }
  return out;
}

TEST(Unicode, EveryScalarValueSurvivesEncodingAndDecoding) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const DecodedChar decoded = decode_utf8(text, 0);
    ASSERT_TRUE(decoded.is_valid) << static_cast<std::uint32_t>(c);
    ASSERT_EQ(decoded.code_point, c);
    ASSERT_EQ(decoded.size, text.size());
  }
}

TEST(Unicode, OverlongFormsSurrogatesAndTooLargeValuesAreInvalid) {
  for (const std::string_view bad :
       {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "\xFF",
        "\x80", "\xE1\x80", "\xF1\x80\x80"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
  EXPECT_TRUE(is_valid_utf8("새록 notes ✓ 🙂"));
}

TEST(Unicode, AMaximalSubpartBecomesOneReplacement) {
  // The example of the Unicode standard, table 3-8.
  const ReplacedText replaced = replace_invalid_utf8(
      "a\xF1\x80\x80\xE1\x80\xC2"
      "b\x80"
      "c\x80\xBF"
      "d");
  EXPECT_EQ(replaced.text,
            "a\uFFFD\uFFFD\uFFFD"
            "b\uFFFD"
            "c\uFFFD\uFFFD"
            "d");
  EXPECT_EQ(replaced.replaced, 6u);
}

TEST(Unicode, ReplacingMakesAnyBytesValidAndKeepsWhatWas) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::uint32_t i = 0, n = below(random, 24); i < n; ++i) {
      bytes.push_back(static_cast<char>(below(random, 256)));
    }
    const ReplacedText replaced = replace_invalid_utf8(bytes);
    ASSERT_TRUE(is_valid_utf8(replaced.text));
    ASSERT_EQ(replaced.replaced == 0, is_valid_utf8(bytes));
    ASSERT_EQ(decode_all(replaced.text), decode_all(bytes));
  }
}

TEST(Unicode, ComposingJamoGivesTheSyllables) {
  std::string all;
  for (char32_t c = kFirstSyllable; c <= kLastSyllable; ++c) append_utf8(all, c);
  EXPECT_EQ(to_nfc(to_jamo(all)), all);
  EXPECT_EQ(to_nfc(all), all);
}

TEST(Unicode, AFinalLetterJoinsAPrecomposedSyllable) {
  EXPECT_EQ(to_nfc("가\u11A8나"), "각나");
  EXPECT_EQ(spelt_syllable("가\u11A8나", 0).syllable, U'각');
  EXPECT_EQ(spelt_syllable("각\u11A8", 0).size, 0u);
}

TEST(Unicode, AccentsCompose) {
  EXPECT_EQ(to_nfc("cafe\u0301"), "café");
  EXPECT_EQ(to_nfc("\u212B"), "Å");
  EXPECT_EQ(to_nfc("a\u0323\u0307"), to_nfc("a\u0307\u0323"));
  EXPECT_EQ(to_nfc("\u30AB\u3099"), "ガ");
}

TEST(Unicode, NfcKeepsBytesThatAreNoCharacter) {
  EXPECT_EQ(to_nfc("e\xFF\u0301x"), "e\xFF\u0301x");
  EXPECT_EQ(to_nfc(std::string_view("a\0e\u0301", 5)), std::string_view("a\0é", 4));
}

TEST(Unicode, NfcIsIdempotentOnRandomCharacters) {
  std::mt19937 random(11);
  constexpr char32_t kFirsts[] = {0x41,   0x300,  0x1100, 0x1161, 0x11A8,
                                  0xAC00, 0x3099, 0x9BC,  0xF900};
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (std::uint32_t i = 0, n = 1 + below(random, 8); i < n; ++i) {
      append_utf8(text, kFirsts[below(random, std::size(kFirsts))] + below(random, 24));
    }
    const std::string once = to_nfc(text);
    ASSERT_EQ(to_nfc(once), once);
  }
}

TEST(Unicode, WidthFoldingMakesFormsOrdinary) {
  EXPECT_EQ(fold_width("ＧＰＵ １２３！"), "GPU 123!");
  EXPECT_EQ(fold_width("ｶﾞ"), "ガ");
  EXPECT_EQ(fold_width("㎏ ① ﬁ H₂O"), "kg 1 fi H2O");
  EXPECT_EQ(fold_width("한글 그대로"), "한글 그대로");
}

TEST(Unicode, CaseFoldingIsFull) {
  EXPECT_EQ(fold_case("Straße ΑΣ İ"), fold_case("STRASSE ας i\u0307"));
  EXPECT_EQ(fold_case("ÉA가"), "éa가");
  // Of every length, with the one letter to be folded anywhere in it.
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      std::string text(size, '@');
      const std::string rest(size - place - 1, '@');
      text[place] = 'Z';
      EXPECT_EQ(fold_case(text), std::string(place, '@') + "z" + rest);
      EXPECT_EQ(fold_case(std::string(place, '@') + "É" + rest),
                std::string(place, '@') + "é" + rest);
    }
  }
}

TEST(Unicode, ClassesFollowTheScript) {
  EXPECT_EQ(class_of(U'한'), CharClass::hangul);
  EXPECT_EQ(class_of(U'ㅋ'), CharClass::jamo);
  EXPECT_EQ(class_of(U'水'), CharClass::han);
  EXPECT_EQ(class_of(U'ー'), CharClass::kana);
  EXPECT_EQ(class_of(U'ก'), CharClass::kana);
  EXPECT_EQ(class_of(U'é'), CharClass::letter);
  EXPECT_EQ(class_of(U'я'), CharClass::letter);
  EXPECT_EQ(class_of(U'7'), CharClass::digit);
  EXPECT_EQ(class_of(U'🙂'), CharClass::symbol);
  EXPECT_EQ(class_of(U'€'), CharClass::symbol);
  EXPECT_EQ(class_of(U'。'), CharClass::punctuation);
  EXPECT_EQ(class_of(0x200B), CharClass::ignorable);
  EXPECT_EQ(class_of(0xFE0F), CharClass::ignorable);
  EXPECT_EQ(class_of(0x301), CharClass::mark);
  EXPECT_EQ(class_of(0x3000), CharClass::space);
}

TEST(Unicode, HangulTakesTwoColumns) {
  EXPECT_EQ(display_width("새록 ok"), 7u);
  EXPECT_EQ(display_width(to_jamo("새록")), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
}

TEST(Unicode, BaseLettersLoseAccentsInLatinOnly) {
  EXPECT_EQ(base_letter(U'é'), U'e');
  EXPECT_EQ(base_letter(U'й'), U'й');
  EXPECT_EQ(base_letter(U'가'), U'가');
}

}  // namespace
}  // namespace saerok
