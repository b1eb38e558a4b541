#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/env.h"
#include "base/json.h"
#include "base/posix_env.h"
#include "lab/make_folders.h"
#include "lab/run.h"
#include "lab/run_json.h"
#include "lab/trec.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

/// A run of 100,000 topics with 100 hits each is some 700 MB.
constexpr std::uint64_t kRunFileBytesMax = 4'000'000'000;
/// The last column of a TREC run. Not the run's id: equal runs are to be equal byte for byte.
constexpr std::string_view kTrecTag = "saerok";
constexpr std::uint32_t kRunsMax = 1'000'000;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Status write_file(const std::string& folder, const char* name, const std::string& text) {
  const std::string path = folder + "/" + name;
  return write_file_durably(posix_env(), path, path + ".new", bytes_of(text));
}

/// Every line of a JSONL file, read by `read(json, what)`; a missing file has none.
template <class T, class Read>
Result<std::vector<T>> read_lines(const std::string& path, const Read& read) {
  std::vector<T> values;
  const auto text = read_whole_file(posix_env(), path, kRunFileBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return values;
  if (!text) return text.error();
  std::size_t number = 0;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string what = path + ", line " + std::to_string(++number);
    const Json json = TRY(parse_json(std::string_view(*text).substr(at, end - at), what));
    Result<T> value = read(json, what);
    if (!value) return std::move(value).error();
    values.push_back(std::move(*value));
    at = end + 1;
  }
  return values;
}

Result<Json> read_json(const std::string& path) {
  const std::string text = TRY(read_whole_file(posix_env(), path, kRunFileBytesMax));
  return parse_json(text, path);
}

/// What may stand in a folder's name wherever the run is taken.
std::string folder_name(std::string_view dataset) {
  std::string name;
  for (const char c : dataset) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    name += is_plain ? c : '-';
  }
  return name.empty() ? "run" : name;
}

std::string numbered(const std::string& name, std::uint32_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return name + "-" + digits;
}

/// The metrics of a run's folder; none where there are no labels.
Result<std::vector<MetricSummary>> load_metrics(const std::string& folder) {
  const std::string path = folder + "/metrics.json";
  const auto json = read_json(path);
  if (!json && json.error().code == ErrorCode::not_found) return std::vector<MetricSummary>{};
  if (!json) return json.error();
  return metrics_from(*json, path);
}

/// The decisions of a run's folder; nothing where none were judged.
Result<std::optional<ConfusionMatrix>> load_decisions(const std::string& folder) {
  const std::string path = folder + "/decisions.json";
  const auto json = read_json(path);
  if (!json && json.error().code == ErrorCode::not_found) return std::optional<ConfusionMatrix>{};
  if (!json) return json.error();
  return std::optional(TRY(confusion_from(*json, path)));
}

}  // namespace

std::string RunStore::folder_of(std::string_view id) const {
  return folder_ + "/" + std::string(id);
}

Result<std::string> RunStore::create(std::string_view dataset_name) const {
  Env& env = posix_env();
  const std::string name = folder_name(dataset_name);
  TRY(make_folders(env.absolute_path(folder_)));
  const std::vector<std::string> names = TRY(env.list(folder_));
  const std::set<std::string> taken(names.begin(), names.end());
  for (std::uint32_t number = 1; number < kRunsMax; ++number) {
    std::string id = numbered(name, number);
    if (taken.contains(id)) continue;
    TRY(env.make_directory(folder_of(id)));
    return id;
  }
  return Error{ErrorCode::too_many,
               "there are " + std::to_string(kRunsMax) + " runs of " + name + " in " + folder_};
}

Result<std::vector<RunRecord>> RunStore::list(std::vector<std::string>& warnings) const {
  std::vector<RunRecord> records;
  auto names = posix_env().list(folder_);
  if (!names && names.error().code == ErrorCode::not_found) return records;
  if (!names) return names.error();
  for (const std::string& name : *names) {
    auto record = load(name);
    // A folder without run.json is one that another process is making.
    if (!record && record.error().code == ErrorCode::not_found) continue;
    if (record) records.push_back(std::move(*record));
    else warnings.push_back("run " + name + " left out: " + record.error().message);
  }
  return records;
}

