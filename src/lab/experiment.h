/// Runs a configuration over a dataset through the public engine and scores it: the heart of
/// `saerok lab run`. One index a (corpus, index settings) pair is kept in the lab's own store.
#pragma once

#include <optional>
#include <string>

#include "lab/answer_scores.h"
#include "lab/citation_scores.h"
#include "lab/dataset.h"
#include "lab/run.h"
#include "saerok/call_context.h"
#include "saerok/engine.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok::lab {

/// Where the lab keeps things and what runs models.
struct LabPlaces {
  std::string folder;  ///< The lab's: runs/, store/, corpora/.
  std::string models_directory;
  std::string worker_program;

  std::string runs() const { return folder + "/runs"; }
  std::string store() const { return folder + "/store"; }
  std::string corpora() const { return folder + "/corpora"; }
};

struct ExperimentRequest {
  DatasetRequest dataset;
  Settings settings;                    ///< search.mode says what is searched.
  std::uint32_t depth = kDefaultDepth;  ///< Hits a topic.
  bool with_answers = false;            ///< Ask instead of search; always so for conversations.
  std::vector<Metric> metrics;          ///< Empty: default_metrics().
  /// Share of a labelled span that a chunk must overlap to count as a hit, above 0 to 1.
  double span_overlap = kDefaultSpanOverlap;
  std::uint64_t seed = 1;
  std::uint32_t folds = 0;  ///< 0: all topics; else only those of `fold`.
  std::uint32_t fold = 0;
  std::string note;                      ///< Kept with the run; empty: none.
  std::optional<Tokenisation> rouge_by;  ///< As in score_answers().
};

struct ExperimentResult {
  RunRecord record;
  AnswerScores answers;
  CitationScores citations;
  std::vector<std::string> warnings;
  bool was_resumed = false;
};

struct ScoreRequest {
  std::vector<Metric> metrics;           ///< Empty: default_metrics().
  std::string note;                      ///< Kept with the run; empty: none.
  std::optional<Tokenisation> rouge_by;  ///< As in score_answers().
};

/// Scores a run whose outcomes are saved, as its `info` says (seed, span_overlap), and marks it
/// complete. Used by all that make runs.
Result<ExperimentResult> score_run(const RunStore& store, const Dataset& dataset, RunInfo info,
                                   const std::vector<Outcome>& outcomes,
                                   const ScoreRequest& request);

/// Indexes if the index's fingerprint is new, searches every topic, writes the run, then scores it.
/// A run of the same dataset, settings and program that was interrupted is gone on with.
/// Errors: open_dataset()'s and the engine's; cancelled keeps what was found so far.
Result<ExperimentResult> run_experiment(const LabPlaces& places, const ExperimentRequest& request,
                                        const ProgressSink& progress, const CallContext& call);

/// The topic's ranking and judgements under its labels. Where some of them name spans, a hit counts
/// for the first label that it covers and that no earlier hit did, and each label is one relevant
/// item; else documents are judged.
struct JudgedTopic {
  std::vector<ScoredDocument> ranking;
  Judgements judgements;
};
JudgedTopic judge(const Outcome& outcome, const std::vector<Label>& labels_of_topic,
                  double span_overlap);

/// Values of every topic that can be judged, and their means with intervals; both empty where
/// the dataset has no labels.
struct Scores {
  std::vector<MetricSummary> summary;
  std::vector<TopicValues> topics;
};
Scores score(const Dataset& dataset, const std::vector<Outcome>& outcomes,
             const std::vector<Metric>& metrics, double span_overlap, std::uint64_t seed);

}  // namespace saerok::lab
