#include "lab/share.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "base/compress.h"
#include "base/env.h"
#include "base/json.h"
#include "base/posix_env.h"
#include "lab/make_folders.h"
#include "lab/run_json.h"

namespace saerok::lab {
namespace {

constexpr std::string_view kFormat = "saerok-run";
constexpr std::uint64_t kVersion = 1;
/// Means are sums of as many doubles as there are questions, perhaps in another order.
constexpr double kMeanTolerance = 1e-9;

struct SharedRun {
  RunRecord record;
  std::vector<TopicValues> topics;
  std::vector<Outcome> outcomes;
};

/// Where something lay on the machine of the run says more than others should know.
std::string without_folders(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  if (end == std::string::npos) return {};
  const auto slash = path.find_last_of('/', end);
  return path.substr(slash == std::string::npos ? 0 : slash + 1,
                     slash == std::string::npos ? end + 1 : end - slash);
}

RunInfo without_places(RunInfo info) {
  for (std::string* path :
       {&info.dataset_folder, &info.queries, &info.qrels, &info.conversations, &info.corpus}) {
    *path = without_folders(*path);
  }
  return info;
}

std::vector<Metric> metrics_of(const RunRecord& record) {
  std::vector<Metric> metrics;
  for (const MetricSummary& summary : record.metrics) metrics.push_back(summary.metric);
  return metrics;
}

template <class T>
Json list_to_json(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}

Error bad_file(const std::string& file, const std::string& reason) {
  return {ErrorCode::invalid_argument, file + " is no run that can be taken in: " + reason};
}

/// The reason alone of what the readers of run_json.h say.
Error bad_file(const std::string& file, const Error& error) {
  return {ErrorCode::invalid_argument, error.message + " (nothing of " + file + " was taken in)"};
}

template <class T, class Read>
Status read_list(const Json& json, std::string_view name, const std::string& file, const Read& read,
                 std::vector<T>& values) {
  const Json* list = find_member(json, name);
  if (list == nullptr || !list->is_array()) {
    return bad_file(file, "it has no list called \"" + std::string(name) + "\"");
  }
  for (const Json& entry : *list) {
    const std::string what =
        file + ", " + std::string(name) + " " + std::to_string(values.size() + 1);
    Result<T> value = read(entry, what);
    if (!value) return bad_file(file, value.error());
    values.push_back(std::move(*value));
  }
  return {};
}

Result<SharedRun> read_shared(const Json& json, const std::string& file) {
  if (find_text(json, "format") != kFormat) {
    return bad_file(file, "`saerok lab export` did not write it");
  }
  const auto version = find_count(json, "version");
  if (version != kVersion) {
    return bad_file(
        file, "it is of another version than " + std::to_string(kVersion) + "; update saerok");
  }
  SharedRun run;
  const auto member = [&](const char* name) -> const Json& {
    static const Json kNothing;
    const Json* found = find_member(json, name);
    return found == nullptr ? kNothing : *found;
  };
  auto info = run_info_from(member("info"), file + ", info");
  if (!info) return bad_file(file, info.error());
  run.record.info = std::move(*info);
  auto metrics = metrics_from(member("metrics"), file + ", metrics");
  if (!metrics) return bad_file(file, metrics.error());
  run.record.metrics = std::move(*metrics);
  if (const Json* decisions = find_member(json, "decisions")) {
    auto matrix = confusion_from(*decisions, file + ", decisions");
    if (!matrix) return bad_file(file, matrix.error());
    run.record.decisions = std::move(*matrix);
  }
  auto timings = timings_from(member("timings"), file + ", timings");
  if (!timings) return bad_file(file, timings.error());
  run.record.timings = std::move(*timings);
  TRY(read_list(json, "notes", file, note_from, run.record.notes));
  TRY(read_list(json, "outcomes", file, outcome_from, run.outcomes));
  const std::vector<Metric> names = metrics_of(run.record);
  TRY(read_list(
      json, "topics", file,
      [&](const Json& entry, std::string_view what) {
        return topic_values_from(entry, names, what);
      },
      run.topics));
  return run;
}

/// The id names a folder: nothing in it may lead elsewhere or hide.
bool is_safe_id(std::string_view id) {
  constexpr std::size_t kIdBytesMax = 200;
  if (id.empty() || id.size() > kIdBytesMax || id.front() == '.') return false;
  return std::ranges::all_of(id, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != '/' && c != '\\';
  });
}

/// The values of every question must make the means, so that a table and what it rests on agree.
Status check_means(const SharedRun& run, const std::string& file) {
  for (std::size_t i = 0; i < run.record.metrics.size(); ++i) {
    const MetricSummary& summary = run.record.metrics[i];
    double sum = 0;
    std::uint64_t count = 0;
    for (const TopicValues& topic : run.topics) {
      if (std::isnan(topic.values[i])) continue;
      sum += topic.values[i];
      ++count;
    }
    const double mean = count == 0 ? 0 : sum / static_cast<double>(count);
    const bool is_ordered = summary.interval.low <= summary.interval.high;
    if (count != summary.topics || std::abs(mean - summary.mean) > kMeanTolerance || !is_ordered) {
      return bad_file(
          file, "its " + name_of(summary.metric) + " is not what the values of its questions make");
    }
  }
  return {};
}

Status check_shared(const SharedRun& run, const std::string& file) {
  const RunInfo& info = run.record.info;
  if (!is_safe_id(info.id)) return bad_file(file, "its id cannot name a folder");
  if (info.dataset.empty()) return bad_file(file, "it names no dataset");
  if (!info.is_complete) return bad_file(file, "the run was interrupted");
  std::set<std::string_view> asked;
  for (const Outcome& outcome : run.outcomes) {
    if (!asked.insert(outcome.topic).second) {
      return bad_file(file, "the question \"" + outcome.topic + "\" is in it twice");
    }
  }
  std::set<std::string_view> judged;
  for (const TopicValues& topic : run.topics) {
    if (!asked.contains(topic.topic) || !judged.insert(topic.topic).second) {
      return bad_file(file, "the values of the question \"" + topic.topic +
                                "\" are in it twice, or it was not asked");
    }
  }
  std::set<std::string> names;
  for (const MetricSummary& summary : run.record.metrics) {
    if (!names.insert(name_of(summary.metric)).second) {
      return bad_file(file, name_of(summary.metric) + " is in it twice");
    }
  }
  return check_means(run, file);
}

/// The run's own id if no folder has that name, else the next number of its dataset.
Result<std::string> claim_id(const RunStore& store, const RunInfo& info) {
  const std::string folder = posix_env().absolute_path(store.folder_of(info.id));
  TRY(make_folders(parent_path(folder)));
  // Says whether it made it, so that two who import at once do not both take it.
  std::error_code failed;
  const bool is_mine = std::filesystem::create_directory(folder, failed);
  if (failed) {
    return Error{ErrorCode::unavailable, "cannot make " + folder + ": " + failed.message()};
  }
  if (!is_mine) return store.create(info.dataset);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  return info.id;
}

Status write_run(const RunStore& store, const SharedRun& run) {
  const std::string& id = run.record.info.id;
  TRY(store.save_outcomes(id, run.outcomes));
  if (!run.record.metrics.empty()) TRY(store.save_metrics(id, run.record.metrics, run.topics));
  if (run.record.decisions) TRY(store.save_decisions(id, *run.record.decisions));
  TRY(store.save_timings(id, run.record.timings));
  // A folder is a run once run.json is in it, so this comes last; notes are added to runs only.
  TRY(store.save_info(run.record.info));
  for (const RunNote& note : run.record.notes) TRY(store.add_note(id, note));
  return posix_env().sync_directory(store.folder_of(id));
}

/// run.json first: what is left after that is no run.
void remove_run(const RunStore& store, const std::string& id) {
  std::error_code ignored;
  std::filesystem::remove(store.folder_of(id) + "/run.json", ignored);
  std::filesystem::remove_all(store.folder_of(id), ignored);
}

Result<std::string> read_file(const std::string& file, const CallContext& call) {
  auto bytes = read_whole_file(posix_env(), file, kSharedRunBytesMax);
  if (!bytes && bytes.error().code == ErrorCode::not_found) {
    return Error{ErrorCode::not_found, "there is no file " + file};
  }
  if (!bytes) return bytes.error();
  const Compression compression = compression_of(file);
  if (compression == Compression::none) return bytes;
  auto unpacked = decompress(compression, *bytes, kSharedRunBytesMax, call);
  if (!unpacked && unpacked.error().code == ErrorCode::corrupt) {
    return bad_file(file, unpacked.error().message);
  }
  return std::move(TRY(std::move(unpacked)).bytes);
}

}  // namespace

