/// What is each stage worth? Runs a dataset with the settings given, then once more for each stage
/// that they use, with that stage switched off.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/experiment.h"
#include "saerok/settings.h"

namespace saerok::lab {

/// A stage and the settings without it.
struct Ablation {
  std::string stage;  ///< "vectors", "words", "titles", …
  std::vector<std::pair<std::string, std::string>> changes;  ///< Setting and value.
};

/// The stages that `settings` use and that do something for such a dataset: what is off already is
/// left out.
std::vector<Ablation> ablations_of(const Settings& settings, const Dataset& dataset);

struct AblationRow {
  Ablation ablation;
  RunRecord run;           ///< Without the stage.
  double worth = 0;        ///< Mean with the stage minus mean without.
  Interval interval;       ///< Of `worth`, bootstrap over topics.
  double p = 1;            ///< Paired randomisation, after Holm over all rows.
};

struct AblationReport {
  Metric metric;
  RunRecord baseline;
  std::vector<AblationRow> rows;  ///< Most valuable stage first.
  std::vector<std::string> warnings;
};

/// Errors: run_experiment()'s; invalid_argument where the dataset has no labels for the metric.
Result<AblationReport> run_ablation(const LabPlaces& places, const ExperimentRequest& request,
                                    const Metric& metric, const ProgressSink& progress,
                                    const CallContext& call);

}  // namespace saerok::lab
