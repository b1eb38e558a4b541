// Labels of one's own: judged on a terminal or by rank, listed, taken back, exported and scored on.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/posix_env.h"
#include "cli_program.h"
#include "storage/open_storage.h"

namespace saerok {
namespace {

class CliLabel : public testing::Test {
 protected:
  void SetUp() override {
    home_.write("notes/차.md", "# 차\n\n녹차는 80도에서 2분 우린다.\n\n홍차는 100도에서 우린다.\n");
    home_.write("notes/boiler.md", "# Boiler\n\nThe boiler is serviced every October.\n");
    home_.write("notes/tea.md", "# Tea\n\nThe boiler must not heat the tea water.\n");
    home_.ask_json({"index", home_.path("notes").string()});
  }

  Json labels() const {
    const Json listed = home_.ask_json({"lab", "label", "list"});
    expect_valid(listed, "lab_label");
    return listed["labels"];
  }

  /// What the program shows on a terminal whose keyboard says `typed`, and its exit status.
  Outcome run_on_terminal(const std::vector<std::string>& words, const std::string& typed) const;

  Home home_;
};

Outcome CliLabel::run_on_terminal(const std::vector<std::string>& words,
                                  const std::string& typed) const {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  EXPECT_EQ(grantpt(terminal), 0);
  EXPECT_EQ(unlockpt(terminal), 0);
  const std::string name = ptsname(terminal);
  const std::string variable = "HOME=" + home_.path("").string();
  std::vector<std::string> arguments = {SAEROK_PROGRAM};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  for (std::string& word : arguments) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int program_end = open(name.c_str(), O_RDWR | O_NOCTTY);
  EXPECT_GE(program_end, 0);
  const pid_t child = fork();
  if (child == 0) {
    for (const int stream : {0, 1, 2}) dup2(program_end, stream);
    char* environment[] = {const_cast<char*>(variable.c_str()), nullptr};
    execve(SAEROK_PROGRAM, pointers.data(), environment);
    _exit(127);
  }
  close(program_end);
  EXPECT_EQ(write(terminal, typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
  Outcome outcome;
  char buffer[4096];
  // Reading fails once the program's end is closed.
  for (ssize_t count = 0; (count = read(terminal, buffer, sizeof buffer)) > 0;) {
    outcome.out.append(buffer, static_cast<std::size_t>(count));
  }
  close(terminal);
  int state = 0;
  EXPECT_EQ(waitpid(child, &state, 0), child);
  outcome.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  return outcome;
}

TEST_F(CliLabel, RanksBecomeLabelsOfTheirPassages) {
  const Json hits = home_.ask_json({"search", "boiler"})["hits"];
  ASSERT_EQ(hits.size(), 2u);
  const Json added =
      home_.ask_json({"lab", "label", "boiler", "--right", "1", "--wrong", "2", "-k", "5"});
  expect_valid(added, "lab_label");
  EXPECT_EQ(added["question"], "boiler");
  ASSERT_EQ(added["labels"].size(), 2u);
  EXPECT_EQ(added["labels"], labels());
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& label = added["labels"][i];
    EXPECT_EQ(label["grade"], i == 0 ? 1 : 0);
    EXPECT_EQ(label["document_id"], hits[i]["document_id"]);
    EXPECT_EQ(label["path"], hits[i]["path"]);
    EXPECT_EQ(label["root"], hits[i]["root"]);
    EXPECT_EQ(label["bytes"], hits[i]["bytes"]);
    EXPECT_EQ(label["quote"], hits[i]["snippet"]);
    EXPECT_GT(label["created_s"], 1'600'000'000);
  }
}

TEST_F(CliLabel, SeveralRanksAndWordsAreTaken) {
  const std::vector<std::string> words = {"lab", "label", "the", "boiler", "--right"};
  for (const std::vector<std::string>& ranks :
       {std::vector<std::string>{"1,2"}, std::vector<std::string>{"1", "2"}}) {
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.end(), ranks.begin(), ranks.end());
    const Json added = home_.ask_json(arguments);
    EXPECT_EQ(added["question"], "the boiler");
    EXPECT_EQ(added["labels"].size(), 2u);
  }
}

TEST_F(CliLabel, RanksAreThoseOfTheFilteredSearch) {
  const Json added = home_.ask_json(
      {"lab", "label", "boiler", "--filter", "path:tea*", "-k", "1", "--right", "1"});
  ASSERT_EQ(added["labels"].size(), 1u);
  EXPECT_EQ(added["labels"][0]["path"], "tea.md");
}

TEST_F(CliLabel, OnATerminalItShowsTheHitsAndAsks) {
  const Outcome outcome = run_on_terminal({"lab", "label", "boiler"}, "1 7\nboth\n1 -1\n1 -2\n");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  for (const char* part : {"serviced every October", "Which are right", "there is no hit 7",
                           "\"both\" is no number", "both right and wrong"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << '\n' << outcome.out;
  }
  const Json stored = labels();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0]["grade"], 1);
  EXPECT_EQ(stored[1]["grade"], 0);
  EXPECT_NE(stored[0]["path"], stored[1]["path"]);
}

TEST_F(CliLabel, AnEmptyAnswerOnATerminalAddsNone) {
  const Outcome outcome = run_on_terminal({"lab", "label", "boiler"}, "\n");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_NE(outcome.out.find("No label was added"), std::string::npos) << outcome.out;
  EXPECT_TRUE(labels().empty());
}

TEST_F(CliLabel, WhatCannotBeJudgedIsASentence) {
  EXPECT_NE(home_.ask_error({"lab", "label", "boiler"}, 2).find("--right"), std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "label"}, 2).find("give a question"), std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "label", "boiler", "--right", "9"}, 2).find("no hit 9"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "label", "boiler", "--right", "1", "--wrong", "1"}, 2)
                .find("both right and wrong"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "label", "list", "--right", "1"}, 2).find("--right"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "label", "list", "--collection", "absent"}, 3).find("absent"),
            std::string::npos);
  EXPECT_TRUE(labels().empty());
}

