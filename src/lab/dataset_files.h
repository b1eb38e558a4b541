/// Which files of a folder make up a dataset, and which of them belong to which split, by their
/// names and by dataset.json. What this is not: reading them (dataset_topics.h, dataset_corpus.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/dataset.h"
#include "saerok/result.h"

namespace saerok::lab {

/// The files of one split; empty: there is none.
struct SplitFiles {
  std::string name;
  std::string queries;
  std::string qrels;
  std::string conversations;
  /// Whether the file holds those of other splits too, so that what has no counterpart here is no
  /// problem but another split's.
  bool shares_queries = false;
  bool shares_qrels = false;
};

struct DatasetFiles {
  std::string name;
  std::vector<std::string> corpus;
  std::vector<SplitFiles> splits;  ///< By name; the unnamed one first.
};

/// Looks at the folder, or at the one file of questions that `path` names.
///
/// dataset.json: {"name": …, "corpus": path or list of paths, "queries": …, "qrels": …,
/// "conversations": …, "splits": {"X": {"queries": …, "qrels": …, "conversations": …}}}, all
/// optional, relative to the folder; what it does not name is found by its name.
/// Errors: not_found, invalid_argument (dataset.json), unavailable.
Result<DatasetFiles> find_dataset_files(const std::string& path);

/// The split that the request names, or the one taken where it names none (DatasetRequest::split),
/// with the files that the request overrides.
/// Errors: not_found (split or file), invalid_argument (no questions, or several splits).
Result<SplitFiles> choose_split(const DatasetFiles& files, const DatasetRequest& request);

/// `name`, or what it is in `folder`. Errors: not_found.
Result<std::string> find_named_file(const std::string& folder, const std::string& name);

}  // namespace saerok::lab
