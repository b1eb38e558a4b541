#include "lab/ensemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/random.h"
#include "lab/reopen.h"
#include "lab/test_folder.h"

namespace saerok::lab {
namespace {

Outcome outcome(std::string topic, const std::vector<std::pair<std::string, double>>& hits,
                Decision decision = Decision::search) {
  Outcome made;
  made.topic = std::move(topic);
  made.decision = decision;
  for (const auto& [document, score] : hits) {
    made.hits.push_back({.document = document, .score = score, .bytes = {}, .lines = {}});
  }
  return made;
}

using Runs = std::vector<std::vector<Outcome>>;

EnsembleSettings settings_of(EnsembleMethod method) {
  EnsembleSettings settings;
  settings.method = method;
  return settings;
}

std::vector<std::string> documents(const Runs& runs, const EnsembleSettings& settings) {
  const auto fused = fuse_outcomes(runs, settings);
  EXPECT_TRUE(fused) << fused.error().message;
  std::vector<std::string> ids;
  for (const OutcomeHit& hit : fused->at(0).hits) ids.push_back(hit.document);
  return ids;
}

TEST(Ensemble, TheDocumentOfMostRunsWinsTheVoteAndTiesGoToTheBetterMeanRank) {
  const Runs runs = {{outcome("q", {{"a", 9}, {"b", 8}, {"c", 7}})},
                     {outcome("q", {{"d", 3}, {"b", 2}, {"a", 1}})},
                     {outcome("q", {{"b", 5}, {"d", 4}, {"e", 3}})}};
  // b has three votes; d (1, 2) stands before a (1, 3); c (3) and e (3) have one each.
  EXPECT_EQ(documents(runs, settings_of(EnsembleMethod::vote)),
            (std::vector<std::string>{"b", "d", "a", "e", "c"}));
}

TEST(Ensemble, OnlyTheFirstOfAListVote) {
  const Runs runs = {{outcome("q", {{"a", 9}, {"b", 8}})}, {outcome("q", {{"c", 3}, {"b", 2}})}};
  EnsembleSettings settings = settings_of(EnsembleMethod::vote);
  settings.vote_depth = 1;
  EXPECT_EQ(documents(runs, settings), (std::vector<std::string>{"c", "a"}));
}

TEST(Ensemble, WeightsCountAsThatManyVotes) {
  const Runs runs = {
      {outcome("q", {{"a", 1}})}, {outcome("q", {{"b", 1}})}, {outcome("q", {{"b", 1}})}};
  EnsembleSettings settings = settings_of(EnsembleMethod::vote);
  EXPECT_EQ(documents(runs, settings).front(), "b");
  settings.weights = {2.5, 1, 1};
  EXPECT_EQ(documents(runs, settings).front(), "a");
}

TEST(Ensemble, MinMaxGivesAListsFirstOneAndWhatItLacksNothing) {
  const Runs runs = {{outcome("q", {{"a", 10}, {"b", 5}, {"c", 0}})},
                     {outcome("q", {{"b", 0.5}, {"d", 0.25}})}};
  const auto fused = fuse_outcomes(runs, settings_of(EnsembleMethod::min_max));
  ASSERT_TRUE(fused);
  std::map<std::string, double> scores;
  for (const OutcomeHit& hit : fused->at(0).hits) scores[hit.document] = hit.score;
  EXPECT_EQ(scores, (std::map<std::string, double>{{"a", 1}, {"b", 1.5}, {"c", 0}, {"d", 0}}));
}

TEST(Ensemble, EqualScoresAreDefinedInEveryMethod) {
  const Runs runs = {{outcome("q", {{"a", 1}, {"b", 1}})}, {outcome("q", {})}};
  for (const auto method : {EnsembleMethod::vote, EnsembleMethod::rrf, EnsembleMethod::min_max,
                            EnsembleMethod::z_score}) {
    const auto fused = fuse_outcomes(runs, settings_of(method));
    ASSERT_TRUE(fused);
    ASSERT_EQ(fused->at(0).hits.size(), 2u) << name_of(method);
    for (const OutcomeHit& hit : fused->at(0).hits) EXPECT_TRUE(std::isfinite(hit.score));
  }
}

TEST(Ensemble, MostOfTheWeightDecidesWhetherToSearchAndAnEvenVoteSearches) {
  const Runs runs = {{outcome("q", {{"a", 1}})},
                     {outcome("q", {}, Decision::answer)},
                     {outcome("q", {}, Decision::answer)}};
  EnsembleSettings settings = settings_of(EnsembleMethod::rrf);
  EXPECT_EQ(fuse_outcomes(runs, settings)->at(0).decision, Decision::answer);
  EXPECT_TRUE(fuse_outcomes(runs, settings)->at(0).hits.empty());
  settings.weights = {2, 1, 1};
  EXPECT_EQ(fuse_outcomes(runs, settings)->at(0).decision, Decision::search);
  EXPECT_EQ(documents(runs, settings), std::vector<std::string>{"a"});
}

TEST(Ensemble, OnlyTopicsThatAllRunsHaveAreFused) {
  const Runs runs = {{outcome("q1", {{"a", 1}}), outcome("q2", {{"a", 1}})},
                     {outcome("q3", {{"a", 1}}), outcome("q2", {{"b", 1}})}};
  const auto fused = fuse_outcomes(runs, {});
  ASSERT_TRUE(fused);
  ASSERT_EQ(fused->size(), 1u);
  EXPECT_EQ(fused->at(0).topic, "q2");
  EXPECT_EQ(fuse_outcomes(Runs{{outcome("q1", {})}, {outcome("q3", {})}}, {}).error().code,
            ErrorCode::invalid_argument);
}

TEST(Ensemble, WeightsThatDoNotFitAreRefused) {
  const Runs runs = {{outcome("q", {{"a", 1}})}, {outcome("q", {{"a", 1}})}};
  for (const std::vector<double>& weights :
       {std::vector<double>{1}, {1, 0}, {1, -1}, {1, std::nan("")}}) {
    EnsembleSettings settings;
    settings.weights = weights;
    EXPECT_FALSE(fuse_outcomes(runs, settings));
  }
  EXPECT_FALSE(fuse_outcomes(Runs{{outcome("q", {})}}, {}));
  EXPECT_NE(parse_ensemble_method("borda").error().message.find("vote, rrf"), std::string::npos);
}

/// The sum over the lists of what the method makes of a document, straight from its definition.
double slow_score(const std::vector<std::vector<ScoredDocument>>& lists,
                  const std::string& document, EnsembleMethod method) {
  double sum = 0;
  for (const auto& list : lists) {
    double low = INFINITY, high = -INFINITY, mean = 0, variance = 0;
    for (const auto& entry : list) {
      low = std::min(low, entry.score);
      high = std::max(high, entry.score);
      mean += entry.score / static_cast<double>(list.size());
    }
    for (const auto& entry : list) {
      variance += (entry.score - mean) * (entry.score - mean) / static_cast<double>(list.size());
    }
    const auto at = std::ranges::find(list, document, &ScoredDocument::document);
    const double score = at == list.end() ? low : at->score;
    if (method == EnsembleMethod::rrf) {
      sum += at == list.end() ? 0 : 1 / (60 + static_cast<double>(at - list.begin() + 1));
    } else if (method == EnsembleMethod::min_max) {
      sum += (score - low) / (high - low);
    } else {
      sum += (score - mean) / std::sqrt(variance);
    }
  }
  return sum;
}

TEST(Ensemble, RandomListsAreFusedAsTheDefinitionsSay) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 100; ++round) {
    Runs runs;
    std::vector<std::vector<ScoredDocument>> lists;
    for (int r = 0; r < 3; ++r) {
      Outcome made = outcome("q", {});
      std::map<std::string, double> scores;
      while (scores.size() < 8) scores["d" + std::to_string(random.below(15))] = random.unit();
      for (const auto& [document, score] : scores) {
        made.hits.push_back({.document = document, .score = score, .bytes = {}, .lines = {}});
      }
      std::ranges::sort(made.hits, std::ranges::greater(), &OutcomeHit::score);
      lists.push_back(ranking_of(made));
      runs.push_back({made});
    }
    for (const auto method :
         {EnsembleMethod::rrf, EnsembleMethod::min_max, EnsembleMethod::z_score}) {
      const auto fused = fuse_outcomes(runs, settings_of(method));
      ASSERT_TRUE(fused);
      double before = INFINITY;
      for (const OutcomeHit& hit : fused->at(0).hits) {
        EXPECT_NEAR(hit.score, slow_score(lists, hit.document, method), 1e-9) << name_of(method);
        EXPECT_LE(hit.score, before);
        before = hit.score;
      }
    }
  }
}