Result<RunRecord> RunStore::load(std::string_view id) const {
  const std::string folder = folder_of(id);
  const auto json = read_json(folder + "/run.json");
  const bool is_name = !id.empty() && id.find('/') == std::string_view::npos;
  if (!is_name || (!json && json.error().code == ErrorCode::not_found)) {
    const auto names = posix_env().list(folder_);
    const std::string nearest = names ? nearest_name(id, *names) : "";
    return Error{ErrorCode::not_found,
                 "there is no run \"" + std::string(id) + "\"" +
                     (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                     " (`saerok lab board` lists them)"};
  }
  if (!json) return json.error();
  RunRecord record;
  record.info = TRY(run_info_from(*json, folder + "/run.json"));
  record.info.id = std::string(id);  // The folder's name is the id: a run may have been copied.
  record.metrics = TRY(load_metrics(folder));
  record.decisions = TRY(load_decisions(folder));
  if (const auto timings = read_json(folder + "/timings.json")) {
    record.timings = TRY(timings_from(*timings, folder + "/timings.json"));
  }
  record.notes = TRY(read_lines<RunNote>(folder + "/notes.jsonl", note_from));
  return record;
}

Result<std::vector<Outcome>> RunStore::outcomes(std::string_view id) const {
  return read_lines<Outcome>(folder_of(id) + "/outcomes.jsonl", outcome_from);
}

Result<std::vector<TopicValues>> RunStore::topic_values(std::string_view id) const {
  std::vector<Metric> metrics;
  for (const MetricSummary& summary : TRY(load_metrics(folder_of(id)))) {
    metrics.push_back(summary.metric);
  }
  return read_lines<TopicValues>(folder_of(id) + "/per_topic.jsonl",
                                 [&](const Json& json, std::string_view what) {
                                   return topic_values_from(json, metrics, what);
                                 });
}

Status RunStore::save_info(const RunInfo& info) const {
  return write_file(folder_of(info.id), "run.json", print_json_pretty(to_json(info)) + "\n");
}

Status RunStore::save_metrics(std::string_view id, const std::vector<MetricSummary>& metrics,
                              const std::vector<TopicValues>& values) const {
  Json summaries = Json::array();
  std::vector<Metric> names;
  for (const MetricSummary& summary : metrics) {
    summaries.push_back(to_json(summary));
    names.push_back(summary.metric);
  }
  std::string lines;
  for (const TopicValues& topic : values) lines += print_json(to_json(topic, names)) + "\n";
  TRY(write_file(folder_of(id), "per_topic.jsonl", lines));
  return write_file(folder_of(id), "metrics.json", print_json_pretty(summaries) + "\n");
}

Status RunStore::save_decisions(std::string_view id, const ConfusionMatrix& decisions) const {
  return write_file(folder_of(id), "decisions.json", print_json_pretty(to_json(decisions)) + "\n");
}

Status RunStore::save_timings(std::string_view id, const RunTimings& timings) const {
  return write_file(folder_of(id), "timings.json", print_json_pretty(to_json(timings)) + "\n");
}

Status RunStore::save_outcomes(std::string_view id, const std::vector<Outcome>& outcomes) const {
  std::string lines;
  std::vector<TrecRanking> rankings;
  for (const Outcome& outcome : outcomes) {
    lines += print_outcome(outcome) + "\n";
    rankings.push_back({outcome.topic, ranking_of(outcome)});
  }
  TRY(write_file(folder_of(id), "outcomes.jsonl", lines));
  return write_file(folder_of(id), "run.trec", print_trec_run(rankings, kTrecTag));
}

Status RunStore::add_note(std::string_view id, const RunNote& note) const {
  TRY(load(id));  // For its sentence where there is no such run.
  const std::string path = folder_of(id) + "/notes.jsonl";
  auto before = read_whole_file(posix_env(), path, kRunFileBytesMax);
  if (!before && before.error().code != ErrorCode::not_found) return before.error();
  const std::string line = print_json(to_json(note)) + "\n";
  return write_file(folder_of(id), "notes.jsonl", (before ? *before : std::string()) + line);
}

std::string utc_now() {
  using namespace std::chrono;
  const sys_time<nanoseconds> now{nanoseconds(wall_clock_ns())};
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(now - day));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string print_outcome(const Outcome& outcome) { return print_json(to_json(outcome)); }

Result<Outcome> read_outcome(std::string_view line, std::string_view what) {
  return outcome_from(TRY(parse_json(line, what)), what);
}

std::vector<ScoredDocument> ranking_of(const Outcome& outcome) {
  std::vector<ScoredDocument> ranking;
  std::set<std::string_view> seen;
  for (const OutcomeHit& hit : outcome.hits) {
    if (seen.insert(hit.document).second) ranking.push_back({hit.document, hit.score});
  }
  return ranking;
}

}  // namespace saerok::lab
