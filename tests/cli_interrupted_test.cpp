// `saerok index` killed at a random moment: what was stored stays, and the next run goes on.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <thread>

#include "cli_program.h"

namespace saerok {
namespace {

constexpr int kKills = 10;
constexpr int kRecordsPerRound = 3'000;
constexpr int kFilesPerRound = 150;

/// A word that only document `number` of round `round` holds.
std::string own_word(int round, int number) {
  return "zq" + std::to_string(round) + "x" + std::to_string(number) + "k";
}

std::string text_of(int round, int number) {
  std::string text = own_word(round, number) + " 기록 " + std::to_string(number) + "번째. ";
  for (int i = 0; i < 60; ++i)
    text += "단어" + std::to_string((number * 31 + i * 17) % 5'000) + (i % 9 == 8 ? ". " : " ");
  return text;
}

/// Something new to index in each round, as notes and as records.
void write_round(const Home& home, int round) {
  const std::string name = "notes/" + std::to_string(round);
  std::string corpus;
  for (int i = 0; i < kRecordsPerRound; ++i) {
    corpus += Json{{"_id", own_word(round, i)}, {"text", text_of(round, i)}}.dump() + "\n";
  }
  home.write(name + "/corpus.jsonl", corpus);
  for (int i = 0; i < kFilesPerRound; ++i) {
    home.write(name + "/" + std::to_string(i) + ".md", text_of(round, kRecordsPerRound + i));
  }
}

/// True if the program was still running when it was killed.
bool index_and_kill(const Home& home, std::chrono::milliseconds after) {
  const pid_t child = home.start({"index", home.path("notes").string(), "--quiet"});
  std::this_thread::sleep_for(after);
  kill(child, SIGKILL);
  int state = 0;
  EXPECT_EQ(waitpid(child, &state, 0), child);
  return WIFSIGNALED(state);
}

std::uint64_t documents_in(const Home& home) {
  const Outcome outcome = home.run({"status", "--json"});
  if (outcome.status == 3) return 0;  // Killed before there was a store.
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto status = parse_json(outcome.out, "standard output");
  if (!status || (*status)["collections"].empty()) return 0;
  return (*status)["collections"][0]["documents"].get<std::uint64_t>();
}

TEST(CliInterrupted, AKilledIndexLosesNothingAndTheNextRunGoesOn) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const Home home;
  int killed = 0;
  std::uint64_t documents = 0;
  for (int round = 0; round < kKills; ++round) {
    write_round(home, round);
    killed += index_and_kill(home, std::chrono::milliseconds(random() % 400)) ? 1 : 0;
    const std::uint64_t now = documents_in(home);
    EXPECT_GE(now, documents) << "round " << round;
    documents = now;
  }
  EXPECT_GT(killed, 0) << "every run was over before it was killed";

  const Json report = home.ask_json({"index", home.path("notes").string()});
  EXPECT_TRUE(report["failed"].empty());
  EXPECT_EQ(documents_in(home), std::uint64_t{kKills} * (kRecordsPerRound + kFilesPerRound));
  EXPECT_EQ(home.ask_json({"index", home.path("notes").string()})["files"]["indexed"], 0);
  EXPECT_TRUE(home.ask_json({"doctor", "--store-check"})["store_check"]["problems"].empty());
  for (int i = 0; i < 40; ++i) {
    const int round = static_cast<int>(random() % kKills);
    const int number = static_cast<int>(random() % (kRecordsPerRound + kFilesPerRound));
    const Json found = home.ask_json({"search", own_word(round, number), "-k", "2"});
    ASSERT_FALSE(found["hits"].empty()) << own_word(round, number);
    EXPECT_NE(found["hits"][0]["snippet"].get<std::string>().find(own_word(round, number)),
              std::string::npos);
  }
}

TEST(CliInterrupted, CtrlCKeepsWhatWasDone) {
  const Home home;
  write_round(home, 0);
  home.ask_json({"index", home.path("notes").string()});
  write_round(home, 1);
  const pid_t child = home.start({"index", home.path("notes").string(), "--quiet"});
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  kill(child, SIGINT);
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  ASSERT_TRUE(WIFEXITED(state)) << "Ctrl-C is answered with an exit status, not a death";
  EXPECT_TRUE(WEXITSTATUS(state) == 130 || WEXITSTATUS(state) == 0) << WEXITSTATUS(state);
  EXPECT_GE(documents_in(home), std::uint64_t{kRecordsPerRound + kFilesPerRound});
  home.ask_json({"index", home.path("notes").string()});
  EXPECT_EQ(documents_in(home), 2u * (kRecordsPerRound + kFilesPerRound));
}

}  // namespace
}  // namespace saerok
