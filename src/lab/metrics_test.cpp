#include "lab/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "base/json.h"
#include "base/random.h"

namespace saerok::lab {
namespace {

constexpr double kTolerance = 1e-6;

/// Read once; by reference, so that a range-for over a part of it holds on to something that lives.
const Json& golden() {
  static const Json kGolden = [] {
    std::ifstream stream(std::string(SAEROK_SOURCE_DIR) + "/src/lab/golden/metrics.json",
                         std::ios::binary);
    return Json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }();
  return kGolden;
}

Metric metric(std::string_view name) {
  const auto parsed = parse_metric(name);
  EXPECT_TRUE(parsed) << name;
  return parsed ? *parsed : Metric{};
}

double value(std::string_view name, const std::vector<std::string>& ranking,
             const Judgements& judgements, bool is_search = true) {
  std::vector<ScoredDocument> scored;
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    scored.push_back({ranking[i], 100.0 - static_cast<double>(i)});
  }
  const std::vector<Metric> metrics = {metric(name)};
  return evaluate(metrics, scored, judgements, is_search).front();
}

struct GoldenTopic {
  std::vector<ScoredDocument> ranking;
  Judgements judgements;
  bool is_search = true;
  std::vector<Metric> metrics;
  std::vector<double> values;
};

std::vector<GoldenTopic> golden_topics() {
  std::vector<GoldenTopic> topics;
  for (const Json& json : golden()["topics"]) {
    GoldenTopic& topic = topics.emplace_back();
    for (const Json& entry : json["ranking"]) topic.ranking.push_back({entry[0], entry[1]});
    for (const auto& [document, grade] : json["judgements"].items()) {
      topic.judgements[document] = grade;
    }
    topic.is_search = json["is_search"];
    for (const auto& [name, expected] : json["values"].items()) {
      topic.metrics.push_back(metric(name));
      topic.values.push_back(expected);
    }
  }
  return topics;
}

TEST(Metrics, EveryValueIsThatOfTrecEval) {
  const auto topics = golden_topics();
  ASSERT_GE(topics.size(), 50u);
  std::set<MetricKind> kinds;
  for (std::size_t t = 0; t < topics.size(); ++t) {
    const GoldenTopic& topic = topics[t];
    const auto values = evaluate(topic.metrics, topic.ranking, topic.judgements, topic.is_search);
    ASSERT_EQ(values.size(), topic.values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      kinds.insert(topic.metrics[i].kind);
      EXPECT_NEAR(values[i], topic.values[i], kTolerance)
          << "topic " << t << ", " << name_of(topic.metrics[i]);
    }
  }
  EXPECT_EQ(kinds.size(), 9u) << "a kind of metric has no golden values";
}

// The golden values must be able to tell definitions apart that are easily confused.
TEST(Metrics, GoldenTopicsTellNeighbouringDefinitionsApart) {
  const auto topics = golden_topics();
  const std::vector<std::pair<std::string, std::string>> pairs = {{"map@3", "map@3_competition"},
                                                                  {"map", "map@10"},
                                                                  {"ndcg", "ndcg@10"},
                                                                  {"mrr", "mrr@3"},
                                                                  {"precision", "precision@10"},
                                                                  {"recall", "recall@10"},
                                                                  {"r_precision", "bpref"},
                                                                  {"success@1", "success@3"}};
  for (const auto& [one, other] : pairs) {
    bool differ = false;
    for (const GoldenTopic& topic : topics) {
      const std::vector<Metric> metrics = {metric(one), metric(other)};
      const auto values = evaluate(metrics, topic.ranking, topic.judgements, topic.is_search);
      differ = differ || std::abs(values[0] - values[1]) > kTolerance;
    }
    EXPECT_TRUE(differ) << one << " and " << other;
  }
}

/// The definitions word for word, one look at the ranking for each question.
class SlowModel {
 public:
  SlowModel(const std::vector<std::string>& order, const Judgements& judgements)
      : order_(order), judgements_(judgements) {}

