#include "models/memory_fit.h"

#include <gtest/gtest.h>

#include <fstream>

#include "models/scratch_folder.h"

namespace saerok {
namespace {

constexpr std::uint64_t kGiga = 1'000'000'000;

TEST(MemoryFit, AModelLargerThanTheMachineIsRefusedWithBothSizes) {
  const ScratchFolder folder;
  const std::string path = folder.path("big-00001-of-00002.gguf");
  std::ofstream(path) << std::string(3'000, 'x');
  std::ofstream(folder.path("big-00002-of-00002.gguf")) << std::string(3'000, 'x');
  EXPECT_TRUE(check_weights(path, {.total = 6'000}));
  EXPECT_TRUE(check_weights(path, {}));
  const Status refused = check_weights(path, {.total = 5'999});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(refused.error().message.find("saerok model list"), std::string::npos);
}

TEST(MemoryFit, TwoPromptsAreKeptOnlyWhereBothFitIntoWhatIsFree) {
  const ChatMemory model{.weights = 4 * kGiga, .bytes_per_token = 100'000, .tokens = 10'000};
  EXPECT_EQ(*prompts_that_fit(model, {.total = 16 * kGiga, .available = 6 * kGiga}), 2u);
  EXPECT_EQ(*prompts_that_fit(model, {.total = 16 * kGiga, .available = 6 * kGiga - 1}), 1u);
  EXPECT_EQ(*prompts_that_fit(model, {}), 1u);
}

TEST(MemoryFit, APromptThatCannotFitIsRefusedWithTheTokensThatWould) {
  const ChatMemory model{.weights = 4 * kGiga, .bytes_per_token = 100'000, .tokens = 131'072};
  const auto refused = prompts_that_fit(model, {.total = 8 * kGiga, .available = 8 * kGiga});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(refused.error().message.find("models.context_tokens to 40000"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace saerok