TEST_F(CliLabel, ALabelIsTakenBackOnce) {
  home_.ask_json({"lab", "label", "boiler", "--right", "1", "--wrong", "2"});
  const std::string id = labels()[0]["id"].dump();
  const Json removed = home_.ask_json({"lab", "label", "remove", id});
  expect_valid(removed, "lab_label");
  EXPECT_EQ(removed["removed"].dump(), id);
  EXPECT_EQ(labels().size(), 1u);
  EXPECT_NE(home_.ask_error({"lab", "label", "remove", id}, 3).find("no label " + id),
            std::string::npos);
}

TEST_F(CliLabel, WhileAnotherProcessWritesItSaysSo) {
  const auto writer =
      open_storage(posix_env(), home_.path(".local/share/saerok").string(), OpenMode::write);
  ASSERT_TRUE(writer) << writer.error().message;
  const std::string message = home_.ask_error({"lab", "label", "boiler", "--right", "1"}, 4);
  EXPECT_NE(message.find("wait for it to end"), std::string::npos) << message;
}

TEST_F(CliLabel, LabelsOutliveIndexingAnewAndAMove) {
  home_.ask_json({"lab", "label", "녹차는 몇 도에서 우리나?", "--right", "1"});
  home_.ask_json({"index", "--rebuild", home_.path("notes").string()});
  ASSERT_EQ(labels().size(), 1u);
  std::filesystem::rename(home_.path("notes/차.md"), home_.path("notes/마실 것.md"));
  const Json report = home_.ask_json({"index", home_.path("notes").string()});
  EXPECT_EQ(report["files"]["renamed"], 1);
  EXPECT_EQ(labels()[0]["document_id"], "마실 것.md");
}

TEST_F(CliLabel, AnExportIsADatasetOfTheNotes) {
  home_.ask_json({"lab", "label", "boiler", "--right", "1", "--wrong", "2"});
  home_.ask_json({"lab", "label", "녹차는 몇 도에서 우리나?", "--right", "1"});
  const Json exported = home_.ask_json({"lab", "label", "export", "mine", "--name", "my notes"});
  expect_valid(exported, "lab_label");
  EXPECT_EQ(exported["questions"], 2);
  EXPECT_EQ(exported["exported"], 3);
  EXPECT_EQ(exported["corpus"], Json::array({home_.path("notes").string()}));
  const Json dataset = home_.ask_json({"lab", "dataset", "mine"});
  EXPECT_NE(dataset.dump().find("my notes"), std::string::npos) << dataset.dump();
  const Json run = home_.ask_json({"lab", "run", "mine", "--set", "search.mode=lexical"});
  EXPECT_EQ(run["topics"], 2);
  EXPECT_EQ(run["metrics"]["recall@10"], 1.0) << run.dump();
}

TEST_F(CliLabel, ExportTouchesNoFilesOfOthers) {
  home_.ask_json({"lab", "label", "boiler", "--right", "1"});
  const std::string message = home_.ask_error({"lab", "label", "export", "notes"}, 4);
  EXPECT_NE(message.find("name another"), std::string::npos) << message;
  EXPECT_FALSE(std::filesystem::exists(home_.path("notes/qrels.tsv")));
}

}  // namespace
}  // namespace saerok
