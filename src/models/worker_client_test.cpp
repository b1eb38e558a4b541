#include "models/worker_client.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>

#include "models/gguf.h"
#include "models/scratch_folder.h"

namespace saerok {
namespace {

std::vector<std::byte> one_text(std::string_view text) {
  const std::string_view texts[] = {text};
  return encode(std::span<const std::string_view>(texts));
}

/// A shell script in the worker's place.
std::string script(const ScratchFolder& folder, std::string_view body) {
  std::string path = folder.path("worker");
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

TEST(WorkerClient, AMissingProgramIsASentence) {
  WorkerClient client({.program = "/no/such/saerok", .load = {}});
  const auto answer = client.exchange(FrameType::count, one_text("a"), nullptr, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_NE(answer.error().message.find("/no/such/saerok"), std::string::npos);
}

TEST(WorkerClient, AWorkerThatDiesAtOnceIsTriedTwiceAndQuoted) {
  const ScratchFolder folder;
  WorkerClient client({.program = script(folder, "echo x >>" + folder.path("starts") +
                                                     "; echo out of everything >&2; exit 9"),
                       .load = {.path = "the-model.gguf"}});
  const auto answer = client.exchange(FrameType::count, one_text("a"), nullptr, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  for (const char* part : {"the-model.gguf", "ended with code 9", "out of everything"}) {
    EXPECT_NE(answer.error().message.find(part), std::string::npos) << answer.error().message;
  }
  EXPECT_EQ(std::filesystem::file_size(folder.path("starts")), 4u);
}

TEST(WorkerClient, AWorkerThatTalksNonsenseIsUnavailable) {
  const ScratchFolder folder;
  WorkerClient client(
      {.program = script(folder, "while :; do echo nonsense nonsense; done"), .load = {}});
  const auto answer = client.exchange(FrameType::count, one_text("a"), nullptr, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

TEST(WorkerClient, AWorkerThatNeverAnswersIsLeftAtTheDeadline) {
  const ScratchFolder folder;
  WorkerClient client({.program = script(folder, "exec sleep 60"), .load = {}});
  const auto begin = std::chrono::steady_clock::now();
  const CallContext call{.stop = {}, .deadline = begin + std::chrono::milliseconds(80)};
  const auto answer = client.exchange(FrameType::count, one_text("a"), nullptr, call);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::deadline_exceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(400));
}

#ifdef SAEROK_TEST_LLAMA
TEST(WorkerClient, AKilledWorkerIsReplacedWithinTheCall) {
  WorkerClient client({.program = SAEROK_TEST_WORKER,
                       .load = {.path = SAEROK_TEST_CHAT_MODEL,
                                .task = WorkerTask::chat,
                                .threads = 1,
                                .context_tokens = 64}});
  ASSERT_TRUE(client.exchange(FrameType::count, one_text("a"), nullptr, {}));
  const auto first = client.process();
  ASSERT_TRUE(first);
  kill(*first, SIGKILL);
  const auto answer = client.exchange(FrameType::count, one_text("a b c"), nullptr, {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(decode_number(answer->payload).value(), 3u);
  EXPECT_NE(client.process(), first);
}

TEST(WorkerClient, AWorkerKilledWhileItAnswersIsAnErrorAndTheNextCallWorks) {
  WorkerClient client({.program = SAEROK_TEST_WORKER,
                       .load = {.path = SAEROK_TEST_CHAT_MODEL,
                                .task = WorkerTask::chat,
                                .threads = 1,
                                .context_tokens = 256}});
  const CompletionRequest story{
      .messages = {{"user", "Tell me a story."}}, .tokens_max = 100, .grammar = {}};
  const auto answer = client.exchange(
      FrameType::complete, encode(story),
      [&](const Frame&) { return kill(*client.process(), SIGKILL) == 0 || true; }, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_NE(answer.error().message.find("signal 9"), std::string::npos) << answer.error().message;
  EXPECT_TRUE(client.exchange(FrameType::count, one_text("a"), nullptr, {}));
}

TEST(WorkerClient, AModelThatTheRuntimeRefusesIsASentence) {
  const ScratchFolder folder;
  GgufWriter writer;
  writer.put_text("general.architecture", "bert");
  const std::vector<std::byte> weights(256);
  const std::uint64_t shape[] = {8, 8};
  writer.add_tensor("t", shape, GgufTensorType::f32, weights);
  ASSERT_TRUE(writer.write(folder.path("odd.gguf")));
  WorkerClient client({.program = SAEROK_TEST_WORKER, .load = {.path = folder.path("odd.gguf")}});
  const auto answer = client.exchange(FrameType::count, one_text("a"), nullptr, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_NE(answer.error().message.find("odd.gguf"), std::string::npos);
}
#endif

}  // namespace
}  // namespace saerok
