#include "lab/gate.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/env.h"
#include "base/json.h"
#include "base/posix_env.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

constexpr std::uint64_t kGateBytesMax = 1 << 20;

/// A setting's value as `--set` takes it.
std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return print_json(value);
  return std::nullopt;
}

bool flag(const Json& object, std::string_view name) {
  const Json* value = find_member(object, name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

Result<GateFloor> floor_from(const Json& json, const std::string& what) {
  const auto refuse = [&](const std::string& reason) {
    return Error{ErrorCode::invalid_argument, what + ": " + reason};
  };
  static constexpr std::string_view kMembers[] = {"dataset", "split",    "group", "set",
                                                  "metrics", "optional", "slow"};
  if (!json.is_object()) return refuse("is not an object");
  for (const auto& [name, value] : json.items()) {
    if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers)) {
      return refuse("has an unknown member \"" + name + "\"");
    }
  }
  GateFloor floor;
  floor.dataset = find_text(json, "dataset").value_or("");
  if (floor.dataset.empty()) return refuse("names no dataset");
  floor.split = find_text(json, "split").value_or("");
  floor.group = find_text(json, "group").value_or("");
  floor.is_optional = flag(json, "optional");
  floor.is_slow = flag(json, "slow");
  const Json* metrics = find_member(json, "metrics");
  if (metrics == nullptr || !metrics->is_object() || metrics->empty()) {
    return refuse("has no metrics with their floors");
  }
  for (const auto& [name, value] : metrics->items()) {
    const auto metric = parse_metric(name);
    if (!metric) return refuse(metric.error().message);
    if (!value.is_number()) return refuse("the floor of " + name + " is no number");
    floor.metrics.emplace_back(*metric, value.get<double>());
  }
  if (const Json* set = find_member(json, "set"); set != nullptr && set->is_object()) {
    Settings scratch;
    for (const auto& [name, value] : set->items()) {
      const auto text = text_of(value);
      if (!text) return refuse("the value of " + name + " is neither text nor number");
      if (const Status known = set_setting(scratch, name, *text); !known) {
        return refuse(known.error().message);
      }
      floor.set.emplace_back(name, *text);
    }
  }
  return floor;
}

/// Where the dataset is: beside the gate's file, or in the data folder.
std::string folder_of(const GateFloor& floor, const GateOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path beside = fs::path(options.file).parent_path() / floor.dataset;
  if (fs::exists(beside, error)) return beside.string();
  if (options.data_folder.empty()) return {};
  const fs::path in_data = fs::path(options.data_folder) / floor.dataset;
  return fs::exists(in_data, error) ? in_data.string() : std::string();
}

/// Mean of the metric at `at` over the topics that it is defined for; nothing if there are none.
std::optional<double> mean_of_group(const std::vector<TopicValues>& topics,
                                    const std::string& group, std::size_t at) {
  double sum = 0;
  std::size_t count = 0;
  for (const TopicValues& topic : topics) {
    if (!group.empty() && topic.group != group) continue;
    if (std::isnan(topic.values[at])) continue;
    sum += topic.values[at];
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

GateRow judge_floor(const LabPlaces& places, const GateOptions& options, const GateFloor& floor,
                    const ProgressSink& progress, const CallContext& call) {
  GateRow row{floor, GateVerdict::passed, {}, {}, {}};
  if (floor.is_slow && !options.with_slow) {
    row.verdict = GateVerdict::skipped;
    row.reason = "needs many embeddings; --slow includes it";
    return row;
  }
  const std::string folder = folder_of(floor, options);
  if (folder.empty()) {
    row.verdict = floor.is_optional ? GateVerdict::skipped : GateVerdict::failed;
    row.reason = "the dataset " + floor.dataset + " is not there" +
                 (options.data_folder.empty() ? "; --data names a folder of datasets" : "");
    return row;
  }
  ExperimentRequest request;
  request.dataset.folder = folder;
  request.dataset.split = floor.split;
  request.settings = options.settings;
  for (const auto& [name, value] : floor.set) {
    const Status set = set_setting(request.settings, name, value);
    if (!set) row.reason = set.error().message;
  }
  const SearchMode mode = request.settings.search.mode;
  const bool is_by_meaning = mode == SearchMode::vector || mode == SearchMode::hybrid;
  if (is_by_meaning && options.find_embedder) {
    // Without one a run would find by words, and its figures would be judged as those of meaning.
    if (const Status found = options.find_embedder(request.settings); !found) {
      row.verdict = floor.is_optional ? GateVerdict::skipped : GateVerdict::failed;
      row.reason = found.error().message;
      return row;
    }
  }
  for (const auto& [metric, least] : floor.metrics) request.metrics.push_back(metric);
  request.note = "gate";
  const auto result = run_experiment(places, request, progress, call);
  if (!result) {
    row.verdict = GateVerdict::failed;
    row.reason = result.error().message;
    return row;
  }
  row.run = result->record.info.id;
  const auto topics = RunStore(places.runs()).topic_values(row.run);
  if (!topics) {
    row.verdict = GateVerdict::failed;
    row.reason = topics.error().message;
    return row;
  }
  for (std::size_t i = 0; i < floor.metrics.size(); ++i) {
    const auto& [metric, least] = floor.metrics[i];
    const auto mean = mean_of_group(*topics, floor.group, i);
    if (!mean) {
      row.verdict = GateVerdict::failed;
      row.reason = name_of(metric) + " could not be measured: no labelled question" +
                   (floor.group.empty() ? "" : " of the group " + floor.group);
      return row;
    }
    row.values.emplace_back(metric, *mean);
    if (*mean < least) row.verdict = GateVerdict::failed;
  }
  return row;
}

}  // namespace

Result<std::vector<GateFloor>> read_gate(const std::string& file) {
  const std::string text = TRY(read_whole_file(posix_env(), file, kGateBytesMax));
  const auto json = parse_json(text, file);
  if (!json) return Error{ErrorCode::invalid_argument, json.error().message};
  const Json* floors = find_member(*json, "floors");
  if (floors == nullptr || !floors->is_array() || floors->empty()) {
    return Error{ErrorCode::invalid_argument, file + " has no list of \"floors\""};
  }
  std::vector<GateFloor> read;
  for (const Json& floor : *floors) {
    read.push_back(TRY(floor_from(floor, file + ", floor " + std::to_string(read.size() + 1))));
  }
  return read;
}

bool GateReport::has_passed() const {
  return std::none_of(rows.begin(), rows.end(),
                      [](const GateRow& row) { return row.verdict == GateVerdict::failed; });
}

Result<GateReport> run_gate(const LabPlaces& places, const GateOptions& options,
                            const ProgressSink& progress, const CallContext& call) {
  GateReport report;
  for (const GateFloor& floor : TRY(read_gate(options.file))) {
    TRY(call.check());
    report.rows.push_back(judge_floor(places, options, floor, progress, call));
  }
  TRY(call.check());
  return report;
}

}  // namespace saerok::lab
