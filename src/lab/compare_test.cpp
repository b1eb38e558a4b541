#include "lab/compare.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

#include "base/random.h"
#include "lab/search_again.h"

namespace saerok::lab {
namespace {

const Metric kNdcg{MetricKind::ndcg, 10};
const Metric kMrr{MetricKind::mrr, 10};

/// A folder of runs that is deleted at the end.
class Compare : public testing::Test {
 protected:
  Compare() {
    std::string pattern = (std::filesystem::temp_directory_path() / "saerok-lab-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    store_ = RunStore((folder_ / "lab" / "runs").string());
  }
  ~Compare() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// A run with a value of ndcg@10 and of mrr@10 (one less) for each topic.
  std::string add_run(const std::map<std::string, double>& values, RunInfo info = {}) {
    if (info.dataset.empty()) info.dataset = "set";
    if (info.dataset_hash.empty()) info.dataset_hash = "hash";
    info.id = store_.create(info.dataset).value();
    info.is_complete = true;
    std::vector<TopicValues> topics;
    std::vector<Outcome> outcomes;
    for (const auto& [topic, value] : values) {
      topics.push_back({topic, "", {value, value - 1}});
      Outcome& outcome = outcomes.emplace_back();
      outcome.topic = topic;
      outcome.standalone_query = "question " + topic;
      for (int i = 0; i < 20; ++i) {
        OutcomeHit& hit = outcome.hits.emplace_back();
        hit.document = info.id + "/d" + std::to_string(i / 2);
        hit.score = 20 - i;
      }
    }
    EXPECT_TRUE(store_.save_info(info));
    EXPECT_TRUE(store_.save_outcomes(info.id, outcomes));
    EXPECT_TRUE(store_.save_metrics(info.id, {{kNdcg, 0, {}, 0}, {kMrr, 0, {}, 0}}, topics));
    return info.id;
  }

  /// `count` topics, each `shift` above a value of its own, give or take `noise`.
  static std::map<std::string, double> values(std::size_t count, double shift, double noise,
                                              std::uint64_t seed) {
    Random base(1);
    Random random(seed);
    std::map<std::string, double> made;
    for (std::size_t i = 0; i < count; ++i) {
      made["q" + std::to_string(i)] = base.unit() / 2 + shift + noise * (random.unit() - 0.5);
    }
    return made;
  }

  Result<Comparison> compare(std::vector<std::string> runs) {
    CompareRequest request;
    request.runs = std::move(runs);
    return compare_runs(store_, request);
  }
  std::string refusal(std::vector<std::string> runs, ErrorCode code) {
    const auto comparison = compare(std::move(runs));
    EXPECT_FALSE(comparison);
    if (comparison) return "";
    EXPECT_EQ(comparison.error().code, code) << comparison.error().message;
    return comparison.error().message;
  }

  std::filesystem::path folder_;
  RunStore store_{""};
};

TEST_F(Compare, ARealDifferenceIsSaidToBeOne) {
  const std::string a = add_run(values(200, 0, 0, 1));
  const std::string b = add_run(values(200, 0.05, 0.2, 2));
  const auto comparison = compare({a, b});
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_EQ(comparison->topics, 200u);
  ASSERT_EQ(comparison->metrics.size(), 2u);
  const MetricComparison& ndcg = comparison->metrics[0];
  EXPECT_EQ(ndcg.metric, kNdcg);
  ASSERT_EQ(ndcg.runs.size(), 1u);
  const RunDifference& run = ndcg.runs[0];
  EXPECT_EQ(run.verdict, Verdict::better);
  EXPECT_NEAR(run.difference, 0.05, 0.015);
  EXPECT_NEAR(run.mean - ndcg.baseline_mean, run.difference, 1e-12);
  EXPECT_LT(run.p_corrected, 0.001);
  EXPECT_LT(run.interval.low, run.difference);
  EXPECT_GT(run.interval.low, 0);
  EXPECT_GT(run.interval.high, run.difference);
  EXPECT_EQ(run.wins + run.losses + run.ties, 200u);
  EXPECT_GT(run.wins, run.losses);
  EXPECT_TRUE(run.sentence.starts_with(b + " is better than " + a + " by .0")) << run.sentence;
  EXPECT_NE(run.sentence.find(" ndcg@10 (95 % interval .0"), std::string::npos) << run.sentence;
  EXPECT_NE(run.sentence.find("p < .001 over 200 questions)"), std::string::npos) << run.sentence;

  const auto back = compare({b, a});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->metrics[0].runs[0].verdict, Verdict::worse);
  EXPECT_DOUBLE_EQ(back->metrics[0].runs[0].p, run.p);
  EXPECT_NEAR(back->metrics[0].runs[0].difference, -run.difference, 1e-12);
}

TEST_F(Compare, NoiseIsSaidToBeNoiseWithWhatCouldHaveBeenSeen) {
  const std::string a = add_run(values(100, 0, 0.3, 1));
  const std::string b = add_run(values(100, 0, 0.3, 2));
  const auto comparison = compare({a, b});
  ASSERT_TRUE(comparison);
  const RunDifference& run = comparison->metrics[0].runs[0];
  EXPECT_EQ(run.verdict, Verdict::unclear) << run.sentence;
  EXPECT_TRUE(run.sentence.starts_with("no difference in ndcg@10 can be shown")) << run.sentence;
  EXPECT_NE(run.sentence.find("a difference under about .0"), std::string::npos) << run.sentence;
}

TEST_F(Compare, RunsThatNeverDifferAreEqual) {
  const std::string a = add_run(values(10, 0, 0, 1));
  const std::string b = add_run(values(10, 0, 0, 2));
  const auto comparison = compare({a, b});
  ASSERT_TRUE(comparison);
  const RunDifference& run = comparison->metrics[0].runs[0];
  EXPECT_EQ(run.verdict, Verdict::equal);
  EXPECT_EQ(run.p, 1);
  EXPECT_EQ(run.ties, 10u);
  EXPECT_NE(run.sentence.find("score the same ndcg@10 on each of 10 questions"), std::string::npos);
  EXPECT_TRUE(comparison->moved.empty());
}

TEST_F(Compare, AFewQuestionsNeverShowADifference) {
  const std::string a = add_run({{"1", 0.1}, {"2", 0.1}, {"3", 0.1}, {"4", 0.5}});
  const std::string b = add_run({{"1", 0.9}, {"2", 0.9}, {"3", 0.9}, {"4", 0.5}});
  const auto comparison = compare({a, b});
  ASSERT_TRUE(comparison);
  const RunDifference& run = comparison->metrics[0].runs[0];
  EXPECT_EQ(run.verdict, Verdict::unclear);
  EXPECT_DOUBLE_EQ(run.p, 0.25);
  EXPECT_NE(run.sentence.find("only 3 questions differ, and so few never show one"),
            std::string::npos)
      << run.sentence;
}

TEST_F(Compare, SeveralRunsAreCorrectedForBeingSeveral) {
  const std::string a = add_run(values(60, 0, 0, 1));
  std::vector<std::string> ids = {a};
  for (std::uint64_t i = 0; i < 3; ++i) ids.push_back(add_run(values(60, 0.03, 0.3, 10 + i)));
  const auto together = compare(ids);
  ASSERT_TRUE(together);
  std::vector<double> p_values;
  for (const RunDifference& run : together->metrics[0].runs) p_values.push_back(run.p);
  const auto corrected = holm(p_values);
  for (std::size_t i = 0; i < 3; ++i) {
    const RunDifference& run = together->metrics[0].runs[i];
    EXPECT_EQ(run.run, ids[i + 1]);
    EXPECT_DOUBLE_EQ(run.p_corrected, corrected[i]);
    const auto alone = compare({a, ids[i + 1]});
    ASSERT_TRUE(alone);
    EXPECT_DOUBLE_EQ(alone->metrics[0].runs[0].p, run.p);
    EXPECT_DOUBLE_EQ(alone->metrics[0].runs[0].p_corrected, run.p);
  }
}

TEST_F(Compare, WhatMovedMostComesFirstWithItsRankings) {
  const std::string a = add_run({{"1", 0.5}, {"2", 0.5}, {"3", 0.5}, {"4", 0.5}});
  const std::string b = add_run({{"1", 0.6}, {"2", 0.1}, {"3", 0.5}, {"4", 0.7}});
  CompareRequest request;
  request.runs = {a, b};
  request.moved = 2;
  request.hits = 3;
  const auto comparison = compare_runs(store_, request);
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->moved.size(), 2u);
  const MovedTopic& first = comparison->moved[0];
  EXPECT_EQ(first.topic, "2");
  EXPECT_DOUBLE_EQ(first.difference, 0.1 - 0.5);
  ASSERT_EQ(first.runs.size(), 2u);
  EXPECT_EQ(first.runs[0].query, "question 2");
  EXPECT_EQ(first.runs[1].value, 0.1);
  ASSERT_EQ(first.runs[1].hits.size(), 3u);
  EXPECT_EQ(first.runs[1].hits[0].document, b + "/d0");
  EXPECT_EQ(first.runs[1].hits[1].document, b + "/d1");
  EXPECT_EQ(first.runs[1].hits[1].score, 18);
  EXPECT_EQ(comparison->moved[1].topic, "4");
}

TEST_F(Compare, OnlyCommonQuestionsCountAndTheOthersAreCounted) {
  const std::string a = add_run({{"1", 0.5}, {"2", 0.25}, {"x", 1}, {"y", 1}});
  const std::string b = add_run({{"1", 0.5}, {"2", 0.75}, {"z", 0}});
  const auto comparison = compare({a, b});
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->topics, 2u);
  EXPECT_EQ(comparison->topics_left_out, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_DOUBLE_EQ(comparison->metrics[0].baseline_mean, 0.375);
  EXPECT_DOUBLE_EQ(comparison->metrics[0].runs[0].mean, 0.625);
}

TEST_F(Compare, AQuestionThatAMetricSaysNothingOfIsLeftOutOfIt) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const std::string a = add_run({{"1", 0.5}, {"2", nothing}, {"3", 0.5}});
  const std::string b = add_run({{"1", 0.75}, {"2", 1}, {"3", 0.5}});
  const auto comparison = compare({a, b});
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_EQ(comparison->topics, 3u);
  EXPECT_EQ(comparison->metrics[0].topics, 2u);
  EXPECT_DOUBLE_EQ(comparison->metrics[0].runs[0].difference, 0.125);
  ASSERT_EQ(comparison->moved.size(), 1u);
  EXPECT_EQ(comparison->moved[0].topic, "1");
}

