#include "lab/reopen.h"

#include <filesystem>
#include <utility>

#include "lab/trec.h"

namespace saerok::lab {
namespace {

/// Bad lines of a run file that are told one by one.
constexpr std::size_t kBadLinesToldMax = 5;

Result<FoundRun> read_run_file(const std::string& path, const CallContext& call) {
  const std::string text = TRY(read_dataset_file(path, call));
  FoundRun found{.name = path, .record = std::nullopt, .outcomes = {}, .warnings = {}};
  std::size_t bad_lines = 0;
  const BadLineSink bad_line = [&](std::uint64_t line, const std::string& reason) {
    if (++bad_lines > kBadLinesToldMax) return;
    found.warnings.push_back(path + ":" + std::to_string(line) + ": " + reason + "; left out");
  };
  auto run = TRY(read_trec_run(text, TrecIds::percent_encoded, bad_line, call));
  if (bad_lines > kBadLinesToldMax) {
    found.warnings.push_back(path + ": " + std::to_string(bad_lines) + " lines left out in all");
  }
  if (run.empty() && bad_lines > 0) {
    return Error{ErrorCode::invalid_argument,
                 path + " is no TREC run file: " + found.warnings.front()};
  }
  for (TrecRanking& ranking : run) {
    Outcome outcome;
    outcome.topic = std::move(ranking.topic);
    for (ScoredDocument& entry : ranking.documents) {
      outcome.hits.push_back(
          {.document = std::move(entry.document), .score = entry.score, .bytes = {}, .lines = {}});
    }
    found.outcomes.push_back(std::move(outcome));
  }
  return found;
}

}  // namespace

Result<FoundRun> find_run(const RunStore& store, const std::string& name, const CallContext& call) {
  auto record = store.load(name);
  if (record) {
    return FoundRun{.name = name,
                    .record = std::move(*record),
                    .outcomes = TRY(store.outcomes(name)),
                    .warnings = {}};
  }
  std::error_code failed;
  const bool is_file = std::filesystem::is_regular_file(name, failed);
  if (record.error().code != ErrorCode::not_found || !is_file) return record.error();
  return read_run_file(name, call);
}

DatasetRequest dataset_of(const RunInfo& info, const LabPlaces& places) {
  DatasetRequest request;
  request.folder = info.dataset_folder;
  request.split = info.split;
  request.queries = info.queries;
  request.qrels = info.qrels;
  request.conversations = info.conversations;
  request.corpus = info.corpus;
  request.columns = info.columns;
  request.work_folder = places.corpora();
  return request;
}

}  // namespace saerok::lab
