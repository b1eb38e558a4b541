#include <gtest/gtest.h>

#include <cmath>

#include "lab/experiment.h"

namespace saerok::lab {
namespace {

constexpr double kHalf = 0.5;

Outcome outcome_of(std::string topic, std::vector<OutcomeHit> hits) {
  Outcome outcome;
  outcome.topic = std::move(topic);
  outcome.hits = std::move(hits);
  return outcome;
}

OutcomeHit hit(std::string document, double score, ByteSpan bytes = {0, 100}) {
  return {std::move(document), score, bytes, {1, 1}};
}

double value_of(const JudgedTopic& judged, std::string_view metric) {
  const Metric parsed = *parse_metric(metric);
  return evaluate({&parsed, 1}, judged.ranking, judged.judgements).front();
}

TEST(Judge, ADocumentOfSeveralHitsCountsAtItsFirst) {
  const Outcome outcome = outcome_of("q", {hit("a", 3), hit("a", 2.5), hit("b", 2)});
  const JudgedTopic judged = judge(outcome, {{"q", "b", 1, {}}}, kHalf);
  ASSERT_EQ(judged.ranking.size(), 2u);
  EXPECT_DOUBLE_EQ(value_of(judged, "mrr@10"), 0.5);
}

TEST(Judge, AChunkThatCoversEnoughOfALabelledPassageCounts) {
  const Label label{"q", "a", 1, ByteSpan{100, 200}};
  const auto value_with = [&](ByteSpan chunk) {
    return value_of(judge(outcome_of("q", {hit("a", 1, chunk)}), {label}, kHalf), "mrr@10");
  };
  EXPECT_EQ(value_with({0, 150}), 1.0);
  EXPECT_EQ(value_with({0, 149}), 0.0);
  EXPECT_EQ(value_with({120, 170}), 1.0);
  EXPECT_EQ(value_with({200, 400}), 0.0);
  EXPECT_EQ(value_of(judge(outcome_of("q", {hit("b", 1, {100, 200})}), {label}, kHalf), "mrr@10"),
            0.0);
}

TEST(Judge, CuttingTheTextAnewKeepsALabelValid) {
  // The passage 350 to 390, in chunks of 100 and of 400 bytes.
  const Label label{"q", "a", 1, ByteSpan{350, 390}};
  const Outcome small = outcome_of("q", {hit("a", 2, {300, 400}), hit("a", 1, {0, 100})});
  const Outcome large = outcome_of("q", {hit("a", 2, {0, 400})});
  EXPECT_EQ(value_of(judge(small, {label}, kHalf), "mrr@10"), 1.0);
  EXPECT_EQ(value_of(judge(large, {label}, kHalf), "mrr@10"), 1.0);
}

TEST(Judge, TwoHitsOfOnePassageAreNotTwoFinds) {
  const std::vector<Label> labels = {{"q", "a", 1, ByteSpan{0, 50}},
                                     {"q", "a", 1, ByteSpan{60, 90}}};
  const Outcome outcome =
      outcome_of("q", {hit("a", 3, {0, 50}), hit("a", 2, {0, 50}), hit("a", 1, {50, 100})});
  const JudgedTopic judged = judge(outcome, labels, kHalf);
  EXPECT_DOUBLE_EQ(value_of(judged, "recall@2"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(judged, "recall@3"), 1.0);
}

TEST(Judge, ScoresOfPassagesKeepTheOrderOfTheHits) {
  const Outcome outcome = outcome_of("q", {hit("a", 1), hit("z", 1), hit("m", 1, {0, 50})});
  const JudgedTopic judged = judge(outcome, {{"q", "m", 1, ByteSpan{0, 50}}}, kHalf);
  EXPECT_DOUBLE_EQ(value_of(judged, "mrr@10"), 1.0 / 3);
}

Dataset small_dataset() {
  Dataset dataset;
  for (const char* id : {"found", "missed", "unlabelled"}) {
    Topic topic;
    topic.id = id;
    topic.text = id;
    dataset.topics.push_back(topic);
  }
  Topic greeting;
  greeting.id = "greeting";
  greeting.conversation = {{"user", "hello"}};
  greeting.decision = Decision::answer;
  dataset.topics.push_back(greeting);
  dataset.labels = {{"found", "a", 1, {}}, {"missed", "b", 1, {}}};
  dataset.has_labels = true;
  return dataset;
}

TEST(Score, TopicsThatNobodyJudgedAreLeftOut) {
  const std::vector<Outcome> outcomes = {outcome_of("found", {hit("a", 1)}),
                                         outcome_of("missed", {hit("a", 1)}),
                                         outcome_of("unlabelled", {hit("a", 1)})};
  const Scores scores = score(small_dataset(), outcomes, {*parse_metric("mrr@10")}, kHalf, 1);
  ASSERT_EQ(scores.summary.size(), 1u);
  EXPECT_EQ(scores.summary[0].topics, 2u);
  EXPECT_DOUBLE_EQ(scores.summary[0].mean, 0.5);
  EXPECT_LE(scores.summary[0].interval.low, 0.5);
  EXPECT_GE(scores.summary[0].interval.high, 0.5);
}

TEST(Score, OnlyTheCompetitionsMeasureCountsATurnThatNeedsNoSearch) {
  const auto scores_with = [&](std::vector<OutcomeHit> hits) {
    return score(small_dataset(),
                 {outcome_of("found", {hit("a", 1)}), outcome_of("greeting", std::move(hits))},
                 {*parse_metric("mrr@10"), *parse_metric("map@3_competition")}, kHalf, 1);
  };
  const Scores silent = scores_with({});
  EXPECT_EQ(silent.summary[0].topics, 1u);
  EXPECT_EQ(silent.summary[1].topics, 2u);
  EXPECT_DOUBLE_EQ(silent.summary[1].mean, 1.0);
  EXPECT_TRUE(std::isnan(silent.topics[1].values[0]));
  EXPECT_DOUBLE_EQ(scores_with({hit("a", 1)}).summary[1].mean, 0.5);
}

TEST(Score, WithoutAnyLabelThereIsNothingToSay) {
  Dataset dataset = small_dataset();
  dataset.labels.clear();
  dataset.topics.pop_back();
  const Scores scores =
      score(dataset, {outcome_of("found", {hit("a", 1)})}, {*parse_metric("map")}, kHalf, 1);
  EXPECT_TRUE(scores.summary.empty());
  EXPECT_TRUE(scores.topics.empty());
}

}  // namespace
}  // namespace saerok::lab
