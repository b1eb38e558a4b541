// saerok lab dataset, submit and fuse as a user meets them.

#include <gtest/gtest.h>

#include "cli_program.h"

namespace saerok {
namespace {

/// Documents, questions and conversations in one folder.
class CliLabDataset : public testing::Test {
 protected:
  void SetUp() override {
    home_.write(
        "tea/corpus.jsonl",
        "{\"docid\": \"d1\", \"title\": \"녹차\", \"content\": \"녹차는 80도에서 2분 우린다.\"}\n"
        "{\"docid\": \"d2\", \"content\": \"Black tea is brewed with boiling water.\"}\n"
        "{\"docid\": \"d3\", \"content\": \"The boiler is serviced every October.\"}\n");
    home_.write("tea/queries_val.jsonl",
                "{\"_id\": \"q1\", \"text\": \"녹차는 몇 도에서 우리나요?\"}\n"
                "{\"_id\": \"q2\", \"text\": \"when is the boiler serviced?\"}\n");
    home_.write("tea/qrels_val.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\n");
    home_.write(
        "tea/eval.jsonl",
        "{\"eval_id\": 5, \"msg\": [{\"role\": \"user\", \"content\": \"black tea water?\"}], "
        "\"relevant\": [\"d2\"]}\n");
    tea_ = home_.path("tea").string();
  }
  std::string run(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"lab", "run", tea_, "--set", "search.mode=lexical"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.ask_json(arguments)["run"].get<std::string>();
  }

