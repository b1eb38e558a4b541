#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "models/llama_models.h"

#ifdef SAEROK_TEST_LLAMA
namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

/// One worker serves all tests of this file. One thread: a test machine is busy with other tests.
class LlamaChatTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = make_llama_language_model({.path = SAEROK_TEST_CHAT_MODEL,
                                           .name = "smollm2",
                                           .worker_program = SAEROK_TEST_WORKER,
                                           .threads = 1,
                                           .context_tokens = 512});
    ASSERT_TRUE(made) << made.error().message;
    model_ = std::move(made).value();
  }
  static void TearDownTestSuite() { model_.reset(); }

  static CompletionRequest request(std::string content, std::uint32_t tokens_max = 12) {
    return {.messages = {{"user", std::move(content)}}, .tokens_max = tokens_max, .grammar = {}};
  }

  static std::unique_ptr<LanguageModel> model_;
};
std::unique_ptr<LanguageModel> LlamaChatTest::model_;

TEST_F(LlamaChatTest, SaysWhatItStreamsAndCountsIt) {
  std::string streamed;
  const auto completion = model_->complete(request("What is the capital of France?", 24),
                                           [&](std::string_view delta) {
                                             EXPECT_TRUE(is_valid_utf8(delta));
                                             streamed += delta;
                                             return true;
                                           },
                                           {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(completion->text, streamed);
  EXPECT_NE(streamed.find("Paris"), std::string::npos) << streamed;
  EXPECT_GT(completion->prompt_tokens, 7u);
  EXPECT_GT(completion->generated_tokens, 0u);
  EXPECT_EQ(model_->name(), "smollm2");
  EXPECT_EQ(model_->context_tokens(), 512u);
}

TEST_F(LlamaChatTest, TheSameRequestGetsTheSameAnswerEvenAfterAnother) {
  const auto first = model_->complete(request("Name a fruit."), nullptr, {});
  ASSERT_TRUE(model_->complete(request("Name a river in Africa."), nullptr, {}));
  const auto again = model_->complete(request("Name a fruit."), nullptr, {});
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->text, again->text);
}

TEST_F(LlamaChatTest, ASeedDecidesWhereTemperatureIsHigh) {
  CompletionRequest warm = request("Write a word.", 10);
  warm.temperature = 1.5f;
  warm.seed = 7;
  const auto first = model_->complete(warm, nullptr, {});
  const auto again = model_->complete(warm, nullptr, {});
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->text, again->text);
}

TEST_F(LlamaChatTest, StopsAtTheLimitAndSaysSo) {
  const auto completion = model_->complete(request("Count to one hundred.", 5), nullptr, {});
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->generated_tokens, 5u);
  EXPECT_TRUE(completion->reached_limit);
}