  double value(const Metric& m) const {
    const std::size_t depth = m.depth == 0 ? order_.size() : m.depth;
    const auto relevant = static_cast<double>(
        std::count_if(judgements_.begin(), judgements_.end(),
                      [](const auto& judgement) { return judgement.second >= 1; }));
    switch (m.kind) {
      case MetricKind::ndcg: return ndcg(m.depth == 0 ? 100'000 : m.depth);
      case MetricKind::mrr:
        for (std::size_t rank = 1; rank <= depth; ++rank) {
          if (grade(rank) >= 1) return 1.0 / static_cast<double>(rank);
        }
        return 0;
      case MetricKind::recall: return relevant == 0 ? 0 : found(depth) / relevant;
      case MetricKind::precision: return depth == 0 ? 0 : found(depth) / static_cast<double>(depth);
      case MetricKind::average_precision: return relevant == 0 ? 0 : sum(depth) / relevant;
      case MetricKind::r_precision:
        return relevant == 0 ? 0 : found(static_cast<std::size_t>(relevant)) / relevant;
      case MetricKind::bpref: return bpref(relevant);
      case MetricKind::success: return found(depth) > 0 ? 1 : 0;
      case MetricKind::competition_map: return found(depth) == 0 ? 0 : sum(depth) / found(depth);
    }
    return -1;
  }

 private:
  std::int32_t grade(std::size_t rank) const {
    if (rank > order_.size()) return -1;
    const auto judgement = judgements_.find(order_[rank - 1]);
    return judgement == judgements_.end() ? -1 : judgement->second;
  }
  double found(std::size_t depth) const {
    double count = 0;
    for (std::size_t rank = 1; rank <= depth; ++rank) count += grade(rank) >= 1 ? 1 : 0;
    return count;
  }
  double sum(std::size_t depth) const {
    double total = 0;
    for (std::size_t rank = 1; rank <= depth; ++rank) {
      if (grade(rank) >= 1) total += found(rank) / static_cast<double>(rank);
    }
    return total;
  }
  double ndcg(std::size_t depth) const {
    std::vector<std::int32_t> best;
    for (const auto& [document, grade] : judgements_) best.push_back(std::max(grade, 0));
    std::sort(best.rbegin(), best.rend());
    double gain = 0;
    double ideal = 0;
    for (std::size_t rank = 1; rank <= depth; ++rank) {
      const double discount = std::log(static_cast<double>(rank) + 1) / std::log(2.0);
      gain += std::max(grade(rank), 0) / discount;
      if (rank <= best.size()) ideal += best[rank - 1] / discount;
    }
    return ideal == 0 ? 0 : gain / ideal;
  }
  double bpref(double relevant) const {
    const auto refused = static_cast<double>(
        std::count_if(judgements_.begin(), judgements_.end(),
                      [](const auto& judgement) { return judgement.second == 0; }));
    double total = 0;
    for (std::size_t rank = 1; rank <= order_.size(); ++rank) {
      if (grade(rank) < 1) continue;
      double above = 0;
      for (std::size_t i = 1; i < rank; ++i) above += grade(i) == 0 ? 1 : 0;
      total += above == 0 ? 1 : 1 - std::min(above, relevant) / std::min(refused, relevant);
    }
    return relevant == 0 ? 0 : total / relevant;
  }

  const std::vector<std::string>& order_;
  const Judgements& judgements_;
};

TEST(Metrics, RandomTopicsGiveWhatTheDefinitionsSay) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int topic = 0; topic < 300; ++topic) {
    std::vector<std::string> order;
    std::vector<ScoredDocument> ranking;
    Judgements judgements;
    const std::uint64_t retrieved = random.below(30);
    for (std::uint64_t i = 0; i < retrieved; ++i) {
      order.push_back("d" + std::to_string(i));
      ranking.push_back({order.back(), -static_cast<double>(i)});
    }
    for (std::uint64_t i = random.below(25); i > 0; --i) {
      const std::string document = "d" + std::to_string(random.below(40));
      judgements[document] = static_cast<std::int32_t>(random.below(5)) - 1;
    }
    std::vector<Metric> metrics;
    for (const char* name : {"ndcg", "mrr", "recall", "precision", "map", "success"}) {
      metrics.push_back(metric(name));
      metrics.push_back(metric(std::string(name) + "@" + std::to_string(1 + random.below(40))));
    }
    for (const char* name : {"bpref", "r_precision", "map@3_competition"}) {
      metrics.push_back(metric(name));
    }
    for (std::size_t i = ranking.size(); i > 1; --i) {
      std::swap(ranking[i - 1], ranking[random.below(i)]);
    }
    const auto values = evaluate(metrics, ranking, judgements);
    const SlowModel model(order, judgements);
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      EXPECT_NEAR(values[i], model.value(metrics[i]), 1e-9) << name_of(metrics[i]);
    }
  }
}