TEST_F(Compare, FoldsPartTheQuestions) {
  const std::string a = add_run(values(50, 0, 0, 1));
  const std::string b = add_run(values(50, 0.1, 0.1, 2));
  std::uint64_t topics = 0;
  CompareRequest request;
  request.runs = {a, b};
  request.folds = 3;
  for (request.fold = 0; request.fold < 3; ++request.fold) {
    const auto comparison = compare_runs(store_, request);
    ASSERT_TRUE(comparison) << comparison.error().message;
    EXPECT_LT(comparison->topics, 50u);
    topics += comparison->topics;
  }
  EXPECT_EQ(topics, 50u);
  const auto beyond = compare_runs(store_, request);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, ErrorCode::invalid_argument);
}

TEST_F(Compare, TheMetricsAskedForAreThoseCompared) {
  const std::string a = add_run(values(8, 0, 0, 1));
  const std::string b = add_run(values(8, 0.1, 0.1, 2));
  CompareRequest request;
  request.runs = {a, b};
  request.metrics = {kMrr};
  const auto comparison = compare_runs(store_, request);
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->metrics.size(), 1u);
  EXPECT_EQ(comparison->metrics[0].metric, kMrr);
  request.metrics = {{MetricKind::bpref, 0}};
  const auto unknown = compare_runs(store_, request);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("was not scored by bpref; all runs have ndcg@10, mrr@10"),
            std::string::npos)
      << unknown.error().message;
}