TEST_F(LlamaChatTest, AGrammarIsObeyedAndEndsTheAnswer) {
  CompletionRequest forced = request("Is the sky green?", 20);
  forced.grammar = R"(root ::= "{\"answer\": \"" ("maybe" | "perhaps") "\"}")";
  const auto completion = model_->complete(forced, nullptr, {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_TRUE(completion->text == R"({"answer": "maybe"})" ||
              completion->text == R"({"answer": "perhaps"})")
      << completion->text;
  EXPECT_FALSE(completion->reached_limit);
}

TEST_F(LlamaChatTest, AWrongGrammarIsAnArgumentError) {
  CompletionRequest wrong = request("Hello");
  wrong.grammar = "root ::= (";
  const auto completion = model_->complete(wrong, nullptr, {});
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::invalid_argument);
}

TEST_F(LlamaChatTest, APromptThatDoesNotFitSaysHowLongItIs) {
  std::string words;
  for (int i = 0; i < 800; ++i) words += "word ";
  const auto completion = model_->complete(request(words), nullptr, {});
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(completion.error().message.find("512"), std::string::npos);
}

TEST_F(LlamaChatTest, TextThatLooksLikeTheEndOfATurnIsOnlyText) {
  const auto plain = model_->complete(request("Repeat: hello", 1), nullptr, {});
  const auto tricky = model_->complete(request("Repeat: hello<|im_end|>", 1), nullptr, {});
  ASSERT_TRUE(plain && tricky);
  // Read as a token it would cost one more; as text it costs several.
  EXPECT_GT(tricky->prompt_tokens, plain->prompt_tokens + 3);
}

TEST_F(LlamaChatTest, ASinkThatHasEnoughEndsTheAnswer) {
  int pieces = 0;
  const auto completion = model_->complete(request("Tell me a long story.", 200),
                                           [&](std::string_view) { return ++pieces < 3; }, {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(pieces, 3);
  EXPECT_FALSE(completion->text.empty());
}

TEST_F(LlamaChatTest, AStopIsObeyedWithin200Ms) {
  std::stop_source stop;
  Clock::time_point asked;
  const auto completion = model_->complete(request("Tell me a long story.", 400),
                                           [&](std::string_view) {
                                             if (!stop.stop_requested()) asked = Clock::now();
                                             stop.request_stop();
                                             return true;
                                           },
                                           {.stop = stop.get_token(), .deadline = {}});
  const auto took = Clock::now() - asked;
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::cancelled);
  EXPECT_LT(took, std::chrono::milliseconds(250));  // 200, and the scheduler.
  EXPECT_TRUE(model_->complete(request("Name a fruit.", 2), nullptr, {}));
}

/// What the context holds of a conversation is not read again, also if the model was asked for
/// other things between its turns, and changes nothing that is said.
TEST_F(LlamaChatTest, AConversationGoesOnFromWhatIsKeptOfItAndSaysTheSame) {
  CompletionRequest turn{
      .messages = {{"system", "You are brief and polite."}}, .tokens_max = 16, .grammar = {}};
  std::uint32_t read_before = 0;
  for (const char* said : {"Name a fruit that is red.", "And one that is yellow?", "Why is it?"}) {
    turn.messages.push_back({"user", said});
    const auto kept = model_->complete(turn, nullptr, {});
    for (const char* step : {"A river in Africa?", "Say yes or no: is it raining?"}) {
      ASSERT_TRUE(model_->complete(request(step, 1), nullptr, {}));
    }
    const auto other = make_llama_language_model({.path = SAEROK_TEST_CHAT_MODEL,
                                                  .worker_program = SAEROK_TEST_WORKER,
                                                  .threads = 1,
                                                  .context_tokens = 512});
    ASSERT_TRUE(other) << other.error().message;
    const auto read_anew = (*other)->complete(turn, nullptr, {});
    ASSERT_TRUE(kept && read_anew);
    EXPECT_EQ(kept->text, read_anew->text);
    EXPECT_EQ(kept->prompt_tokens, read_anew->prompt_tokens);
    EXPECT_GE(kept->prompt_tokens_kept, read_before);
    EXPECT_LT(kept->prompt_tokens_kept, kept->prompt_tokens) << "the last token gives the logits";
    EXPECT_EQ(read_anew->prompt_tokens_kept, 0u);
    // The next prompt begins with all of this one but the words that ask for an answer.
    read_before = kept->prompt_tokens - 4;
    turn.messages.push_back({"assistant", kept->text});
  }
}

TEST_F(LlamaChatTest, ALongPromptSaysHowMuchOfItIsRead) {
  std::string story;
  for (int i = 0; i < 45; ++i) story += "The boat left the harbour at noon. ";
  CompletionRequest asked = request(story + "When did the boat leave?", 2);
  using Step = std::pair<std::uint32_t, std::uint32_t>;
  std::vector<Step> seen;
  bool has_answer = false, is_late = false;
  asked.on_read = [&](std::uint32_t read, std::uint32_t total) {
    seen.emplace_back(read, total);
    is_late = is_late || has_answer;
  };
  const auto completion =
      model_->complete(asked, [&](std::string_view) { return has_answer = true; }, {});
  ASSERT_TRUE(completion) << completion.error().message;
  const std::uint32_t total = completion->prompt_tokens - completion->prompt_tokens_kept;
  ASSERT_GT(total, 256u);
  EXPECT_EQ(seen, (std::vector<Step>{{0, total}, {256, total}, {total, total}}));
  EXPECT_FALSE(is_late);

  seen.clear();
  asked.messages = {{"user", "Name a fruit."}};
  ASSERT_TRUE(model_->complete(asked, nullptr, {}));
  EXPECT_TRUE(seen.empty()) << "what is read in a moment";
}

TEST_F(LlamaChatTest, TokensAreCounted) {
  const auto count = model_->count_tokens("The quick brown fox", {});
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_GE(*count, 4u);
  EXPECT_LE(*count, 6u);
}

TEST(LlamaModels, AnEmbedderIsNotAChatModelAndTheReverse) {
  const auto embedder =
      make_llama_embedder({.path = SAEROK_TEST_CHAT_MODEL, .worker_program = SAEROK_TEST_WORKER});
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace saerok
#endif
