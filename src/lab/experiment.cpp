#include "lab/experiment.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/env.h"
#include "base/json.h"
#include "base/posix_env.h"
#include "base/process_memory.h"
#include "lab/lab_index.h"
#include "lab/line_log.h"
#include "lab/make_folders.h"
#include "lab/run_json.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

/// Different warnings of topics that are repeated to the user; all stand in the outcomes.
constexpr std::size_t kWarningsMax = 20;

/// Time of one topic, whole and by stage.
struct TopicTime {
  std::string topic;
  double ms = 0;
  std::vector<std::pair<std::string, double>> stages;
};

Json to_json(const TopicTime& time) {
  Json stages = Json::object();
  for (const auto& [name, ms] : time.stages) stages[name] = ms;
  return {{"topic", time.topic}, {"ms", time.ms}, {"stages", std::move(stages)}};
}

std::optional<TopicTime> topic_time_from(const Json& json) {
  const auto topic = find_text(json, "topic");
  const auto ms = find_number(json, "ms");
  if (!topic || !ms) return std::nullopt;
  TopicTime time{*topic, *ms, {}};
  if (const Json* stages = find_member(json, "stages"); stages && stages->is_object()) {
    for (const auto& [name, value] : stages->items()) {
      if (value.is_number()) time.stages.emplace_back(name, value.get<double>());
    }
  }
  return time;
}

Quantiles quantiles_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  // The smallest value that at least this share of all does not exceed.
  const auto at = [&](double share) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
  };
  return {at(.50), at(.95), at(.99)};
}

RunTimings timings_of(const std::vector<TopicTime>& times) {
  std::vector<double> all;
  std::map<std::string, std::vector<double>> stages;
  for (const TopicTime& time : times) {
    all.push_back(time.ms);
    for (const auto& [name, ms] : time.stages) stages[name].push_back(ms);
  }
  RunTimings timings;
  timings.latency_ms = quantiles_of(std::move(all));
  for (auto& [name, values] : stages) timings.stages_ms[name] = quantiles_of(std::move(values));
  return timings;
}

std::map<std::string, std::string> settings_of(const Settings& settings) {
  std::map<std::string, std::string> values;
  for (const SettingValue& setting : list_settings(settings, {})) {
    values[setting.name] = setting.value;
  }
  return values;
}

/// A path that still names the file when the program is started elsewhere.
std::string lasting_path(const std::string& path) {
  std::error_code failed;
  const bool is_there = !path.empty() && std::filesystem::exists(path, failed);
  return is_there ? posix_env().absolute_path(path) : path;
}

RunInfo describe(const ExperimentRequest& request, const Dataset& dataset) {
  RunInfo info;
  info.dataset = dataset.name;
  info.dataset_folder = dataset.folder;
  info.dataset_hash = dataset.content_hash;
  info.queries = lasting_path(request.dataset.queries);
  info.qrels = lasting_path(request.dataset.qrels);
  info.conversations = lasting_path(request.dataset.conversations);
  info.corpus = lasting_path(request.dataset.corpus);
  info.columns = request.dataset.columns;
  info.split = dataset.split;
  info.topics = dataset.topics.size();
  info.labels = dataset.labels.size();
  info.documents = dataset.corpus_facts.documents;
  info.depth = request.depth;
  info.span_overlap = request.span_overlap;
  info.with_answers = request.with_answers;
  info.settings = settings_of(request.settings);
  const auto defaults = settings_of(Settings());
  for (const auto& [name, value] : info.settings) {
    if (defaults.at(name) != value) info.changed[name] = value;
  }
  info.index_fingerprint = index_fingerprint(dataset, request.settings);
  info.version = std::string(version());
  info.seed = request.seed;
  info.folds = request.folds;
  info.fold = request.fold;
  return info;
}

/// Whether going on with `other` gives the run that `wanted` describes.
bool is_same_run(const RunInfo& wanted, const RunInfo& other) {
  const auto key = [](const RunInfo& info) {
    return std::tie(info.kind, info.dataset_hash, info.depth, info.span_overlap, info.with_answers,
                    info.settings, info.index_fingerprint, info.version, info.seed, info.folds,
                    info.fold, info.split, info.topics);
  };
  return key(wanted) == key(other);
}

OutcomeHit outcome_hit(const Hit& hit) {
  return {hit.document_id, hit.score, hit.text_bytes, hit.text_lines};
}

void take(const Report& report, Outcome& outcome, TopicTime& time) {
  outcome.warnings = report.warnings;
  for (const StageReport& stage : report.stages) time.stages.emplace_back(stage.name, stage.ms);
}