TEST(Metrics, TheCompetitionDividesByTheHitsThatWereFound) {
  const Judgements judgements = {{"a", 1}, {"b", 1}, {"c", 1}};
  EXPECT_DOUBLE_EQ(value("map@3_competition", {"a", "x", "y"}, judgements), 1);
  EXPECT_DOUBLE_EQ(value("map@3", {"a", "x", "y"}, judgements), 1.0 / 3);
  EXPECT_DOUBLE_EQ(value("map@3_competition", {"x", "a", "b"}, judgements),
                   (1.0 / 2 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(value("map@3_competition", {"x", "y", "z", "a"}, judgements), 0);
  EXPECT_DOUBLE_EQ(value("map@3_competition", {}, judgements), 0);
}

TEST(Metrics, AConversationThatNeedsNoSearchIsRightWhenNothingWasFound) {
  EXPECT_DOUBLE_EQ(value("map@3_competition", {}, {}, false), 1);
  EXPECT_DOUBLE_EQ(value("map@3_competition", {"a"}, {}, false), 0);
  EXPECT_DOUBLE_EQ(value("map@3_competition", {"a"}, {{"a", 1}}, false), 0);
  EXPECT_DOUBLE_EQ(value("ndcg@10", {}, {}, false), 0);
}

TEST(Metrics, OrderIsByScoreAsAFloatThenByIdDescending) {
  const std::vector<ScoredDocument> ranking = {
      {"a", 1}, {"b", 2}, {"c", 1}, {"가", 1}, {"d", 1 + 1e-12}, {"low", -1e300}, {"high", 1e300}};
  EXPECT_EQ(judged_order(ranking),
            (std::vector<std::string>{"high", "b", "가", "d", "c", "a", "low"}));
}

TEST(Metrics, ARepeatedDocumentCountsAtItsFirstPlace) {
  const std::vector<ScoredDocument> ranking = {{"a", 3}, {"b", 2}, {"a", 1}, {"c", 0}};
  EXPECT_EQ(judged_order(ranking), (std::vector<std::string>{"a", "b", "c"}));
  const std::vector<Metric> metrics = {metric("map"), metric("precision@3")};
  const auto values = evaluate(metrics, ranking, {{"a", 1}, {"c", 1}});
  EXPECT_DOUBLE_EQ(values[0], (1 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(values[1], 2.0 / 3);
}

TEST(Metrics, WithoutJudgementsOrHitsEveryValueIsFinite) {
  std::vector<Metric> metrics = default_metrics();
  for (const char* name : {"ndcg", "precision", "recall", "r_precision", "bpref", "success"}) {
    metrics.push_back(metric(name));
  }
  const std::vector<ScoredDocument> ranking = {{"a", 1}};
  for (const double v : evaluate(metrics, {}, {})) EXPECT_EQ(v, 0);
  for (const double v : evaluate(metrics, ranking, {})) EXPECT_EQ(v, 0);
  for (const double v : evaluate(metrics, {}, {{"a", 1}})) EXPECT_EQ(v, 0);
}

TEST(Metrics, NamesReadBackAsThemselves) {
  for (const char* name :
       {"ndcg", "ndcg@10", "mrr@10", "mrr", "recall@100", "precision@5", "map", "map@3",
        "r_precision", "bpref", "success@1", "map@3_competition", "map@10_competition"}) {
    EXPECT_EQ(name_of(metric(name)), name);
  }
  for (const Metric& m : default_metrics()) EXPECT_EQ(metric(name_of(m)), m);
}

TEST(Metrics, AWrongNameIsRefusedWithTheNearest) {
  for (const char* name :
       {"", "ndgc@10", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@1x", "ndcg10", "ndcg@99999999999",
        "bpref@3", "r_precision@2", "map_competition", "NDCG@10"}) {
    const auto parsed = parse_metric(name);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(parsed.error().message.find("map@3_competition"), std::string::npos);
  }
  EXPECT_NE(parse_metric("ndgc@10").error().message.find("did you mean ndcg@10?"),
            std::string::npos);
}

}  // namespace
}  // namespace saerok::lab
