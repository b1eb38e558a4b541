// An ensemble as a run of its own: what it was made of, its outcomes, its scores.

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "lab/ensemble.h"
#include "lab/reopen.h"

namespace saerok::lab {
namespace {

std::string print_number(double number) {
  std::array<char, 32> digits{};
  const auto printed = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), printed.ptr};
}

/// "vote of the first 10, weights 2, 1": all that the ranking depends on beside the runs.
std::string describe(const EnsembleSettings& settings) {
  std::string text(name_of(settings.method));
  if (settings.method == EnsembleMethod::vote) {
    text += " of the first " + std::to_string(settings.vote_depth);
  }
  if (settings.method == EnsembleMethod::rrf) text += " with k " + print_number(settings.rrf_k);
  for (std::size_t i = 0; i < settings.weights.size(); ++i) {
    text += (i == 0 ? ", weights " : ", ") + print_number(settings.weights[i]);
  }
  return text;
}

/// The first run that the store knows says on what all were made.
Result<RunInfo> common_info(const std::vector<FoundRun>& runs) {
  const RunInfo* common = nullptr;
  for (const FoundRun& run : runs) {
    if (!run.record) continue;
    const RunInfo& info = run.record->info;
    if (common == nullptr) common = &info;
    if (info.dataset_hash == common->dataset_hash) continue;
    return Error{ErrorCode::invalid_argument, "the runs " + common->id + " (" + common->dataset +
                                                  ") and " + info.id + " (" + info.dataset +
                                                  ") were not made on the same dataset"};
  }
  if (common != nullptr) return *common;
  return Error{ErrorCode::invalid_argument,
               "none of the runs is one of `saerok lab run`, which would name the dataset"};
}

/// The ensemble asks all of its parts, one after the other.
RunTimings costs_of(const std::vector<FoundRun>& runs) {
  RunTimings costs;
  std::set<std::string> indexes;
  for (const FoundRun& run : runs) {
    if (!run.record) continue;
    const RunTimings& part = run.record->timings;
    costs.latency_ms.p50 += part.latency_ms.p50;
    costs.latency_ms.p95 += part.latency_ms.p95;
    costs.latency_ms.p99 += part.latency_ms.p99;
    costs.peak_memory_bytes = std::max(costs.peak_memory_bytes, part.peak_memory_bytes);
    costs.peak_worker_memory_bytes =
        std::max(costs.peak_worker_memory_bytes, part.peak_worker_memory_bytes);
    if (indexes.insert(run.record->info.index_fingerprint).second) {
      costs.index_bytes += part.index_bytes;
    }
  }
  return costs;
}

std::vector<std::string> warnings_of(const std::vector<FoundRun>& runs, std::size_t topics) {
  std::vector<std::string> warnings;
  for (const FoundRun& run : runs) {
    warnings.insert(warnings.end(), run.warnings.begin(), run.warnings.end());
    if (run.record && !run.record->info.is_complete) {
      warnings.push_back("the run " + run.name + " was interrupted and is not whole");
    }
    if (run.outcomes.size() > topics) {
      warnings.push_back("questions of " + run.name +
                         " left out, because not every run has them: " +
                         std::to_string(run.outcomes.size() - topics));
    }
  }
  return warnings;
}

RunInfo ensemble_info(const RunInfo& common, const std::vector<FoundRun>& runs,
                      const EnsembleRequest& request, const Dataset& dataset) {
  RunInfo info;
  info.kind = RunKind::ensemble;
  info.dataset = common.dataset;
  info.dataset_folder = common.dataset_folder;
  info.dataset_hash = dataset.content_hash;
  info.queries = common.queries;
  info.qrels = common.qrels;
  info.conversations = common.conversations;
  info.corpus = common.corpus;
  info.split = common.split;
  info.columns = common.columns;
  info.labels = dataset.labels.size();
  info.documents = dataset.corpus_facts.documents;
  info.depth = request.settings.depth;
  info.span_overlap = request.span_overlap;
  info.with_answers = common.with_answers;
  for (const FoundRun& run : runs) info.parts.push_back(run.name);
  info.method = describe(request.settings);
  info.version = std::string(version());
  info.seed = request.seed;
  info.folds = common.folds;
  info.fold = common.fold;
  info.started = utc_now();
  return info;
}

}  // namespace

Result<ExperimentResult> make_ensemble(const LabPlaces& places, const EnsembleRequest& request,
                                       const CallContext& call) {
  const RunStore store(places.runs());
  std::vector<FoundRun> runs;
  for (const std::string& name : request.runs) runs.push_back(TRY(find_run(store, name, call)));
  const RunInfo common = TRY(common_info(runs));
  std::vector<std::vector<Outcome>> outcomes;
  for (const FoundRun& run : runs) outcomes.push_back(run.outcomes);
  const std::vector<Outcome> fused = TRY(fuse_outcomes(outcomes, request.settings));
  const Dataset dataset = TRY(open_dataset(dataset_of(common, places), call));
  if (dataset.content_hash != common.dataset_hash) {
    return Error{ErrorCode::failed_precondition, "the dataset " + common.dataset +
                                                     " has changed since the run " + common.id +
                                                     "; run its parts again with `saerok lab run`"};
  }
  RunInfo info = ensemble_info(common, runs, request, dataset);
  info.topics = fused.size();
  info.id = TRY(store.create(request.name.empty() ? common.dataset : request.name));
  TRY(store.save_info(info));
  TRY(store.save_outcomes(info.id, fused));
  TRY(store.save_timings(info.id, costs_of(runs)));
  ExperimentResult result =
      TRY(score_run(store, dataset, info, fused, {request.metrics, request.note, {}}));
  result.warnings = warnings_of(runs, fused.size());
  return result;
}

}  // namespace saerok::lab
