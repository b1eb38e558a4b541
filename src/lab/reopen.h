/// What a run was made on and what it found, from the folder of runs or from a TREC run file, and
/// its dataset opened again. What this is not: the folder itself (run.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/dataset.h"
#include "lab/experiment.h"
#include "lab/run.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

struct FoundRun {
  std::string name;                 ///< The run's id, or the file's path.
  std::optional<RunRecord> record;  ///< Nothing for a file.
  std::vector<Outcome> outcomes;
  std::vector<std::string> warnings;
};

/// `name` is a run's id, else a TREC run file, whose ids are percent-encoded as `lab run` writes
/// them. Errors: not_found, corrupt, invalid_argument (no line of the file can be read).
Result<FoundRun> find_run(const RunStore& store, const std::string& name, const CallContext& call);

/// The request by which the run's dataset was opened.
DatasetRequest dataset_of(const RunInfo& info, const LabPlaces& places);

}  // namespace saerok::lab
