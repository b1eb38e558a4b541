// The fast runtime of embedders beside llama.cpp, which is the reference: same texts, same worker.
#include "models/encoder_runtime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "models/encoder_file.h"
#include "models/encoder_tokenizer.h"
#include "models/gguf.h"
#include "models/import_e5.h"
#include "models/llama_models.h"
#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"
#include "saerok/settings_fields.h"

namespace saerok {
namespace {

TEST(EncoderRuntime, AnUnknownArchitectureIsNamedAsTheReason) {
  const ScratchFolder folder;
  GgufWriter writer;
  writer.put_text("general.architecture", "nomic-bert");
  ASSERT_TRUE(writer.write(folder.path("other.gguf")));
  const auto loaded = load_encoder_runtime(
      {.path = folder.path("other.gguf"), .task = WorkerTask::embed}, [] { return false; });
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(loaded.error().message.find("nomic-bert"), std::string::npos);
}

TEST(EncoderRuntime, APrecisionThatCannotBeHadIsAnErrorAndNotAnotherRuntime) {
  const ScratchFolder folder;
  GgufWriter writer;
  writer.put_text("general.architecture", "nomic-bert");
  ASSERT_TRUE(writer.write(folder.path("other.gguf")));
  const auto loaded = load_runtime(
      {.path = folder.path("other.gguf"), .task = WorkerTask::embed, .embed_with = EmbedWith::int8},
      [] { return false; });
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("models.embed_with asks for int8"), std::string::npos)
      << loaded.error().message;
}

TEST(EncoderRuntime, AChangedByteInAnEncodersHeaderNeverCrashesTheLoader) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1));
  std::ifstream in(folder.path("tiny.gguf"), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  ASSERT_TRUE(EncoderFile::open(folder.path("tiny.gguf")));
  std::mt19937_64 random(9);
  for (int i = 0; i < 400; ++i) {
    std::string bad = good;
    for (int k = 0; k < 3; ++k) bad[random() % 12'000] = static_cast<char>(random());
    std::ofstream(folder.path("bad.gguf"), std::ios::binary) << bad;
    const auto file = EncoderFile::open(folder.path("bad.gguf"));
    if (!file) continue;
    std::vector<float> states(file->shape().hidden);
    file->embed(file->shape().vocabulary - 1, file->shape().positions - 1, states);
    const auto tokenizer = make_encoder_tokenizer(file->gguf());
    if (tokenizer) (*tokenizer)->read("The water, emptied. 안녕");
  }
}

TEST(EncoderRuntime, WhereLlamaIsAskedForNothingElseIsOffered) {
  EXPECT_FALSE(describe_encoder_runtime("", EmbedWith::llama));
}

#if defined(SAEROK_TEST_LLAMA) && defined(SAEROK_TEST_OPENVINO)

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

class EncoderRuntimeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    const Status imported = import_e5(SAEROK_TEST_E5, model());
    ASSERT_TRUE(imported) << imported.error().message;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string model() { return folder_->path("e5.gguf"); }

  static std::unique_ptr<Embedder> embedder(EmbedWith with) {
    auto made = make_llama_embedder(
        {.path = model(), .worker_program = SAEROK_TEST_WORKER, .embed_with = with});
    EXPECT_TRUE(made) << made.error().message;
    return std::move(made).value();
  }

  static std::vector<float> embed(const Embedder& embedder, const std::vector<std::string>& texts) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    auto vectors = embedder.embed(views, TextRole::passage, {});
    EXPECT_TRUE(vectors) << vectors.error().message;
    return vectors ? std::move(vectors).value() : std::vector<float>(texts.size() * 384);
  }

  /// Short and long, in both languages, empty, and longer than the model reads.
  static std::vector<std::string> texts() {
    std::vector<std::string> texts{"", "짧은 글", "a short text", "보일러 점검은 언제였지?"};
    std::string text;
    for (int i = 0; i < 60; ++i) {
      text += i % 3 == 0 ? "바다가 보이는 창가에 앉아 커피를 마셨다. "
                         : "Room " + std::to_string(i) + " was empty, 그리고 조용했다. ";
      if (i == 2 || i == 11 || i == 59) texts.push_back(text);
    }
    return texts;
  }

  static std::unique_ptr<ScratchFolder> folder_;
};
std::unique_ptr<ScratchFolder> EncoderRuntimeTest::folder_;

