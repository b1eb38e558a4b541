/// Sets runs of one dataset beside each other: how far each is from the first, whether that can be
/// chance, and which questions moved. Reads the runs' values as they were scored; scores nothing
/// anew and searches nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lab/metrics.h"
#include "lab/run.h"
#include "lab/significance.h"
#include "saerok/result.h"

namespace saerok::lab {

struct CompareRequest {
  std::vector<std::string> runs;  ///< At least two; the first is the baseline.
  /// Empty: all that every run has. The first one says which questions moved.
  std::vector<Metric> metrics;
  std::size_t moved = 5;          ///< Questions listed that moved.
  std::size_t hits = 10;          ///< Hits listed of each of their rankings.
  ResamplingSettings resampling;  ///< Its seed also deals the folds.
  std::uint32_t folds = 0;        ///< 0: all questions; else only those of `fold`.
  std::uint32_t fold = 0;
};

enum class Verdict : std::uint8_t {
  better,  ///< Than the baseline, and not by chance.
  worse,
  unclear,  ///< What differs may be chance.
  equal,    ///< No question differs.
};
std::string_view name_of(Verdict verdict);

/// One run against the baseline by one metric.
struct RunDifference {
  std::string run;
  double mean = 0;
  double difference = 0;  ///< This run's mean minus the baseline's.
  Interval interval;      ///< Of the difference, by bootstrap over the questions.
  double p = 1;           ///< Paired randomisation, two-sided.
  /// After Holm over the runs compared by this metric; not over the metrics, of which a reader is
  /// to choose one beforehand. What the verdict goes by.
  double p_corrected = 1;
  std::uint64_t wins = 0;  ///< Questions on which this run scores higher than the baseline.
  std::uint64_t losses = 0;
  std::uint64_t ties = 0;
  Verdict verdict = Verdict::equal;
  std::string sentence;  ///< The verdict in words, with the figures it rests on.
};

struct MetricComparison {
  Metric metric;
  std::uint64_t topics = 0;  ///< Common topics of which the metric says something in every run.
  double baseline_mean = 0;  ///< Over those.
  std::vector<RunDifference> runs;  ///< All but the baseline.
};

/// A run's part in a question that moved.
struct MovedRanking {
  std::string query;  ///< What was searched for.
  double value = 0;
  std::vector<ScoredDocument> hits;  ///< Documents, best first; at most CompareRequest::hits.
};

struct MovedTopic {
  std::string topic;
  double difference = 0;           ///< The largest to the baseline, of whichever run.
  std::vector<MovedRanking> runs;  ///< In the order of the runs, the baseline too.
};

struct Comparison {
  std::vector<RunInfo> runs;
  std::vector<std::uint64_t> topics_left_out;  ///< By run: those that another run lacks.
  std::uint64_t topics = 0;                    ///< Common, and in the fold where there is one.
  std::vector<MetricComparison> metrics;
  std::vector<MovedTopic> moved;  ///< By the first of the metrics, what moved most first.
  std::vector<std::string> warnings;
};

/// Errors: not_found (a run), corrupt, invalid_argument (fewer than two runs, one named twice, runs
/// of different datasets, a metric that a run lacks, a fold that there is not),
/// failed_precondition (an unfinished run, one without labels, no topics in common).
Result<Comparison> compare_runs(const RunStore& store, const CompareRequest& request);

}  // namespace saerok::lab
