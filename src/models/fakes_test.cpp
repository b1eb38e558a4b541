#include <gtest/gtest.h>

#include "models/hash_embedder.h"
#include "models/overlap_reranker.h"
#include "models/scripted_language_model.h"

namespace saerok {
namespace {

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

TEST(HashEmbedder, TextsThatShareWordsAreNearAndRowsAreUnit) {
  const HashEmbedder embedder;
  const auto rows = embedder.embed(
      std::vector<std::string_view>{"김치찌개를 끓이는 법", "김치찌개는 중불에 끓인다",
                                    "the train to Busan", ""},
      TextRole::passage, {});
  ASSERT_TRUE(rows);
  const auto row = [&](std::size_t i) { return std::span(*rows).subspan(i * 256, 256); };
  EXPECT_GT(dot(row(0), row(1)), dot(row(0), row(2)) + 0.2);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(dot(row(i), row(i)), 1, 1e-5);
  EXPECT_NE(embedder.fingerprint().find("for-tests"), std::string_view::npos);
}

TEST(ScriptedLanguageModel, SaysItsAnswersInTurnAndRemembersTheQuestions) {
  const ScriptedLanguageModel model(std::vector<std::string>{"새록", "abc"});
  std::string streamed;
  const CompletionRequest request{.messages = {{"user", "왜?"}}, .tokens_max = 2, .grammar = {}};
  const auto first = model.complete(request,
                                    [&](std::string_view delta) {
                                      streamed += delta;
                                      return true;
                                    },
                                    {});
  ASSERT_TRUE(first);
  EXPECT_EQ(streamed, "새록");
  EXPECT_FALSE(first->reached_limit);
  EXPECT_TRUE(model.complete(request, nullptr, {})->reached_limit);
  EXPECT_EQ(model.complete(request, nullptr, {}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(model.requests().at(0).messages.at(0).content, "왜?");
}

TEST(OverlapReranker, CountsTheQuerysWordsThatAPassageHolds) {
  const auto scores = OverlapReranker().score(
      "Green 차", std::vector<std::string_view>{"green 차를 마신다", "차", "none"}, {});
  ASSERT_TRUE(scores);
  EXPECT_EQ(*scores, (std::vector<float>{1.0f, 0.5f, 0.0f}));
}

}  // namespace
}  // namespace saerok
