// A local cross-encoder as a user meets it: added, listed, tried, and putting the first hits in
// order.

#include <gtest/gtest.h>

#include "cli_program.h"
#include "models/tiny_encoder.h"

namespace saerok {
namespace {

#ifdef SAEROK_TEST_LLAMA
class CliRerank : public testing::Test {
 protected:
  void SetUp() override {
    // The words are in the model's vocabulary; what it makes of them means nothing, but is the same
    // always.
    home_.write("notes/often.md", "The water, the water, the water.\n");
    home_.write("notes/room.md", "The water in the empty room.\n");
    home_.write("notes/12.md", "12 and 12 is no water.\n");
    home_.write("notes/long.md",
                "Empty the room, ne wa the water wa ne, and room for 12 and water.\n");
    const Outcome indexed = home_.run(
        {"index", home_.path("notes").string(), "--quiet", "--set", "index.vectors=none"});
    ASSERT_EQ(indexed.status, 0) << indexed.err;
    const std::string file = home_.path("tiny.gguf").string();
    ASSERT_TRUE(write_tiny_encoder(file, 1, {}, 1));
    added_ = home_.ask_json({"model", "add", file, "--name", "crossed"});
  }
  std::vector<std::string> paths(const Json& response) {
    std::vector<std::string> paths;
    for (const Json& hit : response["hits"]) paths.push_back(hit["path"]);
    return paths;
  }
  Json check(const std::vector<std::string>& settings) {
    std::vector<std::string> arguments = {"doctor"};
    for (const std::string& setting : settings) {
      arguments.insert(arguments.end(), {"--set", setting});
    }
    const Json report = home_.ask_json(arguments);
    expect_valid(report, "doctor");
    for (const Json& one : report["checks"]) {
      if (one["name"] == "reranker") return one;
    }
    return {};
  }

  Home home_;
  Json added_;
};

TEST_F(CliRerank, ALocalCrossEncoderIsAddedListedAndTried) {
  expect_valid(added_, "model_entry");
  EXPECT_EQ(added_["kind"], "rerank");
  const Json list = home_.ask_json({"model", "list"});
  expect_valid(list, "model_list");
  EXPECT_EQ(list["models"][0]["kind"], "rerank");
  const Json tried = home_.ask_json({"model", "test", "crossed"});
  expect_valid(tried, "model_test");
  EXPECT_TRUE(tried["answering_passage"].is_number());
  EXPECT_NE(tried["answering_passage"], tried["other_passage"]);
  EXPECT_NE(home_.run({"model", "test", "crossed"}).out.find("passage that answers"),
            std::string::npos);
}

TEST_F(CliRerank, TheFirstHitIsTheCrossEncoders) {
  const Json before = home_.ask_json({"search", "water"});
  ASSERT_EQ(before["hits"].size(), 4u);
  EXPECT_EQ(before["hits"][0]["path"], "often.md");
  const Json after =
      home_.ask_json({"search", "water", "--set", "models.rerank=crossed", "--explain"});
  expect_valid(after, "search");
  ASSERT_EQ(after["hits"].size(), 4u);
  EXPECT_NE(paths(after).front(), paths(before).front());
  EXPECT_TRUE(after["report"]["warnings"].empty()) << after["report"]["warnings"];
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(after["hits"][i]["explanation"]["label"], "score that the reranker crossed gave");
    if (i > 0) {
      EXPECT_LT(after["hits"][i]["score"], after["hits"][i - 1]["score"]);
    }
  }
  // The same from the file itself.
  const Json by_path = home_.ask_json(
      {"search", "water", "--set", "models.rerank=" + home_.path("tiny.gguf").string()});
  EXPECT_EQ(paths(by_path), paths(after));
  const Json off = home_.ask_json(
      {"search", "water", "--set", "models.rerank=crossed", "--set", "search.rerank_depth=0"});
  EXPECT_EQ(paths(off), paths(before));
}

TEST_F(CliRerank, WhatWasCutAndWhatIsNoRerankerIsSaid) {
  std::string words = "The water";
  for (int i = 0; i < 60; ++i) words += " room";
  home_.write("notes/longer.md", words + ".\n");
  const Outcome indexed =
      home_.run({"index", home_.path("notes").string(), "--quiet", "--set", "index.vectors=none"});
  ASSERT_EQ(indexed.status, 0) << indexed.err;
  const Json cut = home_.ask_json({"search", "water", "--set", "models.rerank=crossed"});
  ASSERT_EQ(cut["report"]["warnings"].size(), 1u);
  EXPECT_EQ(
      cut["report"]["warnings"][0],
      "crossed read only the beginning of 1 of 5 passages: it reads 48 tokens of question and "
      "passage together");
  const Json missing = home_.ask_json({"search", "water", "--set", "models.rerank=nonesuch"});
  EXPECT_EQ(paths(missing).front(), "often.md");
  EXPECT_NE(missing["report"]["warnings"].dump().find("saerok model add"), std::string::npos);
  const Json wrong = home_.ask_json(
      {"search", "water", "--set", "models.chat=crossed", "--set", "search.rerank_by=chat"});
  EXPECT_NE(wrong["report"]["warnings"].dump().find("is of kind rerank, not chat"),
            std::string::npos)
      << wrong["report"]["warnings"];
}

TEST_F(CliRerank, TheDoctorKnowsWhoReranks) {
  EXPECT_EQ(check({})["present"], false);
  EXPECT_EQ(check({"models.rerank=crossed"})["present"], true);
  EXPECT_EQ(check({"models.rerank=" + home_.path("tiny.gguf").string()})["present"], true);
  EXPECT_EQ(check({"models.rerank=nonesuch"})["present"], false);
  EXPECT_EQ(check({"models.rerank_base_url=http://127.0.0.1:9/v1"})["present"], true);
  const Json without = check({"search.rerank_by=chat", "models.rerank=crossed"});
  EXPECT_EQ(without["present"], false);
  EXPECT_NE(without["enables"].get<std::string>().find("set models.chat"), std::string::npos);
  const Json by_chat = check(
      {"search.rerank_by=chat", "models.chat=some", "models.chat_base_url=http://127.0.0.1:9/v1"});
  EXPECT_EQ(by_chat["present"], true);
  EXPECT_EQ(by_chat["detail"], "the chat model some");
}
#endif

}  // namespace
}  // namespace saerok
