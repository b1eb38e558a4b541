#include "text/analyzer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/unicode.h"

namespace saerok {
namespace {

const Analyzer& compact() {
  static const Analyzer analyzer({.korean = KoreanAnalysis::compact});
  return analyzer;
}
const Analyzer& robust() {
  static const Analyzer analyzer({.korean = KoreanAnalysis::robust});
  return analyzer;
}

using Texts = std::vector<std::string>;

Texts terms_of(std::string_view text, TermField field, const Analyzer& analyzer = compact()) {
  TermList terms;
  analyzer.analyze(text, terms);
  Texts out;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].field == field) out.emplace_back(terms[i].text);
  }
  return out;
}
Texts stems(std::string_view text) { return terms_of(text, TermField::stem); }
Texts grams(std::string_view text, const Analyzer& analyzer = compact()) {
  return terms_of(text, TermField::gram, analyzer);
}
bool has(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}
bool share_a_term(std::string_view a, std::string_view b) {
  for (const TermField field : {TermField::stem, TermField::gram}) {
    const Texts of_b = terms_of(b, field);
    for (const std::string& text : terms_of(a, field)) {
      if (has(of_b, text)) return true;
    }
  }
  return false;
}

std::string spelt_in_jamo(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const DecodedChar c = decode_utf8(text, i);
    i += c.size;
    if (!is_hangul_syllable(c.code_point)) {
      append_utf8(out, c.code_point);
      continue;
    }
    const Jamo jamo = decompose_syllable(c.code_point);
    append_utf8(out, 0x1100 + jamo.initial);
    append_utf8(out, 0x1161 + jamo.vowel);
    if (jamo.final != 0) append_utf8(out, 0x11A7 + jamo.final);
  }
  return out;
}

TEST(Analyzer, KoreanGivesStemsAndTheirBigrams) {
  EXPECT_EQ(stems("검색엔진을 연구했습니다"), (Texts{"검색엔진", "연구"}));
  EXPECT_EQ(grams("검색엔진을 연구했습니다"), (Texts{"검색", "색엔", "엔진", "연구"}));
}

TEST(Analyzer, AGramSpansTheBorderBehindABareWord) {
  EXPECT_TRUE(has(grams("정보 검색"), "보검"));
  EXPECT_TRUE(has(grams("정보  \n검색"), "보검"));
  EXPECT_FALSE(has(grams("정보, 검색"), "보검"));
  EXPECT_FALSE(has(grams("정보. 검색"), "보검"));
  EXPECT_FALSE(has(grams("정보 (검색)"), "보검"));
  EXPECT_FALSE(has(grams("정보를 검색"), "를검"));
  EXPECT_FALSE(has(grams("정보A 검색"), "보검"));
}

TEST(Analyzer, RobustGramsReadTheRunWithoutItsSpaces) {
  EXPECT_EQ(grams("정보를 검색", robust()), (Texts{"정보", "보를", "를검", "검색"}));
  EXPECT_EQ(terms_of("달렸다", TermField::stem, robust()), (Texts{"달리"}));
  EXPECT_EQ(grams("달렸다", robust()), (Texts{"달렸", "렸다"}));
}

TEST(Analyzer, MixedScriptsAreCutWhereTheScriptChanges) {
  EXPECT_EQ(stems("DNA를"), (Texts{"dna", "를"}));
  EXPECT_EQ(stems("GPU의 성능"), (Texts{"gpu", "의", "성능"}));
  EXPECT_EQ(stems("2024년"), (Texts{"2024", "년"}));
  EXPECT_EQ(stems("3kg"), (Texts{"3", "kg"}));
  EXPECT_TRUE(has(grams("3kg"), "3kg"));
}

TEST(Analyzer, EnglishHasItsStemAndItsExactForm) {
  EXPECT_EQ(stems("Running universities"), (Texts{"run", "univers"}));
  EXPECT_EQ(grams("Running universities"), (Texts{"running", "universities"}));
}

TEST(Analyzer, SpellingsOfACompoundMeet) {
  for (const std::string_view spelling : {"wi-fi", "WiFi", "Wi-Fi", "wifi", "wi_fi", "wi‑fi"}) {
    EXPECT_TRUE(has(grams(spelling), "wifi")) << spelling;
  }
  EXPECT_TRUE(has(grams("node.js"), "nodejs"));
  EXPECT_EQ(stems("node.js"), (Texts{"node", "js"}));
  EXPECT_TRUE(has(grams("me@example.com"), "meexamplecom"));
  EXPECT_TRUE(has(stems("me@example.com"), "exampl"));
}

TEST(Analyzer, IdentifiersAreFoundByTheirParts) {
  EXPECT_EQ(stems("read_file_bytes"), (Texts{"read", "file", "byte"}));
  EXPECT_TRUE(has(grams("getUserName"), "user"));
  EXPECT_TRUE(has(grams("HTMLParser"), "html"));
  EXPECT_TRUE(has(grams("HTMLParser"), "parser"));
  EXPECT_EQ(stems("GitHub"), stems("github"));
  EXPECT_EQ(stems("mRNA"), (Texts{"mrna"}));
}