Result<std::string> print_shared_run(const RunStore& store, std::string_view id) {
  const RunRecord record = TRY(store.load(id));
  if (!record.info.is_complete) {
    return Error{ErrorCode::failed_precondition,
                 "the run " + record.info.id +
                     " was interrupted; give `saerok lab run` again to finish it, then export it"};
  }
  const std::vector<Metric> metrics = metrics_of(record);
  Json topics = Json::array();
  for (const TopicValues& values : TRY(store.topic_values(id))) {
    topics.push_back(to_json(values, metrics));
  }
  Json shared = {{"format", kFormat},
                 {"version", kVersion},
                 {"info", to_json(without_places(record.info))},
                 {"metrics", list_to_json(record.metrics)},
                 {"timings", to_json(record.timings)},
                 {"notes", list_to_json(record.notes)},
                 {"topics", std::move(topics)},
                 {"outcomes", list_to_json(TRY(store.outcomes(id)))}};
  if (record.decisions) shared["decisions"] = to_json(*record.decisions);
  return print_json(shared) + "\n";
}

Status export_run(const RunStore& store, std::string_view id, const std::string& file) {
  const std::string text = TRY(print_shared_run(store, id));
  Env& env = posix_env();
  const std::string path = env.absolute_path(file);
  const auto info = TRY(env.stat(path));
  if (info) {
    const auto old =
        info->is_directory ? Result<std::string>(std::string()) : read_file(path, CallContext());
    const auto json = old ? parse_json(*old, path) : Result<Json>(old.error());
    if (!json || find_text(*json, "format") != kFormat) {
      return Error{ErrorCode::failed_precondition,
                   path + " is there already and is no shared run; name another file"};
    }
  }
  const std::string bytes = TRY(compress(compression_of(path), text));
  return write_file_durably(env, path, path + ".new", as_byte_span(bytes));
}

Result<std::string> import_run(const RunStore& store, const std::string& file,
                               const CallContext& call) {
  const std::string text = TRY(read_file(posix_env().absolute_path(file), call));
  const auto json = parse_json(text, file);
  if (!json) return bad_file(file, json.error().message);
  SharedRun run = TRY(read_shared(*json, file));
  TRY(check_shared(run, file));
  TRY(call.check());
  run.record.info.id = TRY(claim_id(store, run.record.info));
  const Status written = write_run(store, run);
  if (!written) {
    remove_run(store, run.record.info.id);
    return written.error();
  }
  return run.record.info.id;
}

}  // namespace saerok::lab