TEST_F(Compare, WhatCannotBeComparedIsRefusedWithTheReason) {
  const std::string a = add_run({{"1", 0.5}});
  const std::string disjoint = add_run({{"2", 0.5}});
  RunInfo changed;
  changed.dataset_hash = "later";
  const std::string later = add_run({{"1", 0.5}}, changed);
  RunInfo foreign;
  foreign.dataset = "other";
  foreign.dataset_hash = "other";
  const std::string other = add_run({{"1", 0.5}}, foreign);
  EXPECT_NE(refusal({a, later}, ErrorCode::invalid_argument).find("set has changed between them"),
            std::string::npos);
  EXPECT_NE(refusal({a, other}, ErrorCode::invalid_argument).find("one of set, the other of other"),
            std::string::npos);
  EXPECT_NE(refusal({a, disjoint}, ErrorCode::failed_precondition).find("no question in common"),
            std::string::npos);
  EXPECT_NE(refusal({a, a}, ErrorCode::invalid_argument).find("named twice"), std::string::npos);
  EXPECT_FALSE(refusal({a}, ErrorCode::invalid_argument).empty());
  EXPECT_FALSE(refusal({a, "absent-0001"}, ErrorCode::not_found).empty());

  RunInfo info = store_.load(a)->info;
  info.is_complete = false;
  ASSERT_TRUE(store_.save_info(info));
  EXPECT_NE(refusal({a, disjoint}, ErrorCode::failed_precondition).find("was interrupted"),
            std::string::npos);
  ASSERT_TRUE(store_.save_metrics(other, {}, {}));
  EXPECT_NE(refusal({other, a}, ErrorCode::failed_precondition).find("no labels"),
            std::string::npos);
}

