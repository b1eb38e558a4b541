#include "text/korean.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/unicode.h"

namespace saerok {
namespace {

std::u32string syllables_of(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const DecodedChar c = decode_utf8(text, i);
    out.push_back(c.code_point);
    i += c.size;
  }
  return out;
}

std::string stem_of(std::string_view word) {
  const std::u32string syllables = syllables_of(word);
  const KoreanStem stem = stem_korean(syllables);
  std::string out;
  for (std::size_t i = 0; i + 1 < stem.length; ++i) append_utf8(out, syllables[i]);
  append_utf8(out, stem.last);
  return out;
}

TEST(Korean, ParticlesComeOffWhereTheSoundBeforeThemAllows) {
  EXPECT_EQ(stem_of("검색을"), "검색");
  EXPECT_EQ(stem_of("검색이"), "검색");
  EXPECT_EQ(stem_of("검색과"), "검색");
  EXPECT_EQ(stem_of("검색으로"), "검색");
  EXPECT_EQ(stem_of("나무를"), "나무");
  EXPECT_EQ(stem_of("나무가"), "나무");
  EXPECT_EQ(stem_of("나무와"), "나무");
  EXPECT_EQ(stem_of("나무로"), "나무");
  EXPECT_EQ(stem_of("서울로"), "서울");
  EXPECT_EQ(stem_of("도서관에서"), "도서관");
  EXPECT_EQ(stem_of("친구한테"), "친구");
}

TEST(Korean, ParticlesStayWhereTheSoundBeforeThemForbids) {
  EXPECT_EQ(stem_of("정형외과"), "정형외과");
  EXPECT_EQ(stem_of("전문가"), "전문가");
  EXPECT_EQ(stem_of("전문가가"), "전문가");
  EXPECT_EQ(stem_of("냉장고"), "냉장고");
  EXPECT_EQ(stem_of("냉장고를"), "냉장고");
}

TEST(Korean, StackedParticlesComeOffTogether) {
  EXPECT_EQ(stem_of("학교에서는"), "학교");
  EXPECT_EQ(stem_of("내일까지의"), "내일");
  EXPECT_EQ(stem_of("사람들에게"), "사람");
  EXPECT_EQ(stem_of("사람들은"), "사람");
  EXPECT_EQ(stem_of("자료들로부터"), "자료");
  EXPECT_EQ(stem_of("문서만으로도"), "문서");
}

TEST(Korean, TheCopulaComesOff) {
  EXPECT_EQ(stem_of("무엇인가요"), "무엇");
  EXPECT_EQ(stem_of("회의입니다"), "회의");
  EXPECT_EQ(stem_of("사실이었습니다"), "사실");
  EXPECT_EQ(stem_of("노래였다"), "노래");
}

TEST(Korean, LightVerbsLeaveTheirNoun) {
  for (const std::string_view word :
       {"연구하다", "연구하는", "연구했습니다", "연구한", "연구할까요", "연구함으로써",
        "연구합니다", "연구되었다", "연구된", "연구됩니다", "연구시키는", "연구시켰다", "연구해야",
        "연구하기"}) {
    EXPECT_EQ(stem_of(word), "연구") << word;
  }
}

TEST(Korean, FusedEndingsGiveTheVerbBack) {
  EXPECT_EQ(stem_of("달렸다"), "달리");
  EXPECT_EQ(stem_of("달립니다"), "달리");
  EXPECT_EQ(stem_of("달린다"), "달리");
  EXPECT_EQ(stem_of("배웠습니다"), "배우");
  EXPECT_EQ(stem_of("돌아봤다"), "돌아보");
  EXPECT_EQ(stem_of("만들었다"), "만들");
}

TEST(Korean, OtherEndingsComeOffVerbs) {
  EXPECT_EQ(stem_of("만들면서"), "만들");
  EXPECT_EQ(stem_of("움직이도록"), "움직이");
  EXPECT_EQ(stem_of("만들고"), "만들");
}

TEST(Korean, WordsOfTwoSyllablesAreKept) {
  for (const std::string_view word :
       {"온도", "회의", "도로", "지도", "사과", "평가", "국가", "마을", "가을", "서로", "불만",
        "사이", "효과", "나라", "바다"}) {
    EXPECT_EQ(stem_of(word), word);
  }
}

TEST(Korean, NounsOfOneSyllableLoseSafeParticles) {
  EXPECT_EQ(stem_of("물을"), "물");
  EXPECT_EQ(stem_of("물은"), "물");
  EXPECT_EQ(stem_of("차를"), "차");
  EXPECT_EQ(stem_of("물"), "물");
}

TEST(Korean, OtherParticlesAfterOneSyllableLeaveASyllableForTheGrams) {
  for (const std::string_view word : {"물도", "물에서", "물처럼", "물의", "차보다", "물에서는"}) {
    EXPECT_TRUE(stem_korean(syllables_of(word)).has_syllable_gram) << word;
  }
  EXPECT_FALSE(stem_korean(syllables_of("바다")).has_syllable_gram && stem_of("바다") != "바다");
}

TEST(Korean, AWordAndItsInflectedFormHaveOneStem) {
  EXPECT_EQ(stem_of("만족도"), stem_of("만족도를"));
  EXPECT_EQ(stem_of("고양이"), stem_of("고양이가"));
  EXPECT_EQ(stem_of("고속도로"), stem_of("고속도로에서"));
  EXPECT_EQ(stem_of("외국인"), stem_of("외국인은"));
}

TEST(Korean, AStemIsNeverLongerThanItsWordAndNeverEmpty) {
  constexpr char32_t kCommon[] =
      U"하되시키는을를이가에서들로으까지부터고다했습니한된할물정보검색학";
  std::uint32_t state = 12345;
  for (int round = 0; round < 200'000; ++round) {
    std::u32string word;
    state = state * 1664525 + 1013904223;
    const std::size_t length = 1 + (state >> 16) % 8;
    for (std::size_t i = 0; i < length; ++i) {
      state = state * 1664525 + 1013904223;
      word.push_back(kCommon[(state >> 16) % (std::size(kCommon) - 1)]);
    }
    const KoreanStem stem = stem_korean(word);
    ASSERT_GE(stem.length, 1u);
    ASSERT_LE(stem.length, stem.gram_length);
    ASSERT_LE(stem.gram_length, word.size());
    ASSERT_TRUE(is_hangul_syllable(stem.last));
    ASSERT_EQ(stem.is_bare, stem.length == word.size() && stem.last == word.back());
  }
}

}  // namespace
}  // namespace saerok