/// A lab folder with two runs of a small dataset, made by hand.
class EnsembleRunTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("data/corpus.jsonl",
                  "{\"_id\": \"a\", \"text\": \"x\"}\n{\"_id\": \"b\", \"text\": \"y\"}\n");
    folder_.write("data/queries.jsonl", "{\"_id\": \"q\", \"text\": \"x?\"}\n");
    folder_.write("data/qrels.tsv", "q\ta\t1\n");
    places_ = {.folder = folder_.path("lab"), .models_directory = {}, .worker_program = {}};
    first_ = save({outcome("q", {{"b", 2}, {"a", 1}})});
    second_ = save({outcome("q", {{"a", 2}})});
  }
  std::string save(const std::vector<Outcome>& outcomes, const std::string& hash = {}) const {
    const RunStore store(places_.runs());
    DatasetRequest request;
    request.folder = folder_.path("data");
    const auto dataset = open_dataset(request, {});
    EXPECT_TRUE(dataset);
    RunInfo info;
    info.id = *store.create("data");
    info.dataset = dataset->name;
    info.dataset_folder = dataset->folder;
    info.dataset_hash = hash.empty() ? dataset->content_hash : hash;
    info.is_complete = true;
    EXPECT_TRUE(store.save_info(info));
    EXPECT_TRUE(store.save_outcomes(info.id, outcomes));
    RunTimings timings;
    timings.latency_ms = {.p50 = 1, .p95 = 2, .p99 = 3};
    EXPECT_TRUE(store.save_timings(info.id, timings));
    return info.id;
  }

  TestFolder folder_;
  LabPlaces places_;
  std::string first_, second_;
};

