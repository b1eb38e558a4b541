#include "lab/answer_scores.h"

#include <gtest/gtest.h>

namespace saerok::lab {
namespace {

Topic topic(std::string id, std::string answer) {
  Topic made;
  made.id = std::move(id);
  made.answer = std::move(answer);
  return made;
}

Outcome outcome(std::string id, std::string answer) {
  Outcome made;
  made.topic = std::move(id);
  made.answer = std::move(answer);
  return made;
}

TEST(AnswerScores, OnlyAnsweredTopicsWithAReferenceCount) {
  const std::vector<Topic> topics = {topic("a", "the red kite"), topic("b", ""),
                                     topic("c", "an owl")};
  const std::vector<Outcome> outcomes = {outcome("a", "Red kite."), outcome("b", "anything"),
                                         outcome("c", "")};
  const AnswerScores scores = score_answers(topics, outcomes);
  EXPECT_EQ(scores.topics, 1u);
  EXPECT_EQ(scores.exact_match, 1.0);
  EXPECT_EQ(scores.token_f1, 1.0);
  EXPECT_DOUBLE_EQ(scores.rouge_1, 0.8);  // Two of two tokens, two of three.
}

TEST(AnswerScores, KoreanIsComparedBySyllable) {
  const std::vector<Topic> topics = {topic("a", "기와 밑")};
  const AnswerScores scores = score_answers(topics, std::vector{outcome("a", "기와밑에")});
  EXPECT_EQ(scores.exact_match, 0.0);
  EXPECT_DOUBLE_EQ(scores.rouge_1, 2 * (0.75 * 1.0) / 1.75);
}

TEST(AnswerScores, RougeComparesWhatItIsToldTo) {
  const std::vector<Topic> topics = {topic("a", "merges segment")};
  const std::vector outcomes = {outcome("a", "merging segments")};
  EXPECT_EQ(score_answers(topics, outcomes).rouge_1, 0.0);
  EXPECT_EQ(score_answers(topics, outcomes, Tokenisation::porter).rouge_1, 1.0);
}

TEST(AnswerScores, NothingToCompareIsZeroTopics) {
  EXPECT_EQ(score_answers({}, std::vector{outcome("a", "b")}).topics, 0u);
}

}  // namespace
}  // namespace saerok::lab
