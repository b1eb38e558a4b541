#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "models/import_e5.h"
#include "models/llama_models.h"
#include "models/scratch_folder.h"

#ifdef SAEROK_TEST_LLAMA
namespace saerok {
namespace {

/// One worker serves all tests of this file: loading takes most of a second.
class LlamaEmbedderTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    const Status imported = import_e5(SAEROK_TEST_E5, folder_->path("e5.gguf"));
    ASSERT_TRUE(imported) << imported.error().message;
    auto made = make_llama_embedder({.path = folder_->path("e5.gguf"),
                                     .worker_program = SAEROK_TEST_WORKER,
                                     .embed_with = EmbedWith::llama});
    ASSERT_TRUE(made) << made.error().message;
    embedder_ = std::move(made).value();
  }
  static void TearDownTestSuite() {
    embedder_.reset();
    folder_.reset();
  }

  static std::vector<float> embed(std::vector<std::string_view> texts, TextRole role) {
    auto vectors = embedder_->embed(texts, role, {});
    EXPECT_TRUE(vectors) << vectors.error().message;
    return vectors ? std::move(vectors).value() : std::vector<float>(texts.size() * 384);
  }

  static double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
    return sum;
  }
  static std::span<const float> row(const std::vector<float>& vectors, std::size_t i) {
    return std::span(vectors).subspan(i * 384, 384);
  }

  static std::unique_ptr<ScratchFolder> folder_;
  static std::unique_ptr<Embedder> embedder_;
};
std::unique_ptr<ScratchFolder> LlamaEmbedderTest::folder_;
std::unique_ptr<Embedder> LlamaEmbedderTest::embedder_;

TEST_F(LlamaEmbedderTest, TheImportedModelSaysWhatItIs) {
  EXPECT_EQ(embedder_->dimension(), 384u);
  EXPECT_EQ(embedder_->fingerprint(), "multilingual-e5-small@1571fc98/mean/query: |passage: ");
}

TEST_F(LlamaEmbedderTest, RowsHaveLengthOne) {
  const auto vectors = embed({"짧은 글", "a short text", ""}, TextRole::passage);
  ASSERT_EQ(vectors.size(), 3 * 384u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(dot(row(vectors, i), row(vectors, i)), 1, 1e-5);
}

TEST_F(LlamaEmbedderTest, AQuestionLiesNearerToItsAnswerThanToOthersInBothLanguages) {
  const auto questions = embed(
      {"김치찌개는 얼마나 끓여야 하나요?", "How do I water a cactus in winter?"}, TextRole::query);
  const auto passages = embed({"김치찌개는 중불에서 이십 분쯤 푹 끓이면 맛이 깊어진다.",
                               "In the cold months a cactus needs hardly any water: once a month.",
                               "회의는 다음 주 화요일 오후 세 시로 옮겼다.",
                               "The train to Busan leaves from platform nine."},
                              TextRole::passage);
  for (std::size_t q = 0; q < 2; ++q) {
    for (std::size_t p = 0; p < 4; ++p) {
      if (p == q) continue;
      EXPECT_GT(dot(row(questions, q), row(passages, q)),
                dot(row(questions, q), row(passages, p)) + 0.03)
          << "question " << q << ", passage " << p;
    }
  }
  // A question finds its answer in the other language among others in that language.
  const auto crossing = embed({"선인장은 겨울에 물을 얼마나 줘야 하나요?"}, TextRole::query);
  EXPECT_GT(dot(crossing, row(passages, 1)), dot(crossing, row(passages, 3)));
}

TEST_F(LlamaEmbedderTest, ABatchGivesWhatSingleTextsGiveInTheirOrder) {
  std::vector<std::string> texts;
  for (int i = 0; i < 12; ++i) {
    std::string text;
    for (int k = 0; k <= (i * 7) % 8; ++k) text += "문장 " + std::to_string(i * k) + " is here. ";
    texts.push_back(text);
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto batch = embed(views, TextRole::passage);
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto single = embed({views[i]}, TextRole::passage);
    EXPECT_NEAR(dot(single, row(batch, i)), 1, 1e-3) << views[i];
  }
  EXPECT_EQ(batch, embed(views, TextRole::passage));
}

TEST_F(LlamaEmbedderTest, TokensAreCountedAndALongTextIsCutAtTheModelsLimit) {
  const auto few = embedder_->count_tokens("안녕하세요", {});
  ASSERT_TRUE(few) << few.error().message;
  EXPECT_GE(*few, 3u);
  EXPECT_LE(*few, 8u);
  std::string text;
  while (text.size() < 4000) text += "바다가 보이는 창가에 앉아 커피를 마셨다. ";
  EXPECT_GT(embedder_->count_tokens(text, {}).value(), 512u);
  const auto cut = embed({text, text + " 그리고 전혀 다른 이야기."}, TextRole::passage);
  EXPECT_NEAR(dot(row(cut, 0), row(cut, 1)), 1, 1e-6);
}

TEST_F(LlamaEmbedderTest, CompatibilityFormsAreReadAsPlainOnes) {
  const auto vectors = embed({"ＡＢＣ 회의 ②", "ABC 회의 2"}, TextRole::passage);
  EXPECT_NEAR(dot(row(vectors, 0), row(vectors, 1)), 1, 1e-6);
}

TEST_F(LlamaEmbedderTest, AStopIsObeyedWithin200Ms) {
  std::string text;
  while (text.size() < 6000) text += "길고 긴 글을 여러 번 읽게 하면 시간이 걸린다. ";
  const std::vector<std::string_view> views(kEmbedBatchMax, text);
  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    asked = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  const auto vectors =
      embedder_->embed(views, TextRole::passage, {.stop = stop.get_token(), .deadline = {}});
  const auto took = std::chrono::steady_clock::now() - asked;
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().code, ErrorCode::cancelled);
  EXPECT_LT(took, std::chrono::milliseconds(250));  // 200, and the scheduler.
  EXPECT_EQ(embed({"다음 일은 그대로 된다"}, TextRole::query).size(), 384u);
}

TEST_F(LlamaEmbedderTest, APassedDeadlineIsItsOwnError) {
  const auto vectors = embedder_->embed(std::vector<std::string_view>{"글"}, TextRole::query,
                                        {.stop = {}, .deadline = std::chrono::steady_clock::now()});
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().code, ErrorCode::deadline_exceeded);
}

}  // namespace
}  // namespace saerok
#endif
