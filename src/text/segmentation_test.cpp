#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "text/analyzer.h"

namespace saerok {
namespace {

// Counts the stems of the texts it is made of.
class CountedVocabulary final : public Vocabulary {
 public:
  CountedVocabulary(const Analyzer& analyzer, std::initializer_list<std::string_view> texts) {
    TermList terms;
    for (const std::string_view text : texts) {
      analyzer.analyze(text, terms);
      for (std::size_t i = 0; i < terms.size(); ++i) {
        if (terms[i].field == TermField::stem) ++counts_[std::string(terms[i].text)];
      }
    }
  }
  std::uint64_t document_frequency(TermField field, std::string_view term) const override {
    const auto found = counts_.find(term);
    return field == TermField::stem && found != counts_.end() ? found->second : 0;
  }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

struct Stem {
  std::string text;
  std::string source;
  std::uint32_t position;
};

class Segmentation : public ::testing::Test {
 protected:
  std::vector<Stem> stems_of(std::string_view query) {
    TermList terms;
    analyze_query(analyzer_, vocabulary_, query, terms);
    std::vector<Stem> stems;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Term term = terms[i];
      if (term.field != TermField::stem) continue;
      stems.push_back({std::string(term.text),
                       std::string(query.substr(term.begin, term.end - term.begin)),
                       term.position});
    }
    return stems;
  }
  static bool has(const std::vector<Stem>& stems, std::string_view text) {
    return std::any_of(stems.begin(), stems.end(),
                       [&](const Stem& stem) { return stem.text == text; });
  }

  Analyzer analyzer_{AnalyzerSettings{}};
  CountedVocabulary vocabulary_{
      analyzer_, {"에너지 균형을 유지하는 방법", "정보 검색", "회의록을 정리했다", "새로운 물"}};
};

TEST_F(Segmentation, AQueryWithoutSpacesFindsSpacedText) {
  const std::vector<Stem> stems = stems_of("에너지균형을유지하는방법");
  for (const std::string_view word : {"에너지", "균형", "유지", "방법"}) {
    EXPECT_TRUE(has(stems, word)) << word;
  }
}

TEST_F(Segmentation, WordsCoverTheirSourceAndFollowEachOther) {
  const std::vector<Stem> stems = stems_of("음 정보검색을 회의록");
  ASSERT_EQ(stems.size(), 5u);
  EXPECT_EQ(stems[1].text, "정보검색");
  EXPECT_EQ(stems[2].text, "정보");
  EXPECT_EQ(stems[2].source, "정보");
  EXPECT_EQ(stems[3].text, "검색");
  EXPECT_EQ(stems[3].source, "검색을");
  EXPECT_EQ(stems[3].position, stems[2].position + 1);
  EXPECT_EQ(stems[4].text, "회의록");
  EXPECT_EQ(stems[4].position, stems[3].position + 1);
}

TEST_F(Segmentation, AKnownWordStaysWhole) { EXPECT_EQ(stems_of("회의록을").size(), 1u); }

TEST_F(Segmentation, AnUnknownWordStaysAsItIs) {
  const std::vector<Stem> stems = stems_of("캥거루쥐는");
  ASSERT_EQ(stems.size(), 1u);
  EXPECT_EQ(stems[0].text, "캥거루쥐");
}

TEST_F(Segmentation, ARunLongerThanATermIsCutAcrossTheBorder) {
  std::string query;
  for (int i = 0; i < 8; ++i) query += "에너지균형";
  const std::vector<Stem> stems = stems_of(query);
  EXPECT_EQ(std::count_if(stems.begin(), stems.end(),
                          [](const Stem& stem) { return stem.text == "균형"; }),
            8);
}

TEST_F(Segmentation, AWordWithABlankInsideIsJoinedWhereTheIndexKnowsIt) {
  const std::vector<Stem> stems = stems_of("새로운 회 의록을");
  ASSERT_EQ(stems.size(), 2u);
  EXPECT_EQ(stems[1].text, "회의록");
  EXPECT_EQ(stems[1].source, "회 의록을");
  EXPECT_EQ(stems[1].position, stems[0].position + 1);
  EXPECT_TRUE(has(stems_of("에 너 지 균형"), "에너지"));
  EXPECT_TRUE(has(stems_of("정보 검 색을"), "검색"));
}

TEST_F(Segmentation, BlanksBetweenWordsThatTheIndexKnowsStay) {
  EXPECT_EQ(stems_of("에너지 균형").size(), 2u);
  EXPECT_EQ(stems_of("캥거루 균형을").size(), 2u);
  const std::vector<Stem> stems = stems_of("캥거루쥐 왈라비");
  ASSERT_EQ(stems.size(), 2u);
  EXPECT_EQ(stems[1].text, "왈라비");
}

TEST_F(Segmentation, OnlyASingleBlankBetweenHangulIsWrong) {
  for (const std::string_view query : {"회, 의록", "회  의록", "회\n의록", "회 a 의록", "회 "}) {
    EXPECT_FALSE(has(stems_of(query), "회의록")) << query;
  }
}

TEST_F(Segmentation, AnyNumberOfWordsIsReadInTimeLinearInThem) {
  std::string query;
  for (int i = 0; i < 3'000; ++i)
    query += "회 의록 " + std::string(i % 7 == 0 ? "캥거루" : "균형") + " ";
  const std::vector<Stem> stems = stems_of(query);
  EXPECT_EQ(std::count_if(stems.begin(), stems.end(),
                          [](const Stem& stem) { return stem.text == "회의록"; }),
            3'000);
}

TEST_F(Segmentation, GramsAreThoseOfTheWholeRun) {
  TermList analyzed, queried;
  analyzer_.analyze("정보검색을 에너지균형", analyzed);
  analyze_query(analyzer_, vocabulary_, "정보검색을 에너지균형", queried);
  const auto grams = [](const TermList& terms) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (terms[i].field == TermField::gram) out.emplace_back(terms[i].text);
    }
    return out;
  };
  EXPECT_EQ(grams(analyzed), grams(queried));
}

}  // namespace
}  // namespace saerok