TEST_F(EncoderRuntimeTest, ItsVectorsAreLlamasInEveryPrecision) {
  const auto reference = embed(*embedder(EmbedWith::llama), texts());
  for (const auto& [with, least] : {std::pair{EmbedWith::f32, .9995},
                                    {EmbedWith::bf16, .9995},
                                    {EmbedWith::int8, .999},
                                    {EmbedWith::automatic, .999}}) {
    const auto vectors = embed(*embedder(with), texts());
    ASSERT_EQ(vectors.size(), reference.size());
    double worst = 1;
    for (std::size_t i = 0; i < texts().size(); ++i) {
      const auto row = std::span(vectors).subspan(i * 384, 384);
      EXPECT_NEAR(dot(row, row), 1, 1e-5);
      worst = std::min(worst, dot(row, std::span(reference).subspan(i * 384, 384)));
    }
    EXPECT_GE(worst, least) << kEmbedWithNames[static_cast<std::size_t>(with)];
  }
}

TEST_F(EncoderRuntimeTest, AWordPieceEncoderGivesLlamasVectorsWithMeanAndWithFirstPooling) {
  for (const std::uint32_t pooling : {1u, 2u}) {
    const std::string path = folder_->path("tiny.gguf");
    ASSERT_TRUE(write_tiny_encoder(path, pooling));
    std::vector<float> vectors[2];
    for (const EmbedWith with : {EmbedWith::llama, EmbedWith::f32}) {
      auto made = make_llama_embedder(
          {.path = path, .worker_program = SAEROK_TEST_WORKER, .embed_with = with});
      ASSERT_TRUE(made) << made.error().message;
      const std::vector<std::string_view> texts{"The water, emptied.", "안녕 漢字 room 12", "",
                                                "ROOM"};
      auto embedded = (*made)->embed(texts, TextRole::passage, {});
      ASSERT_TRUE(embedded) << embedded.error().message;
      vectors[with == EmbedWith::f32] = std::move(embedded).value();
    }
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_GE(
          dot(std::span(vectors[0]).subspan(i * 64, 64), std::span(vectors[1]).subspan(i * 64, 64)),
          .9995)
          << i << " with pooling " << pooling;
    }
  }
}

TEST_F(EncoderRuntimeTest, AutomaticIsTheFastRuntimeAndSaysSo) {
  auto runtime = load_runtime({.path = model(), .task = WorkerTask::embed}, [] { return false; });
  ASSERT_TRUE(runtime) << runtime.error().message;
  const auto described = describe_encoder_runtime(model(), EmbedWith::automatic);
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_TRUE(described->starts_with("OpenVINO 20")) << *described;
  EXPECT_EQ((*runtime)->facts().runtime, *described);
}

TEST_F(EncoderRuntimeTest, ABatchGivesWhatSingleTextsGiveInTheirOrder) {
  const auto fast = embedder(EmbedWith::f32);
  const auto batch = embed(*fast, texts());
  for (std::size_t i = 0; i < texts().size(); ++i) {
    const auto single = embed(*fast, {texts()[i]});
    EXPECT_NEAR(dot(single, std::span(batch).subspan(i * 384, 384)), 1, 1e-4) << i;
  }
  EXPECT_EQ(batch, embed(*fast, texts()));
}

TEST_F(EncoderRuntimeTest, TheFirstShortTextOfAProcessGetsTheSameVectorWithoutTheGraph) {
  const std::vector<std::string> question{"보일러 점검은 언제 받았지?"};
  const auto first = embedder(EmbedWith::automatic);
  const auto cold = embed(*first, question);
  const auto warm = embed(*first, question);
  const auto reference = embed(*embedder(EmbedWith::llama), question);
  EXPECT_NE(cold, warm);  // Another arithmetic, or the shortcut was not taken.
  EXPECT_GE(dot(cold, reference), .9999);
  EXPECT_GE(dot(cold, warm), .999);
}

TEST_F(EncoderRuntimeTest, BothRuntimesShareOneFingerprint) {
  EXPECT_EQ(embedder(EmbedWith::llama)->fingerprint(), embedder(EmbedWith::int8)->fingerprint());
}

TEST_F(EncoderRuntimeTest, AStopEndsTheWork) {
  std::string text;
  while (text.size() < 3000) text += "길고 긴 글을 여러 번 읽게 하면 시간이 걸린다. ";
  int asked = 0;
  auto runtime = load_encoder_runtime({.path = model(), .task = WorkerTask::embed, .threads = 1},
                                      [&] { return ++asked > 2; });
  ASSERT_TRUE(runtime) << runtime.error().message;
  const auto stopped = (*runtime)->embed(std::vector<std::string>(64, text));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  EXPECT_LE(asked, 4);
}

#endif

}  // namespace
}  // namespace saerok
