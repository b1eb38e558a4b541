#include "models/kept_prompts.h"

#include <gtest/gtest.h>

#include <numeric>

namespace saerok {
namespace {

using Tokens = std::vector<std::int32_t>;

/// `count` tokens from `first` on.
Tokens run(std::int32_t first, std::size_t count) {
  Tokens tokens(count);
  std::iota(tokens.begin(), tokens.end(), first);
  return tokens;
}

/// Reads a prompt, as the model does: the chosen sequence holds it then. Returns what was kept.
std::size_t read(KeptPrompts& kept, const Tokens& prompt) {
  const KeptPrompts::Choice choice = kept.choose(prompt);
  EXPECT_LT(choice.same, prompt.size());
  kept.held(choice.sequence) = prompt;
  return choice.same;
}

TEST(KeptPrompts, AConversationIsKeptWhateverStepsComeBetween) {
  KeptPrompts kept(2);
  EXPECT_EQ(read(kept, run(1'000, 400)), 0u);
  for (const std::int32_t step : {5'000, 6'000, 7'000}) EXPECT_EQ(read(kept, run(step, 60)), 0u);
  EXPECT_EQ(read(kept, run(1'000, 700)), 400u);
  EXPECT_EQ(read(kept, run(8'000, 60)), 0u);
  EXPECT_EQ(read(kept, run(1'000, 900)), 700u);
}

TEST(KeptPrompts, WithOneSequenceAStepInBetweenForgets) {
  KeptPrompts kept(1);
  read(kept, run(1'000, 400));
  read(kept, run(5'000, 60));
  EXPECT_EQ(read(kept, run(1'000, 700)), 0u);
}

TEST(KeptPrompts, TheWordsOfATemplateAreNoReasonToGiveAConversationUp) {
  KeptPrompts kept(2);
  Tokens conversation = run(1'000, 400), step = run(1'000, 8);
  const Tokens rest = run(5'000, 60);
  step.insert(step.end(), rest.begin(), rest.end());
  read(kept, conversation);
  read(kept, step);
  EXPECT_EQ(read(kept, run(1'000, 500)), 400u);
}

TEST(KeptPrompts, TheLastTokenIsReadAnew) {
  KeptPrompts kept(2);
  read(kept, run(1'000, 40));
  EXPECT_EQ(read(kept, run(1'000, 40)), 39u);
}

TEST(KeptPrompts, AConversationThatEndedGivesWay) {
  KeptPrompts kept(2);
  read(kept, run(1'000, 900));
  read(kept, run(2'000, 300));
  for (std::uint64_t i = 0; i < KeptPrompts::kForgottenAfter; ++i) {
    const auto turn = static_cast<std::size_t>(i);
    EXPECT_EQ(read(kept, run(2'000, 310 + turn)), 300 + turn + (turn > 0 ? 9 : 0));
  }
  read(kept, run(9'000, 50));
  EXPECT_EQ(read(kept, run(2'000, 400)), 325u) << "the step took the place of the other one";
  EXPECT_EQ(read(kept, run(1'000, 950)), 0u);
}

}  // namespace
}  // namespace saerok
