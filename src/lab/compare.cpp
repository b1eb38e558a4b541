#include "lab/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/plural.h"
#include "lab/dataset.h"

namespace saerok::lab {
namespace {

Error refuse(std::string message) { return {ErrorCode::invalid_argument, std::move(message)}; }

/// A run as it is compared.
struct ComparedRun {
  RunRecord record;
  std::unordered_map<std::string, std::vector<double>> values;  ///< By topic.

  /// Where the metric stands among the values.
  std::optional<std::size_t> place(const Metric& metric) const {
    for (std::size_t i = 0; i < record.metrics.size(); ++i) {
      if (record.metrics[i].metric == metric) return i;
    }
    return std::nullopt;
  }
  const std::string& id() const { return record.info.id; }
};

Result<ComparedRun> load_run(const RunStore& store, const std::string& id) {
  ComparedRun run;
  run.record = TRY(store.load(id));
  if (!run.record.info.is_complete) {
    return Error{ErrorCode::failed_precondition,
                 "run " + id + " was interrupted; the same `saerok lab run` goes on with it"};
  }
  if (run.record.metrics.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "run " + id +
                     " has no metrics, because its dataset has no labels; there is "
                     "nothing to compare"};
  }
  for (TopicValues& topic : TRY(store.topic_values(id))) {
    run.values.emplace(std::move(topic.topic), std::move(topic.values));
  }
  return run;
}

Result<std::vector<ComparedRun>> load_runs(const RunStore& store,
                                           const std::vector<std::string>& ids) {
  if (ids.size() < 2) return refuse("a comparison takes two runs or more");
  std::set<std::string> seen;
  std::vector<ComparedRun> runs;
  for (const std::string& id : ids) {
    if (!seen.insert(id).second) return refuse("run " + id + " is named twice");
    runs.push_back(TRY(load_run(store, id)));
  }
  const RunInfo& first = runs.front().record.info;
  for (const ComparedRun& run : runs) {
    const RunInfo& info = run.record.info;
    if (info.dataset_hash == first.dataset_hash) continue;
    const std::string reason = info.dataset == first.dataset
                                   ? first.dataset + " has changed between them"
                                   : "one of " + first.dataset + ", the other of " + info.dataset;
    return refuse("runs " + first.id + " and " + info.id + " cannot be compared: " + reason +
                  "; run both on the same questions, labels and documents");
  }
  return runs;
}

std::string metric_list(const std::vector<Metric>& metrics) {
  std::string list;
  for (const Metric& metric : metrics) list += (list.empty() ? "" : ", ") + name_of(metric);
  return list;
}

Result<std::vector<Metric>> choose_metrics(const std::vector<ComparedRun>& runs,
                                           const std::vector<Metric>& wanted) {
  std::vector<Metric> common;
  for (const MetricSummary& summary : runs.front().record.metrics) {
    if (std::all_of(runs.begin(), runs.end(), [&](const ComparedRun& run) {
          return run.place(summary.metric).has_value();
        })) {
      common.push_back(summary.metric);
    }
  }
  if (common.empty()) return refuse("the runs have no metric in common; run one of them again");
  for (const Metric& metric : wanted) {
    for (const ComparedRun& run : runs) {
      if (run.place(metric)) continue;
      return refuse("run " + run.id() + " was not scored by " + name_of(metric) +
                    "; all runs have " + metric_list(common));
    }
  }
  return wanted.empty() ? common : wanted;
}

/// Topics of every run, in one order for all, and only those of the fold.
Result<std::vector<std::string>> choose_topics(const std::vector<ComparedRun>& runs,
                                               const CompareRequest& request,
                                               std::vector<std::uint64_t>& left_out) {
  Dataset common;
  for (const auto& [topic, values] : runs.front().values) {
    if (std::all_of(runs.begin(), runs.end(),
                    [&](const ComparedRun& run) { return run.values.contains(topic); })) {
      common.topics.emplace_back().id = topic;
    }
  }
  for (const ComparedRun& run : runs) left_out.push_back(run.values.size() - common.topics.size());
  if (common.topics.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "the runs have no question in common; were they run on different folds?"};
  }
  std::sort(common.topics.begin(), common.topics.end(),
            [](const Topic& a, const Topic& b) { return a.id < b.id; });
  std::vector<std::string> topics;
  if (request.folds == 0) {
    for (const Topic& topic : common.topics) topics.push_back(topic.id);
    return topics;
  }
  if (request.fold >= request.folds) {
    return refuse("there is no fold " + std::to_string(request.fold) + " of " +
                  std::to_string(request.folds) + "; folds count from 0");
  }
  for (const std::size_t i :
       topics_of_fold(common, request.folds, request.fold, request.resampling.seed)) {
    topics.push_back(common.topics[i].id);
  }
  if (topics.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "fold " + std::to_string(request.fold) + " of " + std::to_string(request.folds) +
                     " holds no question that the runs have in common"};
  }
  return topics;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// What a figure below 1 looks like in a sentence: ".012", "-.3".
