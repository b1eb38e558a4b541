#include "base/subprocess.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

namespace saerok {
namespace {

using std::chrono::milliseconds;

TEST(RunProcess, GivesOutputErrorsAndCode) {
  const auto output = run_process(
      {.arguments = {"sh", "-c", "cat; echo out; echo err >&2; exit 3"}, .environment = {}}, {});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->standard_output, "out\n");
  EXPECT_EQ(output->standard_error, "err\n");
  EXPECT_EQ(output->end.exit_code, 3);
  EXPECT_EQ(describe(output->end), "ended with code 3");
}

TEST(RunProcess, PassesArgumentsWithoutAShell) {
  const auto output =
      run_process({.arguments = {"printf", "%s|", "a b", "$HOME", "';"}, .environment = {}}, {});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->standard_output, "a b|$HOME|';|");
}

TEST(RunProcess, GivesOnlyTheEnvironmentThatIsNamed) {
  const auto output = run_process({.arguments = {"/usr/bin/env"}, .environment = {{"A=b"}}}, {});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->standard_output, "A=b\n");
}

TEST(RunProcess, AMissingProgramIsASentence) {
  const auto output = run_process({.arguments = {"no-such-program-1"}, .environment = {}}, {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::unavailable);
  EXPECT_NE(output.error().message.find("no-such-program-1"), std::string::npos);
}

TEST(RunProcess, ADeadlineKillsTheChildAndWhatItStarted) {
  const auto begin = std::chrono::steady_clock::now();
  const auto output = run_process({.arguments = {"sh", "-c", "sleep 60 & wait"}, .environment = {}},
                                  {.stop = {}, .deadline = begin + milliseconds(50)});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::deadline_exceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2000));
}

TEST(Subprocess, SpeaksBothWaysAndIsKilledWithItsOwner) {
  pid_t pid = 0;
  {
    auto child = Subprocess::start({.arguments = {"cat"}, .environment = {}});
    ASSERT_TRUE(child) << child.error().message;
    pid = child->pid();
    ASSERT_EQ(send(child->channel(), "hello", 5, MSG_NOSIGNAL), 5);
    pollfd waiting{child->channel(), POLLIN, 0};
    ASSERT_EQ(poll(&waiting, 1, 5000), 1);
    char answer[16] = {};
    EXPECT_EQ(recv(child->channel(), answer, sizeof answer, 0), 5);
    EXPECT_STREQ(answer, "hello");
    EXPECT_FALSE(child->poll_end());
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Subprocess, ASignalAndTheLastWordsAreReported) {
  auto child = Subprocess::start(
      {.arguments = {"sh", "-c", "echo some last words >&2; kill -SEGV $$"}, .environment = {}});
  ASSERT_TRUE(child);
  pollfd waiting{child->channel(), POLLIN, 0};
  poll(&waiting, 1, 5000);
  std::optional<ProcessEnd> end;
  for (int i = 0; i < 500 && !end; ++i) {
    end = child->poll_end();
    poll(nullptr, 0, 2);
  }
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGSEGV);
  EXPECT_NE(describe(*end).find("signal 11"), std::string::npos);
  EXPECT_NE(child->standard_error_tail(100).find("some last words"), std::string::npos);
}

}  // namespace
}  // namespace saerok