Status ask_topic(const Engine& engine, const ExperimentRequest& request,
                 const std::string& collection, const Topic& topic, const CallContext& call,
                 Outcome& outcome, TopicTime& time) {
  AskRequest ask;
  ask.collection = collection;
  ask.conversation = topic.conversation;
  if (ask.conversation.empty()) ask.conversation.push_back({"user", topic.text});
  ask.retrieve_only = !request.with_answers;
  ask.hits = request.depth;
  const AskResponse response = TRY(engine.ask(ask, {}, call));
  outcome.decision = response.decision;
  outcome.standalone_query = response.standalone_query;
  if (response.decision == Decision::search) {
    for (const Hit& hit : response.hits) outcome.hits.push_back(outcome_hit(hit));
  }
  outcome.answer = response.answer;
  for (const Citation& citation : response.citations) {
    outcome.citations.push_back({citation.document_id, citation.bytes, citation.quote});
  }
  take(response.report, outcome, time);
  return {};
}

Status search_topic(const Engine& engine, const ExperimentRequest& request,
                    const std::string& collection, const Topic& topic, const CallContext& call,
                    Outcome& outcome, TopicTime& time) {
  SearchRequest search;
  search.collection = collection;
  search.query = topic.text;
  search.limit = request.depth;
  search.syntax = QuerySyntax::plain;  // Questions of a set are not written in a query language.
  const SearchResponse response = TRY(engine.search(search, call));
  outcome.standalone_query = response.query;
  for (const Hit& hit : response.hits) outcome.hits.push_back(outcome_hit(hit));
  take(response.report, outcome, time);
  return {};
}

/// A topic that can never be searched is an empty outcome with the reason; anything else that goes
/// wrong ends the run, which can be gone on with.
Result<std::pair<Outcome, TopicTime>> run_topic(const Engine& engine,
                                                const ExperimentRequest& request,
                                                const std::string& collection, const Topic& topic,
                                                const CallContext& call) {
  std::pair<Outcome, TopicTime> done;
  auto& [outcome, time] = done;
  outcome.topic = topic.id;
  time.topic = topic.id;
  const auto began = std::chrono::steady_clock::now();
  const bool is_asked = request.with_answers || !topic.conversation.empty();
  const Status status = is_asked
                            ? ask_topic(engine, request, collection, topic, call, outcome, time)
                            : search_topic(engine, request, collection, topic, call, outcome, time);
  time.ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  if (!status && status.error().code != ErrorCode::invalid_argument) return status.error();
  if (!status) outcome.warnings.push_back(status.error().message);
  return done;
}

/// A run under way: its folder and what it has so far.
struct Progressing {
  std::unique_ptr<File> lock;  ///< So that no other process goes on with the same run.
  RunInfo info;
  std::vector<Outcome> outcomes;
  std::vector<TopicTime> times;
  bool was_resumed = false;
};

/// Null if another process is at this run.
Result<std::unique_ptr<File>> lock_run(const std::string& folder) {
  auto file = TRY(posix_env().open(folder + "/lock", FileAccess::create));
  const bool is_mine = TRY(file->lock(LockKind::exclusive, {}));
  if (!is_mine) file.reset();
  return file;
}

Result<Progressing> begin_run(const RunStore& store, RunInfo info) {
  Progressing run;
  std::vector<std::string> ignored;
  for (const RunRecord& record : TRY(store.list(ignored))) {
    if (record.info.is_complete || !is_same_run(info, record.info)) continue;
    const std::string folder = store.folder_of(record.info.id);
    run.lock = TRY(lock_run(folder));
    if (!run.lock) continue;
    run.info = record.info;
    run.was_resumed = true;
    for (const std::string& line : TRY(LineLog::recover(folder + "/outcomes.jsonl"))) {
      auto outcome = read_outcome(line, folder + "/outcomes.jsonl");
      if (!outcome) break;
      run.outcomes.push_back(std::move(*outcome));
    }
    for (const std::string& line : TRY(LineLog::recover(folder + "/timings.jsonl"))) {
      const auto json = parse_json(line, folder);
      const auto time = json ? topic_time_from(*json) : std::nullopt;
      if (time) run.times.push_back(*time);
    }
    return run;
  }
  info.id = TRY(store.create(info.dataset));
  run.lock = TRY(lock_run(store.folder_of(info.id)));
  info.started = utc_now();
  run.info = std::move(info);
  return run;
}

