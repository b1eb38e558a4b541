/// A person's own labels as a dataset folder: queries.jsonl, qrels.tsv and dataset.json, as
/// lab/dataset.h reads them. What this is not: collecting labels (the engine keeps them).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "saerok/memory.h"
#include "saerok/result.h"

namespace saerok::lab {

struct LabelledDataset {
  std::string name;
  std::vector<std::string> corpus;  ///< What was indexed: absolute folders and files.
  std::vector<LabelRecord> labels;  ///< Oldest first, as the engine lists them.
};

struct LabelledDatasetReport {
  std::uint64_t questions = 0;
  std::uint64_t labels = 0;         ///< Lines of qrels.tsv.
  std::uint64_t superseded = 0;     ///< Judged again later; the last word counts.
  std::uint64_t without_right = 0;  ///< Questions of which every label says wrong.
  std::vector<std::string> warnings;
};

/// Writes the folder, or writes it anew where an earlier export is in it. A question's id is made
/// of its text, so that it is the same in every export.
/// Errors: failed_precondition (no labels; the folder holds something else), unavailable,
/// out_of_space.
Result<LabelledDatasetReport> write_labelled_dataset(const std::string& folder,
                                                     const LabelledDataset& dataset);

}  // namespace saerok::lab
