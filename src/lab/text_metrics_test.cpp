#include "lab/text_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "base/random.h"
#include "lab/porter.h"

namespace saerok::lab {
namespace {

using Tokens = std::vector<std::string>;

/// Read once; by reference, so that a range-for over a part of it holds on to something that lives.
const Json& golden() {
  static const Json kGolden = [] {
    std::ifstream stream(std::string(SAEROK_SOURCE_DIR) + "/src/lab/golden/text.json",
                         std::ios::binary);
    return Json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }();
  return kGolden;
}

void expect_overlap(const Overlap& overlap, const Json& expected, const std::string& what) {
  EXPECT_NEAR(overlap.precision, expected[0].get<double>(), 1e-6) << what;
  EXPECT_NEAR(overlap.recall, expected[1].get<double>(), 1e-6) << what;
  EXPECT_NEAR(overlap.f1, expected[2].get<double>(), 1e-6) << what;
}

void expect_rouge(const Json& pair, const char* member, Tokenisation tokenisation) {
  const std::string prediction = pair["prediction"];
  const std::string reference = pair["reference"];
  const Rouge scores = rouge({prediction, reference}, tokenisation);
  expect_overlap(scores.rouge_1, pair[member]["rouge1"], "ROUGE-1 " + pair.dump());
  expect_overlap(scores.rouge_2, pair[member]["rouge2"], "ROUGE-2 " + pair.dump());
  expect_overlap(scores.rouge_l, pair[member]["rougeL"], "ROUGE-L " + pair.dump());
}

TEST(Rouge, OfEnglishIsThatOfRougeScore) {
  ASSERT_GE(golden()["english"].size(), 16u);
  for (const Json& pair : golden()["english"]) expect_rouge(pair, "word", Tokenisation::word);
}

TEST(Rouge, OfEnglishStemsIsThatOfRougeScoreWithItsStemmer) {
  for (const Json& pair : golden()["english"]) expect_rouge(pair, "porter", Tokenisation::porter);
}

TEST(Porter, StemsAreThoseOfNltk) {
  ASSERT_GE(golden()["stems"].size(), 1'000u);
  for (const auto& [word, stem] : golden()["stems"].items()) {
    EXPECT_EQ(porter_stem(word), stem.get<std::string>()) << word;
  }
  EXPECT_EQ(porter_stem(""), "");
}

TEST(RougeTokens, NamesAreThoseOfTheOption) {
  EXPECT_EQ(*parse_tokenisation("porter"), Tokenisation::porter);
  const auto unknown = parse_tokenisation("lemma");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("syllable, word, stem, porter"), std::string::npos);
}

TEST(Rouge, OfKoreanIsThatOfRougeScoreOverOurTokens) {
  for (const Json& pair : golden()["korean"]) {
    expect_rouge(pair, "word", Tokenisation::word);
    expect_rouge(pair, "syllable", Tokenisation::syllable);
  }
}

TEST(Rouge, StemsIgnoreParticlesAndInflection) {
  EXPECT_DOUBLE_EQ(rouge({"보일러를 점검했다", "보일러 점검"}, Tokenisation::stem).rouge_2.f1, 1);
  EXPECT_LT(rouge({"보일러를 점검했다", "보일러 점검"}, Tokenisation::word).rouge_1.f1, 0.01);
  EXPECT_DOUBLE_EQ(rouge({"merging segments", "merges segment"}, Tokenisation::stem).rouge_l.f1, 1);
}

TEST(Rouge, NoTokensScoreNothing) {
  for (const auto tokenisation : {Tokenisation::syllable, Tokenisation::word, Tokenisation::stem}) {
    EXPECT_EQ(rouge({"", ""}, tokenisation).rouge_1.f1, 0);
    EXPECT_EQ(rouge({"!?", "…"}, tokenisation).rouge_l.f1, 0);
    EXPECT_EQ(rouge({"물", "물"}, tokenisation).rouge_2.f1, 0);
  }
}

/// The table of all pairs.
std::size_t slow_common_subsequence(const Tokens& a, const Tokens& b) {
  std::vector<std::vector<std::size_t>> length(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      length[i][j] = a[i - 1] == b[j - 1] ? length[i - 1][j - 1] + 1
                                          : std::max(length[i - 1][j], length[i][j - 1]);
    }
  }
  return length[a.size()][b.size()];
}

TEST(Rouge, LongestSubsequenceIsThatOfTheWholeTable) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t letters = 1 + random.below(12);
    const auto text = [&] {
      std::string words;
      for (std::uint64_t i = random.below(300); i > 0; --i) {
        words += std::string(1, static_cast<char>('a' + random.below(letters))) + " ";
      }
      return words;
    };
    const std::string prediction = text();
    const std::string reference = text();
    const Tokens p = tokens_of(prediction, Tokenisation::word);
    const Tokens r = tokens_of(reference, Tokenisation::word);
    const Rouge scores = rouge({prediction, reference}, Tokenisation::word);
    const auto common = static_cast<double>(slow_common_subsequence(p, r));
    EXPECT_NEAR(scores.rouge_l.precision * static_cast<double>(p.size()), common, 1e-6);
    EXPECT_NEAR(scores.rouge_l.recall * static_cast<double>(r.size()), common, 1e-6);
  }
}

