#include "lab/submission.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "lab/test_folder.h"

namespace saerok::lab {
namespace {

OutcomeHit hit(std::string document, double score, ByteSpan bytes = {}) {
  return {.document = std::move(document), .score = score, .bytes = bytes, .lines = {}};
}

/// Three conversations, the third of which needs no search, and what a run found for them.
class SubmissionTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write(
        "corpus.jsonl",
        "{\"docid\": \"a\", \"content\": \"물은 끓는다. 100도.\"}\n"
        "{\"docid\": \"b\", \"content\": \"tea\"}\n{\"docid\": \"c\", \"content\": \"ice\"}\n");
    folder_.write(
        "eval.jsonl",
        R"({"eval_id": 78, "msg": [{"role": "user", "content": "물?"}], "relevant": ["a"]})"
        "\n"
        R"({"eval_id": "x9", "msg": [{"role": "user", "content": "차?"}], "relevant": ["b"]})"
        "\n"
        R"({"eval_id": 3, "msg": [{"role": "user", "content": "안녕"}], "relevant": []})"
        "\n");
    DatasetRequest request;
    request.folder = folder_.path();
    auto dataset = open_dataset(request, {});
    ASSERT_TRUE(dataset) << dataset.error().message;
    dataset_ = std::move(*dataset);
    outcomes_.resize(3);
    outcomes_[0].topic = "78";
    outcomes_[0].standalone_query = "물의 끓는점";
    outcomes_[0].hits = {hit("a", 3.5, {0, 18}), hit("a", 3, {18, 24}), hit("c", 2), hit("b", 1)};
    outcomes_[0].answer = "100도에서 끓는다.";
    outcomes_[1].topic = "x9";
    outcomes_[1].hits = {hit("c", 2), hit("b", 1)};
    outcomes_[2].topic = "3";
    outcomes_[2].decision = Decision::answer;
    outcomes_[2].hits = {hit("a", 1)};
  }
  std::vector<SubmissionLine> make(std::uint32_t depth = 3) const {
    auto lines = make_submission(dataset_, outcomes_, depth, {});
    EXPECT_TRUE(lines) << lines.error().message;
    return lines ? std::move(*lines) : std::vector<SubmissionLine>();
  }
  std::vector<std::string> problems(const std::vector<SubmissionLine>& lines) const {
    auto problems = check_submission(dataset_, lines, 3, {});
    EXPECT_TRUE(problems);
    return problems ? std::move(*problems) : std::vector<std::string>();
  }

  TestFolder folder_;
  Dataset dataset_;
  std::vector<Outcome> outcomes_;
};

TEST_F(SubmissionTest, DocumentsAreDistinctAndCarryTheirPassages) {
  const auto lines = make();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].documents, (std::vector<std::string>{"a", "c", "b"}));
  ASSERT_EQ(lines[0].references.size(), 3u);
  EXPECT_EQ(lines[0].references[0].content, "물은 끓는다. ");
  EXPECT_EQ(lines[0].references[0].score, 3.5);
  EXPECT_EQ(lines[0].references[1].content, "ice") << "without a place, the whole text";
  EXPECT_EQ(make(2)[0].documents.size(), 2u);
}

TEST_F(SubmissionTest, WhatNeededNoSearchHasNoDocuments) {
  const auto lines = make();
  EXPECT_TRUE(lines[2].documents.empty());
  EXPECT_TRUE(lines[2].references.empty());
  EXPECT_TRUE(lines[2].standalone_query.empty());
  EXPECT_EQ(lines[1].standalone_query, "차?") << "a run without one searched for the question";
}

TEST_F(SubmissionTest, PrintsTheCompetitionsFormat) {
  const std::string text = print_submission(make());
  const Json first = Json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(first["eval_id"], 78);
  EXPECT_TRUE(first["eval_id"].is_number());
  EXPECT_EQ(first["standalone_query"], "물의 끓는점");
  EXPECT_EQ(first["topk"], Json::parse(R"(["a", "c", "b"])"));
  EXPECT_EQ(first["answer"], "100도에서 끓는다.");
  EXPECT_EQ(first["references"][1], Json::parse(R"({"score": 2.0, "content": "ice"})"));
  EXPECT_NE(text.find("\"eval_id\":\"x9\""), std::string::npos);
}

TEST_F(SubmissionTest, WhatWasPrintedIsValidAndReadsBack) {
  const auto file = read_submission(print_submission(make()), "out", {});
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->bad_lines.empty());
  ASSERT_EQ(file->lines.size(), 3u);
  EXPECT_EQ(file->lines[0].topic, "78");
  EXPECT_EQ(file->lines[0].documents, make()[0].documents);
  EXPECT_EQ(problems(file->lines), std::vector<std::string>{});
}

TEST_F(SubmissionTest, IsScoredAsTheCompetitionScores) {
  // 78: right at once, 1; x9: right in the second place, 1/2; 3: empty, 1.
  const auto score = score_submission(dataset_, make(), 1);
  ASSERT_TRUE(score);
  EXPECT_DOUBLE_EQ(score->mean, (1 + 0.5 + 1) / 3);
  EXPECT_EQ(score->topics, 3u);
  dataset_.has_labels = false;
  EXPECT_FALSE(score_submission(dataset_, make(), 1));
}

TEST_F(SubmissionTest, ARunThatLacksQuestionsIsRefusedByName) {
  outcomes_.erase(outcomes_.begin() + 1);
  const auto lines = make_submission(dataset_, outcomes_, 3, {});
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(lines.error().message.find("1 of 3 questions (x9)"), std::string::npos);
}

TEST_F(SubmissionTest, EveryReasonToRefuseItIsNamed) {
  auto lines = make();
  lines[0].documents = {"a", "a", "b", "zz"};
  lines[2].topic = "78";
  lines.push_back(lines[1]);
  lines.back().topic = "99";
  EXPECT_EQ(problems(lines),
            (std::vector<std::string>{"documents given twice in one line: 1 (a)",
                                      "documents that the corpus does not hold: 1 (zz)",
                                      "lines of questions that are not there: 1 (99)",
                                      "lines with more than 3 documents: 1 (78)",
                                      "questions answered again: 1 (78)",
                                      "questions without a line: 1 (3)"}));
}

TEST_F(SubmissionTest, LinesThatAreNoSubmissionAreReportedByLine) {
  const auto file = read_submission(
      "{\"topk\": []}\n{\"eval_id\": 1}\n{\"eval_id\": 1, \"topk\": [null]}\nx\n"
      "{\"eval_id\": 1, \"topk\": [5], \"references\": [{}]}\n{\"eval_id\": 1, \"topk\": [5]}\n",
      "f", {});
  ASSERT_TRUE(file);
  ASSERT_EQ(file->lines.size(), 1u);
  EXPECT_EQ(file->lines[0].documents, std::vector<std::string>{"5"});
  std::vector<std::uint64_t> bad;
  for (const DatasetProblem& problem : file->bad_lines) bad.push_back(problem.line);
  EXPECT_EQ(bad, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

}  // namespace
}  // namespace saerok::lab
