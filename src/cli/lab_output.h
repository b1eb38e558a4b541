/// What the parts of `saerok lab` print alike.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "lab/dataset.h"
#include "lab/experiment.h"
#include "lab/run.h"
#include "saerok/requests.h"

namespace CLI {
class App;
}

namespace saerok {

/// Options that name a dataset; shared by run, ablate and dataset.
struct DatasetOptions {
  std::string folder;
  std::string split;
  std::string queries;
  std::string qrels;
  std::string conversations;
  std::string corpus;
  std::vector<std::string> columns;  ///< "id=docno".
};

/// The folder as the command's argument, the rest as options.
void add_dataset_options(CLI::App& command, DatasetOptions& options);

/// Errors: invalid_argument for a column without "=".
Result<lab::DatasetRequest> dataset_request(const DatasetOptions& options);

/// A run as `lab run --json` prints it.
Json run_to_json(const lab::RunRecord& record, const lab::RunStore& store);

/// What a command that made a run prints: the run, and how decisions and answers fared.
Json result_to_json(const lab::ExperimentResult& result, const lab::RunStore& store);
void print_result(const lab::ExperimentResult& result, const lab::RunStore& store);

/// "1 question", "12,345 questions".
std::string print_counted(std::uint64_t count, std::string_view noun);

void print_lab_warnings(const std::vector<std::string>& warnings);

/// Names of metrics. Errors: invalid_argument.
Result<std::vector<lab::Metric>> parse_metrics(const std::vector<std::string>& names);

}  // namespace saerok
