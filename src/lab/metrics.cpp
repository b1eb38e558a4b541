#include "lab/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_set>

#include "base/assert.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

enum class DepthRule : std::uint8_t { none, optional, required };

struct MetricName {
  MetricKind kind;
  std::string_view before;  ///< What stands before "@".
  std::string_view after;   ///< What stands after the depth.
  DepthRule depth;
  std::string_view example;
};

constexpr std::array<MetricName, 9> kNames = {{
    {MetricKind::ndcg, "ndcg", "", DepthRule::optional, "ndcg@10"},
    {MetricKind::mrr, "mrr", "", DepthRule::optional, "mrr@10"},
    {MetricKind::recall, "recall", "", DepthRule::optional, "recall@100"},
    {MetricKind::precision, "precision", "", DepthRule::optional, "precision@5"},
    {MetricKind::average_precision, "map", "", DepthRule::optional, "map@3"},
    {MetricKind::r_precision, "r_precision", "", DepthRule::none, "r_precision"},
    {MetricKind::bpref, "bpref", "", DepthRule::none, "bpref"},
    {MetricKind::success, "success", "", DepthRule::optional, "success@1"},
    {MetricKind::competition_map, "map", "_competition", DepthRule::required, "map@3_competition"},
}};

/// "@10" as 10; "" as 0. Nothing where it is neither.
std::optional<std::uint32_t> parse_depth(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] != '@' || text.size() < 2 || text[1] == '0') return std::nullopt;
  std::uint32_t depth = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + 1, end, depth);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return depth;
}

std::optional<Metric> match(const MetricName& known, std::string_view name) {
  if (!name.starts_with(known.before)) return std::nullopt;
  name.remove_prefix(known.before.size());
  if (!name.ends_with(known.after)) return std::nullopt;
  name.remove_suffix(known.after.size());
  const auto depth = parse_depth(name);
  if (!depth || (known.depth == DepthRule::none && *depth != 0) ||
      (known.depth == DepthRule::required && *depth == 0)) {
    return std::nullopt;
  }
  return Metric{known.kind, *depth};
}

/// Any negative grade is how trec_eval's qrels say "in the pool, but nobody judged it".
constexpr std::int32_t kUnjudged = -1;

/// What the metrics ask of a ranking: the grade at each rank, and what could have been reached.
struct JudgedRanking {
  std::vector<std::int32_t> grades;  ///< By rank.
  std::vector<std::int32_t> ideal;   ///< Every positive grade, best first.
  std::size_t not_relevant = 0;      ///< Documents judged so.
  std::size_t relevant() const { return ideal.size(); }
  bool is_relevant(std::size_t index) const { return grades[index] > 0; }
};

JudgedRanking judge_ranking(std::span<const ScoredDocument> ranking, const Judgements& judgements) {
  JudgedRanking judged;
  for (const std::string& document : judged_order(ranking)) {
    const auto found = judgements.find(document);
    judged.grades.push_back(found == judgements.end() ? kUnjudged : found->second);
  }
  for (const auto& [document, grade] : judgements) {
    if (grade > 0) judged.ideal.push_back(grade);
    if (grade == 0) ++judged.not_relevant;
  }
  std::sort(judged.ideal.begin(), judged.ideal.end(), std::greater<>());
  return judged;
}

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Ranks that a depth looks at.
std::size_t looked_at(const JudgedRanking& judged, std::uint32_t depth) {
  return depth == 0 ? judged.grades.size() : std::min<std::size_t>(judged.grades.size(), depth);
}

std::size_t hits(const JudgedRanking& judged, std::size_t depth) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < std::min(depth, judged.grades.size()); ++i) {
    if (judged.is_relevant(i)) ++found;
  }
  return found;
}

/// A grade is its own gain, not 2^grade - 1: trec_eval's default.
double discounted(std::int32_t grade, std::size_t index) {
  return static_cast<double>(grade) / std::log2(static_cast<double>(index) + 2);
}

double ndcg(const JudgedRanking& judged, std::uint32_t depth) {
  double gain = 0;
  for (std::size_t i = 0; i < looked_at(judged, depth); ++i) {
    if (judged.is_relevant(i)) gain += discounted(judged.grades[i], i);
  }
  const std::size_t ideal_depth =
      depth == 0 ? judged.relevant() : std::min<std::size_t>(judged.relevant(), depth);
  double ideal = 0;
  for (std::size_t i = 0; i < ideal_depth; ++i) ideal += discounted(judged.ideal[i], i);
  return ideal > 0 ? gain / ideal : 0;
}

double reciprocal_rank(const JudgedRanking& judged, std::uint32_t depth) {
  for (std::size_t i = 0; i < looked_at(judged, depth); ++i) {
    if (judged.is_relevant(i)) return ratio(1, i + 1);
  }
  return 0;
}

/// The precision at each relevant document down to `depth`, summed.
double sum_of_precisions(const JudgedRanking& judged, std::uint32_t depth) {
  double sum = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < looked_at(judged, depth); ++i) {
    if (judged.is_relevant(i)) sum += ratio(++found, i + 1);
  }
  return sum;
}