TEST(Analyzer, ANameAndItsNumberArePartedBesideTheWord) {
  EXPECT_EQ(stems("RTX4090"), (Texts{"rtx4090"}));
  EXPECT_EQ(grams("RTX4090"), (Texts{"rtx4090", "rtx", "4090"}));
  EXPECT_EQ(grams("iPhone15"), (Texts{"iphone15", "iphone", "15"}));
  EXPECT_EQ(grams("HTTPServer2"), (Texts{"httpserver2", "http", "server2", "server", "2"}));
  EXPECT_TRUE(has(grams("RTX4090을"), "4090"));
  EXPECT_EQ(grams("getUserV2"), (Texts{"getuserv2", "get", "user", "v2"}));
  // Of what is no name, or has digits elsewhere, nothing is parted.
  for (const std::string_view whole : {"a1", "3f2a99", "ab12cd", "mRNA", "x86ab64"}) {
    EXPECT_EQ(grams(whole).size(), 1u) << whole;
  }
  TermList terms;
  Analyzer(AnalyzerSettings{}).analyze("RTX4090", terms);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    const bool is_part = term.text != "rtx4090";
    EXPECT_EQ(term.is_beside, is_part) << term.text;  // A part of a word makes no text longer.
    EXPECT_EQ(term.begin, term.text == "4090" ? 3u : 0u);
    EXPECT_EQ(term.end, term.text == "rtx" ? 3u : 7u);
  }
}

TEST(Analyzer, LanguageNamesKeepTheirSigns) {
  EXPECT_EQ(stems("C++"), (Texts{"c++"}));
  EXPECT_EQ(stems("C#과"), (Texts{"c#", "과"}));
  EXPECT_EQ(stems("C, Na+ #tag"), (Texts{"c", "na", "tag"}));
  EXPECT_EQ(stems("R&D"), (Texts{"r&d"}));
}

TEST(Analyzer, NumbersAreFoundHoweverTheyAreWritten) {
  EXPECT_EQ(stems("1,000"), stems("1000"));
  EXPECT_EQ(stems("1,000,000.5"), stems("1000000.5"));
  EXPECT_EQ(stems("1,2"), (Texts{"1", "2"}));
  EXPECT_EQ(stems("3.11.2"), (Texts{"3.11.2"}));
  EXPECT_TRUE(has(grams("3.11.2"), "3.11"));
  EXPECT_EQ(stems("2024-03-01"), (Texts{"2024", "3", "1"}));
  EXPECT_EQ(stems("03월"), stems("3월"));
  EXPECT_EQ(stems("50%"), (Texts{"50"}));
  EXPECT_EQ(stems("0"), (Texts{"0"}));
}

TEST(Analyzer, HanAndKanaAreBigramsWithSingleCharactersBeside) {
  EXPECT_EQ(stems("情報検索"), (Texts{"情報", "報検", "検索"}));
  EXPECT_EQ(grams("情報"), (Texts{"情", "報"}));
  EXPECT_EQ(stems("水"), (Texts{"水"}));
  EXPECT_EQ(stems("コーヒー"), (Texts{"コー", "ーヒ", "ヒー"}));
}

TEST(Analyzer, EmojiAndSymbolsAreTerms) {
  EXPECT_EQ(stems("좋아 🙂👍🏽"), (Texts{"좋아", "🙂", "👍"}));
  EXPECT_EQ(stems("❤\uFE0F"), stems("❤"));
  EXPECT_EQ(stems("5€"), (Texts{"5", "€"}));
  EXPECT_EQ(stems("ㅋㅋㅋ"), (Texts{"ㅋㅋㅋ"}));
}

TEST(Analyzer, WidthCaseAndAccentsDoNotMatter) {
  EXPECT_EQ(stems("ＧＰＵ１２"), stems("gpu12"));
  EXPECT_EQ(stems("STRASSE"), stems("Straße"));
  EXPECT_EQ(stems("café"), stems("cafe"));
  EXPECT_NE(grams("café"), grams("cafe"));
  EXPECT_EQ(stems("H₂O"), stems("H2O"));
  EXPECT_EQ(stems("가\u200B나\u00AD다"), stems("가나다"));
  EXPECT_EQ(stems("don’t"), stems("don't"));
  EXPECT_EQ(stems("ПОИСК"), stems("поиск"));
}

TEST(Analyzer, NothingIsDroppedForItsGrammar) { EXPECT_EQ(stems("the 그 및 of").size(), 4u); }

TEST(Analyzer, PositionsCountStemsAndGramsHaveTheirStems) {
  TermList terms;
  compact().analyze("green 정보를 wi-fi 水", terms);
  std::uint32_t expected = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].field != TermField::stem) continue;
    EXPECT_EQ(terms[i].position, expected++);
  }
  EXPECT_EQ(expected, 5u);
  for (std::size_t i = 0; i < terms.size(); ++i) EXPECT_LT(terms[i].position, expected);
}