  Home home_;
  std::string tea_;
};

TEST_F(CliLabDataset, DatasetSaysWhatItIs) {
  const Json val = home_.ask_json({"lab", "dataset", tea_});
  expect_valid(val, "lab_dataset");
  EXPECT_EQ(val["dataset"], "tea:val");
  EXPECT_EQ(val["splits"], Json::parse(R"(["eval", "val"])"));
  EXPECT_EQ(val["corpus"]["documents"], 3);
  EXPECT_EQ(val["corpus"]["languages"], Json::parse(R"({"en": 2, "ko": 1})"));
  EXPECT_EQ(val["topics"]["labelled"], 2);
  EXPECT_TRUE(val["problems"]["listed"].empty());
  const Json eval = home_.ask_json({"lab", "dataset", tea_, "--split", "eval"});
  expect_valid(eval, "lab_dataset");
  EXPECT_EQ(eval["kinds"], Json::parse(R"(["conversations"])"));
  EXPECT_EQ(eval["topics"]["decisions"], Json::parse(R"({"search": 1})"));
  EXPECT_EQ(eval["corpus"]["hash"], val["corpus"]["hash"]);
  EXPECT_NE(eval["content_hash"], val["content_hash"]);
}

TEST_F(CliLabDataset, ProblemsAreShownWithFileAndLine) {
  const std::string qrels =
      home_.write("other.tsv", "query-id\tcorpus-id\tscore\nq1\tnone\t1\nq2\td3\tmuch\n");
  const Outcome outcome = home_.run({"lab", "dataset", tea_, "--split", "val", "--qrels", qrels});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("lines left out: 1"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find(qrels + ":3: the grade \"much\" is not a whole number"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("\"none\""), std::string::npos) << outcome.out;
}

TEST_F(CliLabDataset, ColumnsMayBeNamed) {
  home_.write("table/corpus.csv", "no,words\n1,green tea\n2,boiler\n");
  home_.write("table/queries.csv", "no,ask\nq1,tea?\n");
  const Json table =
      home_.ask_json({"lab", "dataset", home_.path("table").string(), "--column", "id=no",
                      "--column", "text=words", "--column", "topic=no", "--column", "query=ask"});
  expect_valid(table, "lab_dataset");
  EXPECT_EQ(table["corpus"]["documents"], 2);
  EXPECT_EQ(table["topics"]["count"], 1);
  EXPECT_FALSE(table["labels"]["exist"].get<bool>());
  home_.ask_error({"lab", "dataset", tea_, "--column", "id"}, 2);
  home_.ask_error({"lab", "dataset", tea_, "--column", "no=id"}, 2);
}

TEST_F(CliLabDataset, DocumentsAreCalledWhatASearchCallsThem) {
  home_.write("odd/corpus.jsonl",
              "{\"docid\": 7, \"_id\": \"x\", \"content\": \"first zebra\"}\r\n\r\n"
              "{\"contents\": \"nameless giraffe\"}\n{\"_id\": 7, \"text\": \"second lion\"}\n"
              "{\"_id\": \"e\\u0301\", \"title\": \"tapir\"}\nbroken\n{\"_id\": \"none\"}\n");
  home_.write("odd/queries.jsonl", "{\"_id\": \"q\", \"text\": \"animals\"}\n");
  std::string qrels = "query-id\tcorpus-id\tscore\n";
  home_.ask_json({"index", home_.path("odd/corpus.jsonl").string()});
  for (const char* word : {"giraffe", "lion", "tapir"}) {
    const Json found = home_.ask_json({"search", word});
    ASSERT_EQ(found["hits"].size(), 1u) << word;
    qrels += "q\t" + found["hits"][0]["document_id"].get<std::string>() + "\t1\n";
  }
  EXPECT_TRUE(home_.ask_json({"search", "zebra"})["hits"].empty()) << "of two, the last one counts";
  home_.write("odd/qrels.tsv", qrels + "q\tx\t1\n");
  const Json odd = home_.ask_json({"lab", "dataset", home_.path("odd").string()});
  EXPECT_EQ(odd["problems"]["unknown_documents"], 1) << odd["problems"];
  EXPECT_EQ(odd["problems"]["duplicate_documents"], 1);
  EXPECT_EQ(odd["problems"]["bad_lines"], 1);
  EXPECT_EQ(odd["corpus"]["documents"], 4);
  EXPECT_EQ(odd["corpus"]["empty_documents"], 1);
}

TEST_F(CliLabDataset, ErrorsSayWhatThereIs) {
  EXPECT_NE(home_.ask_error({"lab", "dataset", tea_, "--split", "x"}, 3).find("eval, val"),
            std::string::npos);
  home_.ask_error({"lab", "dataset", home_.path("none").string()}, 3);
  home_.write("empty/readme.md", "nothing");
  home_.ask_error({"lab", "dataset", home_.path("empty").string()}, 2);
}

TEST_F(CliLabDataset, ARunIsHandedInCheckedAndScored) {
  const std::string id = run({"--split", "eval"});
  const std::string file = home_.path("out.jsonl").string();
  const Json made = home_.ask_json({"lab", "submit", tea_, "--run", id, "--output", file});
  expect_valid(made, "lab_submit");
  EXPECT_TRUE(made["problems"].empty());
  EXPECT_EQ(made["score"]["mean"], 1.0);
  const Json line = Json::parse(read_file(file));
  EXPECT_EQ(line["eval_id"], 5);
  EXPECT_EQ(line["topk"][0], "d2");
  EXPECT_EQ(line["references"][0]["content"], "Black tea is brewed with boiling water.");
  const Json checked = home_.ask_json({"lab", "submit", tea_, "--split", "eval", "--check", file});
  expect_valid(checked, "lab_submit");
  EXPECT_EQ(checked["score"], made["score"]);
  home_.write("bad.jsonl", "{\"eval_id\": 5, \"topk\": [\"zz\"]}\n");
  const Outcome refused = home_.run({"lab", "submit", tea_, "--split", "eval", "--check",
                                     home_.path("bad.jsonl").string(), "--json"});
  EXPECT_EQ(refused.status, 4);
  const Json document = Json::parse(refused.out);
  expect_valid(document, "lab_submit");
  EXPECT_EQ(document["problems"].size(), 1u);
  home_.ask_error({"lab", "submit", tea_, "--run", "none"}, 3);
  home_.ask_error({"lab", "submit", tea_}, 2);
}

TEST_F(CliLabDataset, RunsAreFusedIntoARunThatIsScored) {
  const std::string first = run({"--split", "val"});
  const std::string second = run({"--split", "val", "--depth", "1"});
  for (const char* method : {"vote", "rrf", "min_max", "z_score"}) {
    const Json fused = home_.ask_json(
        {"lab", "fuse", first, second, "--method", method, "--weights", "2,1", "--name", "both"});
    EXPECT_EQ(fused["metrics"]["mrr@10"], 1.0) << method;
    EXPECT_TRUE(fused["run"].get<std::string>().starts_with("both-")) << method;
  }
  home_.ask_error({"lab", "fuse", first, second, "--method", "borda"}, 2);
  home_.ask_error({"lab", "fuse", first, second, "--weights", "1"}, 2);
  home_.ask_error({"lab", "fuse", first, second, "--weights", "2,x"}, 2);
  home_.ask_error({"lab", "fuse", first}, 2);
  home_.ask_error({"lab", "fuse", first, "none"}, 3);
}

}  // namespace
}  // namespace saerok
