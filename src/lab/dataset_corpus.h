/// The documents of a dataset: their ids as an index names them, what they are made of, and a copy
/// as JSONL of those that an index cannot read as they are. What this is not: indexing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lab/dataset.h"
#include "lab/dataset_columns.h"
#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok::lab {

/// Ids by their hashes: a corpus may have millions.
class DocumentIds {
 public:
  void add(std::string_view id);
  bool contains(std::string_view id) const;
  /// The id that is `id` once composed (NFC): JSON escapes bring such ids into an index, while what
  /// labels name is composed with its file. Nothing: there is none.
  std::optional<std::string> find_composed(const std::string& id) const;
  std::size_t size() const { return hashes_.size(); }

 private:
  struct Low {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };
  std::unordered_set<Hash128, Low> hashes_;
  std::map<std::string, std::string> by_composed_;  // Only those that differ.
};

struct Corpus {
  std::vector<std::string> paths;  ///< Absolute; to index in this order.
  CorpusFacts facts;
  std::string hash;
  DocumentIds ids;
};

/// Reads every file once. JSONL whose columns are those that an index knows is used as it is, and
/// so are notes; CSV, TSV, TREC documents and JSONL with other columns become
/// `work_folder`/HASH.jsonl. Errors: invalid_argument (a file that cannot be read as documents),
/// unavailable, cancelled.
Result<Corpus> open_corpus(const std::vector<std::string>& paths, const Columns& columns,
                           const std::string& work_folder, DatasetProblems& problems,
                           const CallContext& call);

/// The text of each of these documents, as spans of it count: a note's bytes, a record's decoded
/// field. `corpus` are Dataset::corpus; ids it does not hold are left out of the result.
Result<std::map<std::string, std::string>> read_texts(const std::vector<std::string>& corpus,
                                                      const std::set<std::string>& ids,
                                                      const CallContext& call);

}  // namespace saerok::lab
