/// What is each stage worth? Runs a dataset with the settings given, then once more for each stage
/// that they use, with that stage switched off; and, if asked, once for each other way of doing
/// what they do: stages that are off, other fusions, weights and orders of retrieval.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lab/experiment.h"
#include "saerok/settings.h"

namespace saerok::lab {

/// A stage and the settings without it, or another way and its settings.
struct Ablation {
  std::string stage;  ///< "vectors", "words", "titles", …; "reciprocal ranks", …
  std::vector<std::pair<std::string, std::string>> changes;  ///< Setting and value.
};

/// The stages that `settings` use and that do something for such a dataset: what is off already is
/// left out.
std::vector<Ablation> ablations_of(const Settings& settings, const Dataset& dataset);

/// What else could be done with such a dataset than `settings` do, one change each.
std::vector<Ablation> alternatives_of(const Settings& settings, const Dataset& dataset);

struct AblationRow {
  Ablation ablation;
  RunRecord run;      ///< Without the stage, or the other way.
  double worth = 0;   ///< Mean with the stage minus mean without, or the other way minus this one.
  Interval interval;  ///< Of `worth`, bootstrap over topics.
  double p = 1;       ///< Paired randomisation, after Holm over all rows of its list.
};

enum class Alternatives : std::uint8_t { leave, run };

struct AblationReport {
  Metric metric;
  RunRecord baseline;
  std::vector<AblationRow> rows;          ///< Most valuable stage first.
  std::vector<AblationRow> alternatives;  ///< Best first; empty where they were not asked for.
  std::vector<std::string> warnings;
};

/// Errors: run_experiment()'s; invalid_argument where the dataset has no labels for the metric.
Result<AblationReport> run_ablation(const LabPlaces& places, const ExperimentRequest& request,
                                    const Metric& metric, Alternatives alternatives,
                                    const ProgressSink& progress, const CallContext& call);

}  // namespace saerok::lab
