// saerok lab run, ablate and gate as a user meets them.

#include <gtest/gtest.h>

#include "cli_program.h"

namespace saerok {
namespace {

/// A small dataset in the home folder.
class CliLabRun : public testing::Test {
 protected:
  void SetUp() override {
    home_.write("birds/corpus.jsonl",
                R"({"_id": "d1", "title": "Sparrow", "text": "A sparrow nests under tiles."})"
                "\n"
                R"({"_id": "d2", "title": "참새", "text": "참새는 기와 밑에 둥지를 튼다."})"
                "\n"
                R"({"_id": "d3", "title": "Heron", "text": "A heron stands in water."})"
                "\n");
    home_.write("birds/queries.jsonl", R"({"_id": "q1", "text": "Where does a sparrow nest?"})"
                                       "\n"
                                       R"({"_id": "q2", "text": "참새는 어디에 둥지를 트나?"})"
                                       "\n");
    home_.write("birds/qrels.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\n");
  }
  std::string birds() const { return home_.path("birds").string(); }

  Home home_;
};

TEST_F(CliLabRun, ARunIsOneDocumentWithItsFiles) {
  const Json run = home_.ask_json({"lab", "run", birds(), "--set", "mode=lexical"});
  expect_valid(run, "lab_run");
  EXPECT_EQ(run["dataset"], "birds");
  EXPECT_EQ(run["topics"], 2);
  EXPECT_DOUBLE_EQ(run["metrics"]["mrr@10"].get<double>(), 0.5);
  EXPECT_EQ(run["settings"]["search.mode"], "lexical");
  EXPECT_EQ(run["changed"], Json({{"search.mode", "lexical"}}));
  EXPECT_NE(read_file(run["run_file"].get<std::string>()).find("q1 Q0 d1 1 "), std::string::npos);
  EXPECT_NE(read_file(run["per_query"].get<std::string>()).find("\"q2\""), std::string::npos);
}

TEST_F(CliLabRun, QuestionsAndLabelsCanBeGivenInPlaceOfTheFolders) {
  const std::string queries = home_.write("other.jsonl", R"({"_id": "x", "text": "heron"})"
                                                         "\n");
  const std::string qrels = home_.write("other.tsv", "query-id\tcorpus-id\tscore\nx\td3\t1\n");
  const Json run = home_.ask_json({"lab", "run", birds(), "--set", "mode=lexical", "--queries",
                                   queries, "--qrels", qrels, "--metric", "success@1"});
  EXPECT_EQ(run["topics"], 1);
  EXPECT_EQ(run["metrics"], Json({{"success@1", 1.0}}));
}

TEST_F(CliLabRun, NotesCanBeIndexedAfterARun) {
  home_.ask_json({"lab", "run", birds(), "--set", "mode=lexical"});
  home_.write("notes/tea.md", "# Tea\n\nBrew it at 80 degrees.\n");
  const Outcome outcome = home_.run({"index", home_.path("notes").string(), "--quiet"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(CliLabRun, OneQuestionIsNoQuestions) {
  const std::string queries = home_.write("one.jsonl", R"({"_id": "q1", "text": "sparrow"})"
                                                       "\n");
  const std::string qrels = home_.write("one.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n");
  const Outcome outcome = home_.run(
      {"lab", "run", birds(), "--set", "mode=lexical", "--queries", queries, "--qrels", qrels});
  EXPECT_NE(outcome.out.find(": 1 question, 1 label, 3 documents\n"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find(" over 1 question\n"), std::string::npos) << outcome.out;
}

TEST_F(CliLabRun, ConversationsAreDecidedRewrittenAndSearched) {
  const std::string file = home_.write(
      "conversations.jsonl",
      R"({"eval_id": 1, "msg": [{"role": "user", "content": "Where does a sparrow nest?"}]})"
      "\n"
      R"({"eval_id": 2, "msg": [{"role": "user", "content": "안녕하세요! 반가워요"}]})"
      "\n");
  const Json run =
      home_.ask_json({"lab", "run", birds(), "--set", "mode=lexical", "--conversations", file});
  EXPECT_EQ(run["topics"], 2);
  const std::string outcomes = read_file(
      std::filesystem::path(run["run_file"].get<std::string>()).parent_path() / "outcomes.jsonl");
  const std::size_t second = outcomes.find('\n') + 1;
  const Json greeting = Json::parse(outcomes.substr(second, outcomes.find('\n', second) - second));
  EXPECT_EQ(greeting["decision"], "answer");
  EXPECT_TRUE(greeting["hits"].empty());
}

TEST_F(CliLabRun, DecisionsAreKeptWithTheRun) {
  const std::string file =
      home_.write("conversations.jsonl",
                  R"({"eval_id": 1, "decision": "search",)"
                  R"( "msg": [{"role": "user", "content": "Where does a sparrow nest?"}]})"
                  "\n"
                  R"({"eval_id": 2, "decision": "search",)"
                  R"( "msg": [{"role": "user", "content": "안녕하세요! 반가워요"}]})"
                  "\n");
  const Json run =
      home_.ask_json({"lab", "run", birds(), "--set", "mode=lexical", "--conversations", file});
  expect_valid(run, "lab_run");
  EXPECT_EQ(run["decisions"]["counts"][0], Json({1, 1, 0}));
  EXPECT_DOUBLE_EQ(run["decisions"]["scores"]["search"]["recall"].get<double>(), 0.5);
  EXPECT_DOUBLE_EQ(run["decisions"]["scores"]["search"]["precision"].get<double>(), 1.0);
  const auto folder = std::filesystem::path(run["run_file"].get<std::string>()).parent_path();
  EXPECT_EQ(Json::parse(read_file(folder / "decisions.json")), run["decisions"]);
}

TEST_F(CliLabRun, AblationAndGateAreDocumentsToo) {
  const Json ablation =
      home_.ask_json({"lab", "ablate", birds(), "--set", "mode=lexical", "--metric", "mrr@10"});
  expect_valid(ablation, "lab_ablate");
  EXPECT_EQ(ablation["stages"].size(), 3u);
  EXPECT_EQ(ablation["alternatives"].size(), 0u);
  const Json more = home_.ask_json(
      {"lab", "ablate", birds(), "--set", "mode=lexical", "--metric", "mrr@10", "--alternatives"});
  expect_valid(more, "lab_ablate");
  EXPECT_GE(more["alternatives"].size(), 5u);

  const std::string gate = home_.write("gate.json", R"({"floors": [
    {"dataset": "birds", "set": {"mode": "lexical"}, "metrics": {"mrr@10": 0.5}},
    {"dataset": "fish", "metrics": {"map": 0.1}, "optional": true}]})");
  const Json passed = home_.ask_json({"lab", "gate", gate});
  expect_valid(passed, "lab_gate");
  EXPECT_EQ(passed["passed"], true);
  EXPECT_EQ(passed["floors"][1]["verdict"], "skipped");
}

TEST_F(CliLabRun, AFloorOfMeaningIsNotJudgedByWordsAlone) {
  const std::string gate = home_.write("gate.json", R"({"floors": [
    {"dataset": "birds", "set": {"mode": "hybrid"}, "metrics": {"mrr@10": 0.1},
     "optional": true, "slow": true}]})");
  EXPECT_EQ(home_.ask_json({"lab", "gate", gate})["floors"][0]["verdict"], "skipped");
  const Json slow = home_.ask_json({"lab", "gate", gate, "--slow"});
  EXPECT_EQ(slow["floors"][0]["verdict"], "skipped");
  EXPECT_NE(slow["floors"][0]["reason"].get<std::string>().find("saerok model add default"),
            std::string::npos)
      << slow;
  const std::string needed = home_.write("needed.json", R"({"floors": [
    {"dataset": "birds", "set": {"mode": "hybrid"}, "metrics": {"mrr@10": 0.1}}]})");
  const Outcome outcome = home_.run({"lab", "gate", needed});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_NE(outcome.out.find("no embedder is installed"), std::string::npos) << outcome.out;
}

TEST_F(CliLabRun, AFloorThatIsNotMetFailsTheCommand) {
  const std::string gate = home_.write("gate.json", R"({"floors": [
    {"dataset": "birds", "set": {"mode": "lexical"}, "metrics": {"mrr@10": 0.51}}]})");
  const Outcome outcome = home_.run({"lab", "gate", gate});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_NE(outcome.out.find("failed"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("below a floor"), std::string::npos) << outcome.err;
}

TEST_F(CliLabRun, MistakesAreSentences) {
  EXPECT_NE(home_.ask_error({"lab", "run", home_.path("fish").string()}, 3).find("fish"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "run", birds(), "--metric", "ndgc@10"}, 2).find("ndcg"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "run", birds(), "--column", "id"}, 2).find("id=docno"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "run", birds(), "--set", "search.k1=9"}, 2)
                .find("did you mean search.bm25.k1?"),
            std::string::npos);
}

}  // namespace
}  // namespace saerok
