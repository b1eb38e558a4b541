/// Adds to the problems of a dataset: every one is counted, the first are listed. What this is not:
/// deciding what a problem is.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "lab/dataset.h"
#include "lab/table_reader.h"

namespace saerok::lab {

inline void list_problem(DatasetProblems& problems, DatasetProblem problem) {
  if (problems.listed.size() < kProblemsListedMax) problems.listed.push_back(std::move(problem));
}

/// Counts and lists the lines of `file` that were left out. `problems` must outlive the result.
inline BadLineSink bad_lines_of(const std::string& file, DatasetProblems& problems) {
  return [file, &problems](std::uint64_t line, const std::string& reason) {
    ++problems.bad_lines;
    list_problem(problems, {.file = file, .line = line, .reason = reason});
  };
}

}  // namespace saerok::lab