std::string figure(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, std::abs(value));
  std::string written = text.data();
  const bool is_zero = written.find_first_not_of("0.") == std::string::npos;
  if (written.starts_with("0.")) written.erase(0, 1);
  return (value < 0 && !is_zero ? "-" : "") + written;
}

/// Three digits, and as many more as a small one needs to be told from 0.
std::string figure(double value) {
  const double size = std::abs(value);
  return figure(value, size == 0 || size >= 0.0005 ? 3 : size >= 0.00005 ? 4 : 5);
}

std::string evidence(const RunDifference& run, std::uint64_t topics,
                     const ResamplingSettings& settings) {
  const std::string p = run.p_corrected < 0.001 ? "p < .001" : "p = " + figure(run.p_corrected, 3);
  return std::to_string(static_cast<int>(std::lround(settings.confidence * 100))) + " % interval " +
         figure(run.interval.low) + " to " + figure(run.interval.high) + ", " + p + " over " +
         counted(topics, "question");
}

/// Whether even one side winning all of them could not be told from chance: of `count` signs the
/// most extreme patterns are two, so that p is never below 2 / 2^count.
bool is_too_few(std::uint64_t count, std::size_t comparisons, double level) {
  const double least = 2 * std::pow(0.5, static_cast<double>(count));
  return least * static_cast<double>(comparisons) >= level;
}

std::string sentence_for(const MetricComparison& comparison, const RunDifference& run,
                         const std::string& baseline, const ResamplingSettings& settings,
                         std::size_t comparisons) {
  const std::string metric = name_of(comparison.metric);
  if (run.verdict == Verdict::equal) {
    return run.run + " and " + baseline + " score the same " + metric + " on " +
           (comparison.topics == 1 ? "the one question"
                                   : "each of " + std::to_string(comparison.topics) + " questions");
  }
  const std::string shown = evidence(run, comparison.topics, settings);
  if (run.verdict != Verdict::unclear) {
    return run.run + " is " + std::string(name_of(run.verdict)) + " than " + baseline + " by " +
           figure(std::abs(run.difference)) + " " + metric + " (" + shown + ")";
  }
  const std::string none = "no difference in " + metric + " can be shown between " + run.run +
                           " and " + baseline + ": " + figure(run.difference) + " was measured (" +
                           shown + "); ";
  const std::uint64_t differing = run.wins + run.losses;
  if (is_too_few(differing, comparisons, 1 - settings.confidence)) {
    return none + "only " + counted(differing, "question") +
           (differing == 1 ? " differs" : " differ") + ", and so few never show one";
  }
  // A difference of less than half the interval's width would have had 0 inside its own interval.
  return none + "with this many questions a difference under about " +
         figure((run.interval.high - run.interval.low) / 2) + " cannot be seen";
}

Verdict verdict_on(const RunDifference& run, double level) {
  if (run.wins + run.losses == 0) return Verdict::equal;
  if (run.p_corrected >= level) return Verdict::unclear;
  return run.difference > 0 ? Verdict::better : Verdict::worse;
}

RunDifference difference_of(const std::string& id, const std::vector<double>& values,
                            const std::vector<double>& baseline,
                            const ResamplingSettings& settings) {
  RunDifference run;
  run.run = id;
  run.mean = mean(values);
  std::vector<double> differences;
  for (std::size_t i = 0; i < values.size(); ++i) {
    differences.push_back(values[i] - baseline[i]);
    ++(values[i] > baseline[i] ? run.wins : values[i] < baseline[i] ? run.losses : run.ties);
  }
  run.difference = mean(differences);
  run.interval = bootstrap_mean(differences, settings);
  run.p = paired_randomisation(values, baseline, settings);
  return run;
}

/// By run, the metric's values of the topics that it says something of in every run.
std::vector<std::vector<double>> values_of(const std::vector<ComparedRun>& runs,
                                           const std::vector<std::string>& topics,
                                           const Metric& metric) {
  std::vector<std::vector<double>> columns(runs.size());
  for (const std::string& topic : topics) {
    std::vector<double> row;
    for (const ComparedRun& run : runs) row.push_back(run.values.at(topic)[*run.place(metric)]);
    if (!std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); })) continue;
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  return columns;
}

