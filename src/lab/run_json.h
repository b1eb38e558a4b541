/// Runs as JSON: the files of a run's folder, and what a run is shared as. Unknown members are
/// passed over, missing ones are errors that name them.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "lab/run.h"

namespace saerok::lab {

Json to_json(const RunInfo& info);
Json to_json(const MetricSummary& summary);
/// The matrix with the scores that follow from it.
Json to_json(const ConfusionMatrix& matrix);
Json to_json(const RunTimings& timings);
Json to_json(const Quantiles& quantiles);
Json to_json(const Outcome& outcome);
Json to_json(const RunNote& note);
/// `metrics` names the values.
Json to_json(const TopicValues& values, const std::vector<Metric>& metrics);

/// `what` names the source in the Error. Errors: corrupt.
Result<RunInfo> run_info_from(const Json& json, std::string_view what);
Result<std::vector<MetricSummary>> metrics_from(const Json& json, std::string_view what);
/// Of classes and counts; scores are computed, not read.
Result<ConfusionMatrix> confusion_from(const Json& json, std::string_view what);
Result<RunTimings> timings_from(const Json& json, std::string_view what);
Result<Outcome> outcome_from(const Json& json, std::string_view what);
Result<RunNote> note_from(const Json& json, std::string_view what);
/// Values in the order of `metrics`.
Result<TopicValues> topic_values_from(const Json& json, const std::vector<Metric>& metrics,
                                      std::string_view what);

/// "search", "answer", "clarify".
std::string_view name_of(Decision decision);

}  // namespace saerok::lab
