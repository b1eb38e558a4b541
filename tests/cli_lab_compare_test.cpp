// saerok lab compare: runs of one dataset side by side, from the command line.

#include <gtest/gtest.h>

#include "cli_program.h"

namespace saerok {
namespace {

/// A corpus whose titles hold one word and whose texts another, so that weighing titles or texts
/// changes what is found; run once for each weight.
class CliLabCompare : public testing::Test {
 protected:
  void SetUp() override {
    std::string corpus;
    std::string queries;
    std::string qrels = "query-id\tcorpus-id\tscore\n";
    // Words without a common stem, so that a question meets its own two documents only.
    const std::vector<std::string> words = {"apricot", "bamboo",  "cactus", "dolphin",
                                            "ember",   "falcon",  "ginger", "hazelnut",
                                            "iguana",  "juniper", "kelp",   "lavender"};
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string number = std::to_string(i);
      corpus += R"({"_id": "title)" + number + R"(", "title": ")" + words[i] +
                R"(", "text": "A card of the garden box, filed in spring."})"
                "\n";
      corpus += R"({"_id": "text)" + number + R"(", "title": "card", "text": "The )" + words[i] +
                R"( of the garden box, )" + words[i] +
                R"( again, filed in spring."})"
                "\n";
      queries += R"({"_id": "q)" + number + R"(", "text": ")" + words[i] +
                 R"("})"
                 "\n";
      qrels += "q" + number + "\ttext" + number + "\t1\n";
    }
    home_.write("cards/corpus.jsonl", corpus);
    home_.write("cards/queries.jsonl", queries);
    home_.write("cards/qrels.tsv", qrels);
  }

  std::string run(const std::string& setting, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"lab",   "run",   home_.path("cards").string(), "--set",
                                          setting, "--set", "search.mode=lexical"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.ask_json(arguments)["run"].get<std::string>();
  }

  Home home_;
};

TEST_F(CliLabCompare, ARealDifferenceIsReportedInFiguresAndWords) {
  const std::string titles = run("search.title_weight=5");
  const std::string texts = run("search.title_weight=0");
  const Json compared = home_.ask_json({"lab", "compare", titles, texts, "--metric", "mrr@10",
                                        "--metric", "ndcg@10", "--moved", "2", "--hits", "3"});
  expect_valid(compared, "lab_compare");
  EXPECT_EQ(compared["baseline"], titles);
  EXPECT_EQ(compared["topics"], 12);
  EXPECT_EQ(compared["runs"][1]["changed"]["search.title_weight"], "0");
  ASSERT_EQ(compared["metrics"].size(), 2u);
  const Json& mrr = compared["metrics"][0];
  EXPECT_EQ(mrr["metric"], "mrr@10");
  ASSERT_EQ(mrr["runs"].size(), 1u);
  const Json& change = mrr["runs"][0];
  EXPECT_EQ(change["verdict"], "better");
  EXPECT_EQ(change["wins"], 12);
  EXPECT_DOUBLE_EQ(change["mean"].get<double>(), 1);
  EXPECT_NEAR(change["p"].get<double>(), 2 / 4096.0, 1e-12);
  EXPECT_TRUE(
      change["sentence"].get<std::string>().starts_with(texts + " is better than " + titles));
  ASSERT_EQ(compared["moved"].size(), 2u);
  const Json& moved = compared["moved"][0];
  ASSERT_EQ(moved["runs"].size(), 2u);
  const std::string number = moved["topic"].get<std::string>().substr(1);
  EXPECT_EQ(moved["runs"][0]["hits"][0]["document"], "title" + number);
  EXPECT_EQ(moved["runs"][1]["hits"][0]["document"], "text" + number);
  EXPECT_TRUE(moved["runs"][0]["explained"].is_null());
}

TEST_F(CliLabCompare, ExplainSearchesAgainAsTheRunDid) {
  const std::string titles = run("search.title_weight=5");
  const std::string texts = run("search.title_weight=0");
  const Json compared = home_.ask_json({"lab", "compare", titles, texts, "--metric", "mrr@10",
                                        "--moved", "1", "--hits", "2", "--explain"});
  expect_valid(compared, "lab_compare");
  EXPECT_EQ(compared["warnings"], Json::array());
  ASSERT_EQ(compared["moved"].size(), 1u);
  for (const Json& side : compared["moved"][0]["runs"]) {
    ASSERT_TRUE(side["explained"].is_array());
    ASSERT_EQ(side["explained"].size(), side["hits"].size());
    for (std::size_t i = 0; i < side["hits"].size(); ++i) {
      EXPECT_EQ(side["explained"][i]["document_id"], side["hits"][i]["document"]);
      EXPECT_EQ(side["explained"][i]["score"], side["hits"][i]["score"]);
      EXPECT_EQ(side["explained"][i]["explanation"]["value"], side["hits"][i]["score"]);
    }
  }
}

TEST_F(CliLabCompare, PeopleReadATableASentenceAndTheRankings) {
  const std::string titles = run("search.title_weight=5");
  const std::string texts = run("search.title_weight=0");
  const std::string again = run("search.title_weight=0.5");
  const auto outcome = home_.run(
      {"lab", "compare", titles, texts, again, "--metric", "mrr@10", "--moved", "1", "--explain"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part :
       {"(baseline)", "search.title_weight=5", "12 questions of ", "mrr@10", " is better than ",
        "p is corrected (Holm) for comparing 2 runs with A", "Questions that moved most by mrr@10",
        "A explained", "C explained", "↑1"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

TEST_F(CliLabCompare, FoldsTakeTheirPartOfTheQuestions) {
  const std::string titles = run("search.title_weight=5");
  const std::string texts = run("search.title_weight=0");
  std::uint64_t topics = 0;
  for (const char* fold : {"0", "1"}) {
    const Json compared =
        home_.ask_json({"lab", "compare", titles, texts, "--folds", "2", "--fold", fold});
    expect_valid(compared, "lab_compare");
    EXPECT_EQ(compared["fold"]["folds"], 2);
    topics += compared["topics"].get<std::uint64_t>();
  }
  EXPECT_EQ(topics, 12u);
  home_.ask_error({"lab", "compare", titles, texts, "--folds", "2", "--fold", "2"}, 2);
}

TEST_F(CliLabCompare, WhatCannotBeComparedIsRefused) {
  const std::string one = run("search.title_weight=5");
  EXPECT_NE(home_.ask_error({"lab", "compare", one, "cards-9999"}, 3).find("cards-9999"),
            std::string::npos);
  EXPECT_NE(home_.ask_error({"lab", "compare", one, one}, 2).find("named twice"),
            std::string::npos);
  EXPECT_NE(home_.run({"lab", "compare", one}).status, 0);
  home_.write("cards/qrels.tsv", "query-id\tcorpus-id\tscore\nq0\ttitle0\t1\n");
  const std::string changed = run("search.title_weight=5");
  EXPECT_NE(home_.ask_error({"lab", "compare", one, changed}, 2).find("cannot be compared"),
            std::string::npos);
  EXPECT_NE(
      home_.ask_error({"lab", "compare", one, changed, "--metric", "ndgc@10"}, 2).find("ndcg@10"),
      std::string::npos);
}

}  // namespace
}  // namespace saerok