TEST_F(EnsembleRunTest, AnEnsembleIsARunWithScoresAndPartsAndTheirCosts) {
  EnsembleRequest request;
  request.runs = {first_, second_};
  request.settings.method = EnsembleMethod::vote;
  request.name = "both";
  request.note = "worth a try";
  const auto made = make_ensemble(places_, request, {});
  ASSERT_TRUE(made) << made.error().message;
  const RunInfo& info = made->record.info;
  EXPECT_EQ(info.id, "both-0001");
  EXPECT_EQ(info.kind, RunKind::ensemble);
  EXPECT_EQ(info.parts, request.runs);
  EXPECT_EQ(info.method, "vote of the first 10");
  EXPECT_TRUE(info.is_complete);
  EXPECT_EQ(made->record.timings.latency_ms.p95, 4);
  ASSERT_FALSE(made->record.metrics.empty());
  for (const MetricSummary& summary : made->record.metrics) {
    if (summary.metric == Metric{MetricKind::mrr, 10}) {
      EXPECT_EQ(summary.mean, 1);
    }
  }
  EXPECT_EQ(made->record.notes.at(0).text, "worth a try");
}

TEST_F(EnsembleRunTest, RunsOfDifferentDatasetsAreRefused) {
  EnsembleRequest request;
  request.runs = {first_, save({outcome("q", {})}, "another")};
  EXPECT_EQ(make_ensemble(places_, request, {}).error().code, ErrorCode::invalid_argument);
}

TEST_F(EnsembleRunTest, ADatasetThatChangedIsRefused) {
  folder_.write("data/qrels.tsv", "q\tb\t1\n");
  EnsembleRequest request;
  request.runs = {first_, second_};
  EXPECT_EQ(make_ensemble(places_, request, {}).error().code, ErrorCode::failed_precondition);
}

TEST_F(EnsembleRunTest, ATrecRunFileMayTakePart) {
  const std::string file =
      folder_.write("other.trec", "q Q0 a 1 5 t\nq Q0 b 2 nan t\nzz Q0 a 1 1 t\n");
  EnsembleRequest request;
  request.runs = {file, first_};
  const auto made = make_ensemble(places_, request, {});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->warnings.size(), 2u);
  EXPECT_NE(made->warnings[0].find(":2: the score"), std::string::npos);
  EXPECT_NE(made->warnings[1].find("not every run has them: 1"), std::string::npos);
  request.runs = {file, file};
  EXPECT_EQ(make_ensemble(places_, request, {}).error().code, ErrorCode::invalid_argument);
  request.runs = {"none", first_};
  EXPECT_EQ(make_ensemble(places_, request, {}).error().code, ErrorCode::not_found);
  request.runs = {folder_.write("no.trec", "hello\n"), first_};
  EXPECT_EQ(make_ensemble(places_, request, {}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace saerok::lab