TEST(Analyzer, OffsetsCoverTheWordAsItStandsInTheText) {
  const std::string text = "음, 검색엔진을 Running";
  TermList terms;
  compact().analyze(text, terms);
  std::map<std::string, std::string> sources;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    if (term.field == TermField::stem) {
      sources[std::string(term.text)] = text.substr(term.begin, term.end - term.begin);
    } else if (term.text == "색엔") {
      EXPECT_EQ(text.substr(term.begin, term.end - term.begin), "색엔");
    }
  }
  EXPECT_EQ(sources["검색엔진"], "검색엔진을");
  EXPECT_EQ(sources["run"], "Running");
}

TEST(Analyzer, DecomposedTextGivesTheSameTermsWithItsOwnOffsets) {
  const std::string text = "맥에서 저장한 회의록, 정보 검색을 했다. DNA를 3kg 2024년";
  const std::string decomposed = spelt_in_jamo(text);
  for (const Analyzer* analyzer : {&compact(), &robust()}) {
    TermList a, b;
    analyzer->analyze(text, a);
    analyzer->analyze(decomposed, b);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].text, b[i].text);
      EXPECT_EQ(a[i].field, b[i].field);
      EXPECT_EQ(a[i].position, b[i].position);
      EXPECT_EQ(to_nfc(std::string_view(decomposed).substr(b[i].begin, b[i].end - b[i].begin)),
                text.substr(a[i].begin, a[i].end - a[i].begin));
    }
  }
  EXPECT_EQ(stems("cafe\u0301 A\u030A"), stems("café Å"));
}

TEST(Analyzer, LongRunsAreCutAndKeepEveryCharacter) {
  for (const std::string_view unit : {"a", "é", "가", "水", "7", "ㅋ", "я", "🙂"}) {
    std::string text;
    while (text.size() < 5000) text += unit;
    std::set<std::uint32_t> covered;
    TermList terms;
    compact().analyze(text, terms);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      EXPECT_LE(terms[i].text.size(), kTermBytesMax);
      if (terms[i].field != TermField::stem) continue;
      for (std::uint32_t byte = terms[i].begin; byte < terms[i].end; ++byte) covered.insert(byte);
    }
    EXPECT_EQ(covered.size(), text.size()) << unit;
  }
}

TEST(Analyzer, EveryNounOfOneOrTwoSyllablesIsFoundWithItsParticles) {
  for (const std::string_view noun : {"물", "산", "차", "온도", "회의", "나무", "사과", "도로"}) {
    for (const std::string_view particle :
         {"", "도", "만", "의", "에", "에서", "까지", "부터", "처럼", "보다", "에서는", "들"}) {
      const std::string text = std::string(noun) + std::string(particle);
      EXPECT_TRUE(share_a_term(noun, text)) << text;
    }
  }
}

TEST(Analyzer, TheFingerprintNamesTheSettings) {
  EXPECT_NE(compact().fingerprint(), robust().fingerprint());
  EXPECT_EQ(compact().fingerprint(), Analyzer({}).fingerprint());
}

TEST(Analyzer, RandomBytesNeverBreakTheContract) {
  constexpr std::uint32_t kSeed = 99;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  constexpr char32_t kFirsts[] = {0x20,   0x30,   0x41,   0x61,   0x300,  0x1100,  0x1161,
                                  0x11A8, 0x3041, 0x3131, 0x3300, 0x4E00, 0xAC00,  0xD558,
                                  0xFB00, 0xFE00, 0xFF01, 0xFF66, 0xFF9E, 0x1F300, 0xE0100,
                                  0x2160, 0x1E00, 0xE30,  0x2000};
  TermList terms;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint32_t i = 0, n = below(60); i < n; ++i) {
      switch (below(4)) {
        case 0: text.push_back(static_cast<char>(below(256))); break;
        case 1: text.push_back("_-.,'@&+# 0aA"[below(13)]); break;
        default: append_utf8(text, kFirsts[below(std::size(kFirsts))] + below(32)); break;
      }
    }
    (round % 2 == 0 ? compact() : robust()).analyze(text, terms);
    std::uint32_t stem_count = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Term term = terms[i];
      ASSERT_FALSE(term.text.empty());
      ASSERT_LE(term.text.size(), kTermBytesMax);
      ASSERT_TRUE(is_valid_utf8(term.text));
      ASSERT_LT(term.begin, term.end);
      ASSERT_LE(term.end, text.size());
      if (term.field != TermField::stem) continue;
      ASSERT_EQ(term.position, stem_count++);
    }
    for (std::size_t i = 0; i < terms.size(); ++i) ASSERT_LT(terms[i].position, stem_count);
  }
}

TEST(Analyzer, ComposingATextFirstChangesNoTerm) {
  constexpr std::uint32_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  constexpr char32_t kFirsts[] = {0x20, 0x41, 0x61, 0x300, 0x1100, 0x1161, 0x11A8, 0xAC00, 0x30AB};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint32_t i = 0, n = below(12); i < n; ++i) {
      append_utf8(text, kFirsts[below(std::size(kFirsts))] + below(16));
    }
    const std::string composed = to_nfc(text);
    ASSERT_EQ(stems(text), stems(composed)) << text;
    ASSERT_EQ(grams(text), grams(composed)) << text;
  }
}

}  // namespace
}  // namespace saerok
