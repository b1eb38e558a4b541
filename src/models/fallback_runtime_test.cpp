// A runtime that fails while it serves: another takes over, and it is said.

#include "models/fallback_runtime.h"

#include <gtest/gtest.h>

#include "models/encoder_graph.h"
#include "models/encoder_runtime.h"
#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"

namespace saerok {
namespace {

/// Answers with its name's length, so often as it is told to; then fails.
class FragileRuntime final : public ModelRuntime {
 public:
  FragileRuntime(std::string name, int answers, ErrorCode code = ErrorCode::unavailable)
      : name_(std::move(name)), answers_(answers), code_(code) {}
  LoadedModel facts() const override {
    return {.dimension = 1, .context_tokens = 1, .runtime = name_};
  }
  Result<EmbeddedTexts> embed(const std::vector<std::string>& texts) override {
    if (answers_-- <= 0) return Error{code_, "the graph does not compile"};
    EmbeddedTexts embedded;
    embedded.dimension = 1;
    embedded.vectors.assign(texts.size(), static_cast<float>(name_.size()));
    return embedded;
  }
  Result<std::uint64_t> count_tokens(const std::string&) override { return std::uint64_t{1}; }
  Result<Completion> complete(const CompletionRequest&, const TextSink&) override {
    return Completion{};
  }

 private:
  std::string name_;
  int answers_;
  ErrorCode code_;
};

MakeRuntime making(const std::string& name, int& made) {
  return [&made, name]() -> Result<std::unique_ptr<ModelRuntime>> {
    ++made;
    return std::unique_ptr<ModelRuntime>(std::make_unique<FragileRuntime>(name, 100));
  };
}

TEST(FallbackRuntime, TheOtherAnswersWhatTheFirstCouldNotAndAllAfter) {
  int made = 0;
  const auto runtime =
      make_fallback_runtime(std::make_unique<FragileRuntime>("fast", 1), making("other", made));
  const auto first = runtime->embed({"a question"});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->vectors.front(), 4);
  EXPECT_EQ(first->remark, "");
  for (int i = 0; i < 2; ++i) {
    const auto later = runtime->embed({"a", "b"});
    ASSERT_TRUE(later) << later.error().message;
    EXPECT_EQ(later->vectors, (std::vector<float>{5, 5}));
    EXPECT_NE(later->remark.find("the graph does not compile"), std::string::npos);
    EXPECT_NE(later->remark.find("models.embed_with"), std::string::npos);
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(runtime->facts().runtime, "other");
}

TEST(FallbackRuntime, AStopIsNoFailure) {
  int made = 0;
  const auto runtime = make_fallback_runtime(
      std::make_unique<FragileRuntime>("fast", 0, ErrorCode::cancelled), making("other", made));
  EXPECT_EQ(runtime->embed({"a"}).error().code, ErrorCode::cancelled);
  EXPECT_EQ(made, 0);
}

TEST(FallbackRuntime, WhereTheOtherCannotBeHadTheFirstReasonIsGiven) {
  int tries = 0;
  const auto runtime = make_fallback_runtime(
      std::make_unique<FragileRuntime>("fast", 0), [&]() -> Result<std::unique_ptr<ModelRuntime>> {
        ++tries;
        return Error{ErrorCode::failed_precondition, "there is no llama.cpp"};
      });
  for (int i = 0; i < 2; ++i) {
    const auto failed = runtime->embed({"a"});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "the graph does not compile");
  }
  EXPECT_EQ(tries, 1);
}

#ifdef SAEROK_TEST_LLAMA

Result<std::unique_ptr<EncoderGraph>> fail_to_compile(const EncoderGraphRequest&) {
  return Error{ErrorCode::unavailable, "OpenVINO could not build the embedder: injected"};
}
const EncoderModule kBroken{.describe = [] { return std::string("Broken 1"); },
                            .choose = [] { return EncoderPrecision::f32; },
                            .eligible = [] { return std::vector{EncoderPrecision::f32}; },
                            .make_graph = fail_to_compile};

std::vector<float> vectors_of(ModelRuntime& runtime, const std::string& text, std::string& remark) {
  auto embedded = runtime.embed({text});
  EXPECT_TRUE(embedded) << embedded.error().message;
  if (!embedded) return {};
  remark = embedded->remark;
  return std::move(embedded->vectors);
}

TEST(LoadRuntime, InAutomaticModeAGraphThatDoesNotCompileLeavesTheWorkToLlama) {
  const ScratchFolder folder;
  LoadRequest request{.path = folder.path("tiny.gguf"), .task = WorkerTask::embed, .threads = 1};
  ASSERT_TRUE(write_tiny_encoder(request.path, 1));
  const auto go_on = [] { return false; };
  auto runtime = load_runtime(request, go_on, &kBroken);
  ASSERT_TRUE(runtime) << runtime.error().message;
  std::string remark;
  // The first question may be answered without the graph; what comes then needs it.
  vectors_of(**runtime, "the water", remark);
  const auto vectors = vectors_of(**runtime, "ROOM 12", remark);
  EXPECT_NE(remark.find("injected"), std::string::npos) << remark;
  request.embed_with = EmbedWith::llama;
  auto llama = load_runtime(request, go_on);
  ASSERT_TRUE(llama) << llama.error().message;
  std::string none;
  EXPECT_EQ(vectors, vectors_of(**llama, "ROOM 12", none));
  EXPECT_EQ(none, "");
}

TEST(LoadRuntime, APrecisionThatWasAskedForIsNotReplaced) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1));
  const auto runtime = load_runtime(
      {.path = folder.path("tiny.gguf"),
       .task = WorkerTask::embed,
       .threads = 1,
       .embed_with = EmbedWith::f32},
      [] { return false; }, &kBroken);
  ASSERT_FALSE(runtime);
  EXPECT_NE(runtime.error().message.find("injected"), std::string::npos);
}

#endif

}  // namespace
}  // namespace saerok
