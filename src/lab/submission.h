/// The file that a competition takes: JSON lines of eval_id, standalone_query, topk, answer and
/// references, made of a run and checked against its dataset. What this is not: searching.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/dataset.h"
#include "lab/experiment.h"
#include "lab/run.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

struct SubmissionReference {
  double score = 0;
  std::string content;  ///< The passage.
};

struct SubmissionLine {
  std::string topic;
  std::string standalone_query;
  std::vector<std::string> documents;  ///< "topk": best first.
  std::string answer;
  std::vector<SubmissionReference> references;  ///< Of the documents, in their order.
};

/// One line a topic, in the dataset's order, with at most `depth` documents; none where the run
/// decided not to search. References are the passages that were found, read from the corpus.
/// Errors: failed_precondition (the run lacks topics), read_texts()'s.
Result<std::vector<SubmissionLine>> make_submission(const Dataset& dataset,
                                                    const std::vector<Outcome>& outcomes,
                                                    std::uint32_t depth, const CallContext& call);

/// An id that is a whole number is written as one, as the competition has it.
std::string print_submission(const std::vector<SubmissionLine>& lines);

struct SubmissionFile {
  std::vector<SubmissionLine> lines;
  std::vector<DatasetProblem> bad_lines;
};
/// `name` stands in the problems. Errors: cancelled.
Result<SubmissionFile> read_submission(std::string_view text, const std::string& name,
                                       const CallContext& call);

/// What a judge would refuse: topics missing, unknown or given twice, documents that are not in the
/// corpus (not looked at where there is none) or given twice, more than `depth` of them, scores
/// that are not finite. Sentences; empty: the submission is valid. Errors: read_texts()'s.
Result<std::vector<std::string>> check_submission(const Dataset& dataset,
                                                  const std::vector<SubmissionLine>& lines,
                                                  std::uint32_t depth, const CallContext& call);

/// The competition's own measure of the documents as they are ordered; nothing where the dataset
/// has no labels.
std::optional<MetricSummary> score_submission(const Dataset& dataset,
                                              const std::vector<SubmissionLine>& lines,
                                              std::uint64_t seed);

}  // namespace saerok::lab