TEST(Rouge, LongTextsTakeNoTable) {
  std::string prediction;
  std::string reference;
  for (int i = 0; i < 20'000; ++i) {
    prediction += "w" + std::to_string(i % 7'919) + " ";
    reference += "w" + std::to_string(i % 7'907) + " ";
  }
  const Rouge scores = rouge({prediction, reference}, Tokenisation::word);
  EXPECT_GT(scores.rouge_l.f1, 0.9);
}

TEST(RougeTokens, CaseWidthAndFormDoNotMatter) {
  EXPECT_EQ(tokens_of("ＧＰＵ Straße", Tokenisation::word), (Tokens{"gpu", "strasse"}));
  EXPECT_EQ(tokens_of("\u1112\u1161\u11ab글", Tokenisation::syllable), (Tokens{"한", "글"}));
  EXPECT_EQ(tokens_of("don't e-mail user_name", Tokenisation::word),
            (Tokens{"don", "t", "e", "mail", "user", "name"}));
  EXPECT_EQ(tokens_of("80도, 2분!", Tokenisation::syllable), (Tokens{"8", "0", "도", "2", "분"}));
  EXPECT_EQ(tokens_of("한\u200b글 \xff가", Tokenisation::word), (Tokens{"한글", "가"}));
}

TEST(Answers, ScoreAsInSquadAndKorquad) {
  for (const Json& pair : golden()["answers"]) {
    const std::string prediction = pair["prediction"];
    const std::string reference = pair["reference"];
    for (const auto& [member, rules] :
         {std::pair{"squad", AnswerRules::squad}, std::pair{"korquad", AnswerRules::korquad}}) {
      EXPECT_EQ(is_exact_match({prediction, reference}, rules), pair[member][0] == 1.0)
          << member << pair.dump();
      EXPECT_NEAR(answer_f1({prediction, reference}, rules), pair[member][1].get<double>(), 1e-6)
          << member << pair.dump();
    }
  }
}

TEST(Answers, AreNormalisedByTheirRules) {
  EXPECT_EQ(normalise_answer("  The \"End\",  of a day. ", AnswerRules::squad), "end of day");
  EXPECT_EQ(normalise_answer("theatre a-an", AnswerRules::squad), "theatre aan");
  EXPECT_EQ(normalise_answer("《봄날의 산책》(수필)", AnswerRules::korquad), "봄날의 산책 수필");
  EXPECT_EQ(normalise_answer("1,000 KG", AnswerRules::korquad), "1000 kg");
  EXPECT_DOUBLE_EQ(answer_f1({"서울특별시", "서울 특별시"}, AnswerRules::korquad), 1);
  EXPECT_FALSE(is_exact_match({"서울특별시", "서울 특별시"}, AnswerRules::korquad));
  EXPECT_DOUBLE_EQ(answer_f1({"서울특별시", "서울 특별시"}, AnswerRules::squad), 0);
}

}  // namespace
}  // namespace saerok::lab
