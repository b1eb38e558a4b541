/// What one configuration found: the run, and the folder of runs. A run is written before anything
/// is computed from it, topic by topic, so that an interrupted one goes on where it stopped.
///
///   runs/ID/run.json        what was run: dataset, settings, version (RunInfo)
///   runs/ID/outcomes.jsonl  one line a topic (Outcome), no timings: equal bytes for equal settings
///   runs/ID/run.trec        the same as a TREC run file; blanks in ids as %20
///   runs/ID/metrics.json    means with intervals
///   runs/ID/per_topic.jsonl every topic's values
///   runs/ID/decisions.json  how often each decision was made where each was right, if known
///   runs/ID/timings.jsonl   milliseconds of each topic and stage
///   runs/ID/timings.json    their quantiles, memory, index size and times
///   runs/ID/notes.jsonl     what people wrote of it
///   runs/ID/lock            held by the process that is making the run
///
/// Several processes may read; one writes a run. Changed files are replaced whole.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/classification.h"
#include "lab/metrics.h"
#include "lab/significance.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok::lab {

/// Hits asked for each topic, and the share of a labelled stretch that a hit must cover, unless a
/// run says otherwise.
inline constexpr std::uint32_t kDefaultDepth = 100;
inline constexpr double kDefaultSpanOverlap = 0.5;

/// One hit of a run.
struct OutcomeHit {
  std::string document;  ///< document_id.
  double score = 0;      ///< Finite.
  ByteSpan bytes;        ///< Of the whole chunk, as Hit::text_bytes.
  LineSpan lines;        ///< Of the whole chunk.
};

/// A place that an answer cites.
struct OutcomeCitation {
  std::string document;  ///< document_id.
  ByteSpan bytes;        ///< As Citation::bytes.
  std::string quote;
};

/// What came out for one topic.
struct Outcome {
  std::string topic;
  Decision decision = Decision::search;
  std::string standalone_query;            ///< What was searched for.
  std::vector<OutcomeHit> hits;            ///< Best first; chunks, so a document may come again.
  std::string answer;                      ///< Empty unless answers were asked for.
  std::vector<OutcomeCitation> citations;  ///< Of the answer, in its order.
  std::vector<std::string> warnings;
};

enum class RunKind : std::uint8_t { search, ensemble };

/// Everything needed to make the run again.
struct RunInfo {
  std::string id;  ///< "ko-korquad1-0012": names its folder.
  RunKind kind = RunKind::search;
  std::string dataset;  ///< Dataset::name.
  std::string dataset_folder;
  std::string dataset_hash;
  /// As overridden, absolute unless they are names in the folder; empty: the folder's.
  std::string queries, qrels, conversations, corpus;
  std::string split;
  std::map<std::string, std::string> columns;  ///< As in DatasetRequest.
  std::uint64_t topics = 0;
  std::uint64_t labels = 0;
  std::uint64_t documents = 0;
  std::uint32_t depth = kDefaultDepth;        ///< Hits asked for each topic.
  double span_overlap = kDefaultSpanOverlap;  ///< What a hit must cover of a labelled stretch.
  bool with_answers = false;
  std::map<std::string, std::string> settings;  ///< All of them, as text; no secrets.
  std::map<std::string, std::string> changed;   ///< Those that differ from the defaults.
  std::vector<std::string> parts;               ///< Of an ensemble: the runs it was made of.
  std::string method;                           ///< Of an ensemble.
  std::string index_fingerprint;
  std::string collection;  ///< In the lab's store.
  std::string version;     ///< Of the program.
  std::uint64_t seed = 1;
  std::uint32_t folds = 0;  ///< 0: all topics.
  std::uint32_t fold = 0;
  std::string started;       ///< "2024-05-01T12:00:00Z".
  bool is_complete = false;  ///< All topics searched and the metrics written.
};

struct MetricSummary {
  Metric metric;
  double mean = 0;
  Interval interval;         ///< Bootstrap of the mean, 95 %.
  std::uint64_t topics = 0;  ///< That the metric is defined for; where it is 0, so is the mean.
};

struct Quantiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};

/// What a run cost. Differs from run to run, so it never stands beside the metrics.
struct RunTimings {
  Quantiles latency_ms;
  std::map<std::string, Quantiles> stages_ms;
  double text_seconds = 0;  ///< Of indexing, where this run did it.
  double embed_seconds = 0;
  std::uint64_t index_bytes = 0;
  std::uint64_t peak_memory_bytes = 0;         ///< Of the program.
  std::uint64_t peak_worker_memory_bytes = 0;  ///< Of the largest model process; 0: none ran.
};

/// A topic's values, in the order of the run's metrics; NaN where a metric says nothing of it (only
/// map@3_competition says what a turn that needs no search is worth).
struct TopicValues {
  std::string topic;
  std::string group;
  std::vector<double> values;
};

struct RunNote {
  std::string written;  ///< UTC, as RunInfo::started.
  std::string text;
};

struct RunRecord {
  RunInfo info;
  std::vector<MetricSummary> metrics;  ///< Empty where the dataset has no labels.
  /// Decisions against the right ones; nothing where the dataset names none, or the run is older
  /// than this file.
  std::optional<ConfusionMatrix> decisions;
  RunTimings timings;
  std::vector<RunNote> notes;
};

/// The folder of runs.
class RunStore {
 public:
  explicit RunStore(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_of(std::string_view id) const;
  /// Makes a folder for a new run of the dataset and returns its id.
  Result<std::string> create(std::string_view dataset_name) const;

  /// Every run, by id. A folder that cannot be read is left out, with a sentence in `warnings`.
  Result<std::vector<RunRecord>> list(std::vector<std::string>& warnings) const;
  /// Errors: not_found (with the nearest id), corrupt (file and reason).
  Result<RunRecord> load(std::string_view id) const;
  Result<std::vector<Outcome>> outcomes(std::string_view id) const;
  Result<std::vector<TopicValues>> topic_values(std::string_view id) const;

  Status save_info(const RunInfo& info) const;
  Status save_metrics(std::string_view id, const std::vector<MetricSummary>& metrics,
                      const std::vector<TopicValues>& values) const;
  Status save_decisions(std::string_view id, const ConfusionMatrix& decisions) const;
  Status save_timings(std::string_view id, const RunTimings& timings) const;
  /// Replaces the run's outcomes and its TREC file.
  Status save_outcomes(std::string_view id, const std::vector<Outcome>& outcomes) const;
  Status add_note(std::string_view id, const RunNote& note) const;

 private:
  std::string folder_;
};

/// Now, as RunInfo::started.
std::string utc_now();

/// An outcome as a line of outcomes.jsonl, and back. Numbers print shortest and read back equal.
std::string print_outcome(const Outcome& outcome);
/// Errors: corrupt.
Result<Outcome> read_outcome(std::string_view line, std::string_view what);

/// What a topic's hits are judged as: each document once, at its first hit. Scores are the hits'.
std::vector<ScoredDocument> ranking_of(const Outcome& outcome);

}  // namespace saerok::lab
