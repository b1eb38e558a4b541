/// Several runs joined into one ranking: hard vote, reciprocal ranks, or scores brought to one
/// scale. What this is not: fusing lexical and vector lists within a search (search/fusion.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/experiment.h"
#include "lab/run.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

enum class EnsembleMethod : std::uint8_t {
  vote,  ///< By how many runs have the document among their first `vote_depth`, ties by mean rank.
  rrf,   ///< Sum of 1 / (rrf_k + rank).
  min_max,  ///< Sum of scores from 0 (a list's last, and what it lacks) to 1 (its first).
  z_score,  ///< Sum of standardised scores; what a list lacks counts as its last.
};

/// Errors: invalid_argument, with the list of names.
Result<EnsembleMethod> parse_ensemble_method(std::string_view name);
std::string_view name_of(EnsembleMethod method);

struct EnsembleSettings {
  EnsembleMethod method = EnsembleMethod::rrf;
  std::vector<double> weights;  ///< Of the runs, in their order; empty: 1 each.
  std::uint32_t vote_depth = 10;
  double rrf_k = 60;          ///< Cormack, Clarke and Büttcher, SIGIR 2009.
  std::uint32_t depth = 100;  ///< Documents kept for a topic.
};

/// The topics that all runs have, in the first run's order. A topic is not searched where most of
/// the weight decided so; the runs that did not search have no say about documents. Query and
/// answer are the first searching run's. Each document stands with its best hit of the first run
/// that has it. Errors: invalid_argument (fewer than two runs, weights that do not fit, no common
/// topic).
Result<std::vector<Outcome>> fuse_outcomes(std::span<const std::vector<Outcome>> runs,
                                           const EnsembleSettings& settings);

struct EnsembleRequest {
  std::vector<std::string> runs;  ///< Ids, or TREC run files beside at least one id.
  EnsembleSettings settings;
  std::string name;  ///< Begin of the new run's id; empty: the dataset's name.
  std::string note;
  std::vector<Metric> metrics;  ///< Empty: default_metrics().
  double span_overlap = 0.5;
  std::uint64_t seed = 1;
};

/// Makes a run of runs and scores it on their dataset, which is opened again.
/// Errors: find_run()'s, open_dataset()'s, invalid_argument (runs of different datasets),
/// failed_precondition (the dataset is no longer what the runs were made on).
Result<ExperimentResult> make_ensemble(const LabPlaces& places, const EnsembleRequest& request,
                                       const CallContext& call);

}  // namespace saerok::lab