/// How many documents judged not relevant stand above each relevant one, at most as many as there
/// are relevant ones. Source: Buckley and Voorhees, "Retrieval evaluation with incomplete
/// information", SIGIR 2004, as trec_eval computes it: the bound is also that of the judged ones.
double bpref(const JudgedRanking& judged) {
  const std::size_t bound = std::min(judged.relevant(), judged.not_relevant);
  double sum = 0;
  std::size_t above = 0;
  for (std::size_t i = 0; i < judged.grades.size(); ++i) {
    if (judged.grades[i] == 0) ++above;
    if (judged.is_relevant(i)) sum += 1 - ratio(std::min(above, judged.relevant()), bound);
  }
  return judged.relevant() == 0 ? 0 : sum / static_cast<double>(judged.relevant());
}

/// Divides by the hits that were found, not by those there are: as the competition does.
double competition_map(const JudgedRanking& judged, std::uint32_t depth, bool is_search) {
  if (!is_search) return judged.grades.empty() ? 1 : 0;
  const std::size_t found = hits(judged, depth);
  return found == 0 ? 0 : sum_of_precisions(judged, depth) / static_cast<double>(found);
}

double value_of(const Metric& metric, const JudgedRanking& judged, bool is_search) {
  const std::size_t depth = metric.depth == 0 ? judged.grades.size() : metric.depth;
  switch (metric.kind) {
    case MetricKind::ndcg: return ndcg(judged, metric.depth);
    case MetricKind::mrr: return reciprocal_rank(judged, metric.depth);
    case MetricKind::recall: return ratio(hits(judged, depth), judged.relevant());
    case MetricKind::precision: return ratio(hits(judged, depth), depth);
    case MetricKind::average_precision:
      if (judged.relevant() == 0) return 0;
      return sum_of_precisions(judged, metric.depth) / static_cast<double>(judged.relevant());
    case MetricKind::r_precision: return ratio(hits(judged, judged.relevant()), judged.relevant());
    case MetricKind::bpref: return bpref(judged);
    case MetricKind::success: return hits(judged, depth) > 0 ? 1 : 0;
    case MetricKind::competition_map: return competition_map(judged, metric.depth, is_search);
  }
  return 0;
}

/// Scores beyond a float's range are held at its ends: out of range the conversion is undefined.
float as_float(double score) {
  constexpr double kMax = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(score, -kMax, kMax));
}

}  // namespace

Result<Metric> parse_metric(std::string_view name) {
  for (const MetricName& known : kNames) {
    if (const auto metric = match(known, name)) return *metric;
  }
  std::vector<std::string> examples = {"map", "ndcg", "mrr", "recall", "precision", "success"};
  std::string list;
  for (const MetricName& known : kNames) {
    examples.emplace_back(known.example);
    list += (list.empty() ? "" : ", ") + std::string(known.example);
  }
  const std::string nearest = nearest_name(name, examples);
  return Error{ErrorCode::invalid_argument,
               "there is no metric \"" + std::string(name) + "\"" +
                   (nearest.empty() ? "." : "; did you mean " + nearest + "?") + " Metrics are " +
                   list + ", with any depth from 1 after the @."};
}

std::string name_of(const Metric& metric) {
  const auto known = std::find_if(kNames.begin(), kNames.end(), [&](const MetricName& entry) {
    return entry.kind == metric.kind;
  });
  ASSERT(known != kNames.end());
  return std::string(known->before) +
         (metric.depth == 0 ? "" : "@" + std::to_string(metric.depth)) + std::string(known->after);
}

std::vector<Metric> default_metrics() {
  return {{MetricKind::ndcg, 10},     {MetricKind::mrr, 10},
          {MetricKind::recall, 10},   {MetricKind::recall, 100},
          {MetricKind::precision, 5}, {MetricKind::average_precision, 0},
          {MetricKind::success, 1},   {MetricKind::competition_map, 3}};
}

std::vector<std::string> judged_order(std::span<const ScoredDocument> ranking) {
  struct Place {
    float score;
    std::string_view document;
  };
  std::vector<Place> places;
  places.reserve(ranking.size());
  for (const ScoredDocument& entry : ranking) {
    ASSERT(std::isfinite(entry.score));
    places.push_back({as_float(entry.score), entry.document});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.score != b.score ? a.score > b.score : a.document > b.document;
  });
  std::vector<std::string> order;
  order.reserve(places.size());
  std::unordered_set<std::string_view> seen;
  for (const Place& place : places) {
    if (seen.insert(place.document).second) order.emplace_back(place.document);
  }
  return order;
}

std::vector<double> evaluate(std::span<const Metric> metrics,
                             std::span<const ScoredDocument> ranking, const Judgements& judgements,
                             bool is_search) {
  const JudgedRanking judged = judge_ranking(ranking, judgements);
  std::vector<double> values;
  values.reserve(metrics.size());
  for (const Metric& metric : metrics) values.push_back(value_of(metric, judged, is_search));
  return values;
}

}  // namespace saerok::lab
