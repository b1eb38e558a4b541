// The board at the command line: runs side by side, notes, the page, and runs that leave and come
// back as files.

#include <gtest/gtest.h>

#include "cli_program.h"

namespace saerok {
namespace {

class CliBoard : public testing::Test {
 protected:
  void SetUp() override {
    home_.write("quiz/notes/tea.md", "# Tea\n\nGreen tea is steeped at 80 degrees.\n");
    home_.write("quiz/notes/boiler.md", "# Boiler\n\nThe boiler is serviced every October.\n");
    home_.write("quiz/notes/차.md", "# 홍차\n\n홍차는 100도에서 우린다.\n");
    home_.write("quiz/queries.jsonl",
                "{\"_id\":\"a\",\"text\":\"when is the boiler serviced\"}\n"
                "{\"_id\":\"b\",\"text\":\"홍차는 몇 도에서 우리나\"}\n");
    home_.write("quiz/qrels.tsv", "query-id\tcorpus-id\tscore\na\tboiler.md\t1\nb\t차.md\t1\n");
    home_.write("quiz/dataset.json", "{\"name\":\"quiz\",\"corpus\":\"notes\"}");
    first_ = run_with({});
  }

  std::string run_with(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"lab", "run", "quiz", "--set", "search.mode=lexical"};
    words.insert(words.end(), more.begin(), more.end());
    return home_.ask_json(words)["run"].get<std::string>();
  }
  Json board(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"lab", "board"};
    words.insert(words.end(), more.begin(), more.end());
    Json document = home_.ask_json(words);
    expect_valid(document, "lab_board");
    return document;
  }

  Home home_;
  std::string first_;
};

TEST_F(CliBoard, EveryRunStandsBesideTheOthers) {
  const std::string second = run_with({"--set", "search.bm25.k1=2", "--note", "저울을 바꿈"});
  const Json document = board({"--sort", "run"});
  ASSERT_EQ(document["runs"].size(), 2u);
  const Json& run = document["runs"][1];
  EXPECT_EQ(run["run"], second);
  EXPECT_EQ(run["dataset"], "quiz");
  EXPECT_EQ(run["questions"], 2);
  EXPECT_EQ(run["differences"]["search.bm25.k1"], "2");
  EXPECT_TRUE(run["is_complete"].get<bool>());
  ASSERT_EQ(run["notes"].size(), 1u);
  EXPECT_EQ(run["notes"][0]["text"], "저울을 바꿈");
  EXPECT_EQ(document["runs"][0]["run"], first_);
  EXPECT_TRUE(document["runs"][0]["is_on_frontier"].get<bool>() ||
              run["is_on_frontier"].get<bool>());

  const Outcome table = home_.run({"lab", "board", "quiz"});
  EXPECT_EQ(table.status, 0) << table.err;
  for (const std::string& part : {first_, second, std::string("ndcg@10"),
                                  std::string("search.bm25.k1=2"), std::string("저울을 바꿈")}) {
    EXPECT_NE(table.out.find(part), std::string::npos) << part << '\n' << table.out;
  }
}

TEST_F(CliBoard, MetricsAndOrderAreThoseAskedFor) {
  const Json document = board({"--metric", "recall@10", "--metric", "map", "--sort", "p50"});
  EXPECT_EQ(document["metrics"], Json::array({"recall@10", "map"}));
  EXPECT_EQ(document["quality"], "recall@10");
  EXPECT_NE(home_.ask_error({"lab", "board", "--sort", "p5"}, 2).find("did you mean p50?"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "board", "--metric", "fame"}, 2).find("fame"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "board", "quizz"}, 3).find("did you mean quiz?"),
            std::string::npos);
}

TEST_F(CliBoard, ThePageStandsByItself) {
  home_.ask_json({"lab", "note", first_, "first try <b>failed</b>"});
  board({"--html", "board.html"});
  const std::string page = read_file(home_.path("board.html"));
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_NE(page.find(first_), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("first try &lt;b&gt;failed&lt;/b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "board", "--html", "quiz"}, 2).find("folder"),
            std::string::npos);
}

TEST_F(CliBoard, NotesStayInOrderWithTheirRun) {
  home_.ask_json({"lab", "note", first_, "worse", "than", "expected"});
  const Json noted = home_.ask_json({"lab", "note", first_, "색인을 다시 만듦"});
  expect_valid(noted, "lab_board");
  ASSERT_EQ(noted["notes"].size(), 2u);
  EXPECT_EQ(noted["notes"][0]["text"], "worse than expected");
  EXPECT_EQ(board()["runs"][0]["notes"], noted["notes"]);
  EXPECT_NE(home_.ask_error({"lab", "note", "quiz-9", "?"}, 3).find("quiz-9"), std::string::npos);
  home_.ask_error({"lab", "note", first_, "  "}, 2);
}

TEST_F(CliBoard, ARunLeavesAndComesBack) {
  home_.ask_json({"lab", "note", first_, "to share"});
  const Json before = board()["runs"][0];
  expect_valid(home_.ask_json({"lab", "export", first_, "run.json"}), "lab_board");
  EXPECT_EQ(read_file(home_.path("run.json")).find(home_.path("").string()), std::string::npos);

  const Json copied = home_.ask_json({"lab", "import", "run.json"});
  expect_valid(copied, "lab_board");
  EXPECT_NE(copied["run"], first_);
  const Json taken = home_.ask_json({"lab", "import", "run.json", "--lab", "theirs"});
  EXPECT_EQ(taken["run"], first_);
  EXPECT_EQ(board({"--lab", "theirs"})["runs"], Json::array({before}));

  home_.write("bad.json", "{\"format\":\"saerok-run\",\"version\":1}");
  EXPECT_NE(home_.ask_error({"lab", "import", "bad.json"}, 2).find("bad.json"), std::string::npos);
  home_.ask_error({"lab", "import", "absent.json"}, 3);
  EXPECT_EQ(board()["runs"].size(), 2u);
}

TEST(CliBoardEmpty, ALabWithoutRunsIsNoError) {
  const Home home;
  const Json document = home.ask_json({"lab", "board"});
  expect_valid(document, "lab_board");
  EXPECT_TRUE(document["runs"].empty());
  EXPECT_NE(home.run({"lab", "board"}).out.find("No runs"), std::string::npos);
}

}  // namespace
}  // namespace saerok