MetricComparison compare_by(const Metric& metric, const std::vector<ComparedRun>& runs,
                            const std::vector<std::string>& topics,
                            const ResamplingSettings& settings) {
  const auto columns = values_of(runs, topics, metric);
  MetricComparison comparison{.metric = metric,
                              .topics = columns.front().size(),
                              .baseline_mean = mean(columns.front()),
                              .runs = {}};
  if (comparison.topics == 0) return comparison;
  std::vector<double> p_values;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    comparison.runs.push_back(difference_of(runs[i].id(), columns[i], columns.front(), settings));
    p_values.push_back(comparison.runs.back().p);
  }
  const std::vector<double> corrected = holm(p_values);
  for (std::size_t i = 0; i < corrected.size(); ++i) {
    RunDifference& run = comparison.runs[i];
    run.p_corrected = corrected[i];
    run.verdict = verdict_on(run, 1 - settings.confidence);
    run.sentence =
        sentence_for(comparison, run, runs.front().id(), settings, comparison.runs.size());
  }
  return comparison;
}

/// The topics that moved most, without their rankings.
std::vector<MovedTopic> find_moved(const std::vector<ComparedRun>& runs,
                                   const std::vector<std::string>& topics, const Metric& metric,
                                   std::size_t count) {
  std::vector<MovedTopic> moved;
  for (const std::string& topic : topics) {
    MovedTopic entry{.topic = topic, .runs = std::vector<MovedRanking>(runs.size())};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      entry.runs[i].value = runs[i].values.at(topic)[*runs[i].place(metric)];
      const double difference = entry.runs[i].value - entry.runs.front().value;
      if (std::abs(difference) > std::abs(entry.difference)) entry.difference = difference;
    }
    const bool is_defined =
        std::all_of(entry.runs.begin(), entry.runs.end(),
                    [](const MovedRanking& run) { return std::isfinite(run.value); });
    if (is_defined && entry.difference != 0) moved.push_back(std::move(entry));
  }
  std::sort(moved.begin(), moved.end(), [](const MovedTopic& a, const MovedTopic& b) {
    const double one = std::abs(a.difference);
    const double other = std::abs(b.difference);
    return one != other ? one > other : a.topic < b.topic;
  });
  if (moved.size() > count) moved.resize(count);
  return moved;
}

Status add_rankings(const RunStore& store, const std::vector<ComparedRun>& runs,
                    std::size_t hits_max, std::vector<MovedTopic>& moved) {
  for (std::size_t i = 0; i < runs.size() && !moved.empty(); ++i) {
    std::unordered_map<std::string, Outcome> outcomes;
    for (Outcome& outcome : TRY(store.outcomes(runs[i].id()))) {
      const std::string topic = outcome.topic;
      outcomes.emplace(topic, std::move(outcome));
    }
    for (MovedTopic& entry : moved) {
      const auto outcome = outcomes.find(entry.topic);
      if (outcome == outcomes.end()) continue;
      entry.runs[i].query = outcome->second.standalone_query;
      entry.runs[i].hits = ranking_of(outcome->second);
      if (entry.runs[i].hits.size() > hits_max) entry.runs[i].hits.resize(hits_max);
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::better: return "better";
    case Verdict::worse: return "worse";
    case Verdict::unclear: return "unclear";
    case Verdict::equal: return "equal";
  }
  return "";
}

Result<Comparison> compare_runs(const RunStore& store, const CompareRequest& request) {
  const std::vector<ComparedRun> runs = TRY(load_runs(store, request.runs));
  const std::vector<Metric> metrics = TRY(choose_metrics(runs, request.metrics));
  Comparison comparison;
  const std::vector<std::string> topics =
      TRY(choose_topics(runs, request, comparison.topics_left_out));
  comparison.topics = topics.size();
  for (const ComparedRun& run : runs) comparison.runs.push_back(run.record.info);
  for (const Metric& metric : metrics) {
    MetricComparison compared = compare_by(metric, runs, topics, request.resampling);
    if (compared.topics > 0) {
      comparison.metrics.push_back(std::move(compared));
    } else {
      comparison.warnings.push_back(name_of(metric) + " says nothing of any common question");
    }
  }
  if (comparison.metrics.empty()) return comparison;
  comparison.moved = find_moved(runs, topics, comparison.metrics.front().metric, request.moved);
  TRY(add_rankings(store, runs, request.hits, comparison.moved));
  return comparison;
}

}  // namespace saerok::lab
