#include "answer/support.h"

#include <gtest/gtest.h>

#include "search/memory_backend.h"

namespace saerok {
namespace {

constexpr double kMin = 0.5;

/// Answers every text with one of two directions.
class MeaningEmbedder final : public Embedder {
 public:
  /// The cosine of two texts is 1 if both or neither hold the word, else 0.
  explicit MeaningEmbedder(std::string word) : word_(std::move(word)) {}
  std::string_view fingerprint() const override { return "meaning"; }
  std::size_t dimension() const override { return 2; }
  Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole,
                                   const CallContext&) const override {
    ++calls;
    std::vector<float> rows;
    for (const std::string_view text : texts) {
      const bool holds = text.find(word_) != std::string_view::npos;
      rows.insert(rows.end(), {holds ? 1.0f : 0.0f, holds ? 0.0f : 1.0f});
    }
    return rows;
  }
  Result<std::size_t> count_tokens(std::string_view text, const CallContext&) const override {
    return text.size();
  }
  mutable int calls = 0;

 private:
  std::string word_;
};

class SupportTest : public testing::Test {
 protected:
  SupportTest() {
    backend.add({"tea.md", kTea, "Tea", {}, {}});
    backend.add({"boiler.md", kBoiler, "보일러", {}, {}});
    for (int i = 0; i < 20; ++i) {
      backend.add({std::to_string(i), "Remark " + std::to_string(i), "", {}, {}});
    }
    for (const char* text : {kTea, kBoiler}) {
      Hit hit;
      hit.text = text;
      hit.passage = {0, hit.text.size()};
      sources.push_back(hit);
    }
  }

  SupportNeeds needs(const Embedder* embedder = nullptr) const {
    return {analyzer, backend.vocabulary(), backend.chunk_count(), embedder};
  }
  /// Of a sentence that cites the first source or the second.
  double support(std::string_view sentence, std::size_t source = 0) const {
    const Hit* cited[] = {&sources[source]};
    const auto evidence = weigh_support(sentence, cited, needs(), {});
    EXPECT_TRUE(evidence);
    return evidence ? support_of(*evidence) : -1;
  }
  bool lacks_a_number(std::string_view sentence, const std::string& cited) const {
    Hit hit;
    hit.text = cited;
    const Hit* hits[] = {&hit};
    return weigh_support(sentence, hits, needs(), {})->lacks_a_number;
  }

  static constexpr const char* kTea =
      "Green tea is steeped at 80 degrees for 2 minutes. Black tea needs boiling water.";
  static constexpr const char* kBoiler =
      "보일러는 10월 3일에 김 기사가 점검했다. 다음 점검은 내년이다.";
  Analyzer analyzer{AnalyzerSettings{}};
  MemoryBackend backend{analyzer};
  std::vector<Hit> sources;
};

TEST_F(SupportTest, WhatASourceSaysIsBorneOutAndWhatItDoesNotIsNot) {
  EXPECT_GT(support("Green tea is steeped at 80 degrees."), kMin);
  EXPECT_GT(support("보일러는 김 기사가 10월 3일에 점검했습니다.", 1), kMin);
  EXPECT_LT(support("Saturn has seventeen purple elephants."), kMin);
  EXPECT_LT(support("토성에는 보라색 코끼리가 산다.", 1), kMin);
  EXPECT_LT(support("Green tea is steeped at 80 degrees.", 1), kMin) << "another source says so";
}

TEST_F(SupportTest, ANumberThatTheSourceDoesNotHaveTellsAgainstASentence) {
  EXPECT_LT(support("Green tea is steeped at 95 degrees for 2 minutes."),
            support("Green tea is steeped at 80 degrees for 2 minutes."));
  EXPECT_TRUE(lacks_a_number("at 95 degrees", "at 80 degrees"));
  EXPECT_TRUE(lacks_a_number("in 8 days", "in 80 days")) << "a part of a number is another one";
  EXPECT_FALSE(lacks_a_number("no number", "80"));
  EXPECT_FALSE(lacks_a_number("1,200 won on 3 March 2024", "1200원, 2024-03-05, 3"));
  EXPECT_FALSE(lacks_a_number("03월 05일, 007", "3.5, 7"));
  EXPECT_FALSE(lacks_a_number("0 or 00", "0"));
}

TEST_F(SupportTest, AQuotationThatIsNotThereTakesAllAway) {
  EXPECT_EQ(support("The note says \"Green tea is steeped at 95 degrees\"."), 0);
  EXPECT_GT(support("The note says \"Green  tea is\nsteeped at 80 degrees\"."), 0);
}

TEST_F(SupportTest, SupportGrowsWithWordsAndWithMeaning) {
  double before = 0;
  for (const double words : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const double support = support_of({.words = words, .similarity = std::nullopt});
    EXPECT_GT(support, before);
    before = support;
    EXPECT_GT(support, support_of({.words = words, .lacks_a_number = true, .similarity = {}}));
    EXPECT_GT(support_of({.words = words, .similarity = .95f}),
              support_of({.words = words, .similarity = .80f}));
  }
  EXPECT_GE(before, kMin) << "all of its words";
}

TEST_F(SupportTest, AnEmbedderIsAskedOnlyWhereWordsFallShort) {
  const MeaningEmbedder embedder("tea");
  const auto by_words =
      check_support("Green tea is steeped at 80 degrees. [1]", sources, kMin, needs(&embedder), {});
  ASSERT_TRUE(by_words);
  EXPECT_EQ(by_words->checked, 1u);
  EXPECT_TRUE(by_words->unsupported.empty());
  EXPECT_EQ(embedder.calls, 0);

  const std::string_view other_words = "You brew the tea leaves hot. [1]";
  const auto without = check_support(other_words, sources, kMin, needs(), {});
  const auto with = check_support(other_words, sources, kMin, needs(&embedder), {});
  ASSERT_TRUE(without && with);
  EXPECT_EQ(without->unsupported.size(), 1u);
  EXPECT_TRUE(with->unsupported.empty()) << with->unsupported[0].support;
  EXPECT_EQ(embedder.calls, 1);
  EXPECT_FALSE(check_support("You brew coffee beans hot. [1]", sources, kMin, needs(&embedder), {})
                   ->unsupported.empty());
}

}  // namespace
}  // namespace saerok