/// Searches every topic that the run does not have yet, keeping each as it comes.
Status run_topics(const Engine& engine, const ExperimentRequest& request, const Dataset& dataset,
                  const std::string& folder, const ProgressSink& progress, const CallContext& call,
                  Progressing& run) {
  std::vector<std::string> outcome_lines;
  std::vector<std::string> time_lines;
  std::set<std::string> done;
  for (const Outcome& outcome : run.outcomes) {
    outcome_lines.push_back(print_outcome(outcome));
    done.insert(outcome.topic);
  }
  for (const TopicTime& time : run.times) time_lines.push_back(print_json(to_json(time)));
  LineLog outcome_log = TRY(LineLog::open(folder + "/outcomes.jsonl", outcome_lines));
  LineLog time_log = TRY(LineLog::open(folder + "/timings.jsonl", time_lines));
  for (const Topic& topic : dataset.topics) {
    TRY(call.check());
    if (!done.insert(topic.id).second) continue;
    auto [outcome, time] = TRY(run_topic(engine, request, run.info.collection, topic, call));
    TRY(outcome_log.append(print_outcome(outcome)));
    TRY(time_log.append(print_json(to_json(time))));
    run.outcomes.push_back(std::move(outcome));
    run.times.push_back(std::move(time));
    if (progress) progress({"search", done.size(), dataset.topics.size(), "questions"});
  }
  return {};
}

void collect_warnings(const std::vector<Outcome>& outcomes, std::vector<std::string>& warnings) {
  std::map<std::string, std::size_t> counts;
  for (const Outcome& outcome : outcomes) {
    for (const std::string& warning : outcome.warnings) ++counts[warning];
  }
  for (const auto& [warning, count] : counts) {
    if (warnings.size() >= kWarningsMax) {
      warnings.push_back("there are more warnings; outcomes.jsonl has all of them");
      return;
    }
    warnings.push_back(count == 1 ? warning : std::to_string(count) + " questions: " + warning);
  }
}

Status keep_topics_of_fold(const ExperimentRequest& request, Dataset& dataset) {
  if (request.folds == 0) return {};
  if (request.fold >= request.folds) {
    return Error{ErrorCode::invalid_argument, "there is no fold " + std::to_string(request.fold) +
                                                  " of " + std::to_string(request.folds) +
                                                  "; folds count from 0"};
  }
  std::vector<Topic> kept;
  for (const std::size_t at : topics_of_fold(dataset, request.folds, request.fold, request.seed)) {
    kept.push_back(std::move(dataset.topics[at]));
  }
  dataset.topics = std::move(kept);
  return {};
}

Status check(const Dataset& dataset) {
  const auto refuse = [](std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
  };
  if (dataset.topics.empty()) {
    return refuse(dataset.folder +
                  " has no question to run; `saerok lab dataset` says what it has");
  }
  if (dataset.corpus.empty()) {
    return refuse(dataset.folder + " has no corpus to search; name one with --corpus");
  }
  return {};
}

}  // namespace

Result<ExperimentResult> run_experiment(const LabPlaces& places, const ExperimentRequest& request,
                                        const ProgressSink& progress, const CallContext& call) {
  DatasetRequest dataset_request = request.dataset;
  dataset_request.work_folder = places.corpora();
  Dataset dataset = TRY(open_dataset(dataset_request, call));
  TRY(keep_topics_of_fold(request, dataset));
  TRY(check(dataset));

  TRY(make_folders(posix_env().absolute_path(places.folder)));
  const RunStore store(places.runs());
  Progressing run = TRY(begin_run(store, describe(request, dataset)));
  std::vector<std::string> warnings;
  RunTimings costs;
  const std::uint64_t children_before = peak_child_memory_bytes();
  {
    Engine engine = TRY(Engine::open({.store = places.store(),
                                      .models_directory = places.models_directory,
                                      .worker_program = places.worker_program,
                                      .settings = request.settings}));
    TRY(store.save_info(run.info));
    const LabIndex index = TRY(prepare_index(engine, dataset, request.settings, progress, call));
    run.info.collection = index.collection;
    TRY(store.save_info(run.info));
    warnings = index.warnings;
    costs.text_seconds = index.text_seconds;
    costs.embed_seconds = index.embed_seconds;
    costs.index_bytes = index.bytes;
    TRY(run_topics(engine, request, dataset, store.folder_of(run.info.id), progress, call, run));
  }
  TRY(store.save_outcomes(run.info.id, run.outcomes));
  const RunTimings latencies = timings_of(run.times);
  costs.latency_ms = latencies.latency_ms;
  costs.stages_ms = latencies.stages_ms;
  costs.peak_memory_bytes = peak_memory_bytes();
  // A program that was started by exec may have had children before it was this one.
  const std::uint64_t children_after = peak_child_memory_bytes();
  costs.peak_worker_memory_bytes = children_after > children_before ? children_after : 0;
  TRY(store.save_timings(run.info.id, costs));
  ExperimentResult scored = TRY(score_run(store, dataset, run.info, run.outcomes,
                                          {request.metrics, request.note, request.rouge_by}));
  scored.citations = TRY(score_citations(dataset, run.outcomes, run.info.seed, call));
  scored.was_resumed = run.was_resumed;
  scored.warnings = std::move(warnings);
  collect_warnings(run.outcomes, scored.warnings);
  return scored;
}

}  // namespace saerok::lab