TEST_F(Compare, OneSeedGivesOneAnswer) {
  const std::string a = add_run(values(40, 0, 0.2, 1));
  const std::string b = add_run(values(40, 0.02, 0.2, 2));
  const auto once = compare({a, b});
  const auto again = compare({a, b});
  ASSERT_TRUE(once && again);
  EXPECT_EQ(once->metrics[0].runs[0].p, again->metrics[0].runs[0].p);
  EXPECT_EQ(once->metrics[0].runs[0].interval.low, again->metrics[0].runs[0].interval.low);
  EXPECT_EQ(once->metrics[0].runs[0].sentence, again->metrics[0].runs[0].sentence);
}

TEST(SearchAgain, TheSettingsAreTheRunsAndTheSecretsAreOnesOwn) {
  RunInfo run;
  run.id = "set-0001";
  run.settings = {{"search.bm25.k1", "1.75"},
                  {"models.chat_api_key", "(set)"},
                  {"search.no_longer_there", "3"}};
  Settings own;
  own.models.chat_api_key = Secret("sesame");
  own.search.bm25.k1 = 0.5;
  std::vector<std::string> warnings;
  const Settings settings = settings_of_run(run, own, warnings);
  EXPECT_FLOAT_EQ(settings.search.bm25.k1, 1.75F);
  EXPECT_EQ(settings.models.chat_api_key.reveal(), "sesame");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("search.no_longer_there"), std::string::npos);
}

TEST(SearchAgain, AnotherRankingIsToldFromTheSame) {
  SearchResponse response;
  for (const char* document : {"a", "b"}) response.hits.emplace_back().document_id = document;
  EXPECT_TRUE(is_same_ranking(response, {{"a", 2}, {"b", 1}}));
  EXPECT_FALSE(is_same_ranking(response, {{"b", 2}, {"a", 1}}));
  EXPECT_FALSE(is_same_ranking(response, {{"a", 2}}));
}

}  // namespace
}  // namespace saerok::lab
