/// The questions of a dataset and the judgements about them. What this is not: the documents that
/// they name (dataset_corpus.h).
#pragma once

#include <string>
#include <vector>

#include "lab/dataset.h"
#include "lab/dataset_columns.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

/// Whether a question that has both a text and the turns that led to it is asked as the one or the
/// other. What has turns of both sides is always a conversation.
enum class TopicStyle : std::uint8_t { questions, conversations };

struct TopicFile {
  std::vector<Topic> topics;
  std::vector<Label> labels;  ///< Those that stand beside the questions.
  bool has_labels = false;    ///< Whether any question has a place for them.
  bool is_trec = false;
};

/// Reads JSONL, CSV, TSV or TREC topics. Of two topics with one id the first stands.
///
/// An empty list of relevant documents says that the topic needs no search, one that is not empty
/// that it does, unless the decision stands there itself.
Result<TopicFile> read_topics(const std::string& path, TopicStyle style, const Columns& columns,
                              DatasetProblems& problems, const CallContext& call);

struct LabelFile {
  std::vector<Label> labels;
  bool is_trec = false;
};

/// Reads a qrels file: a table with or without a header, or TREC's. Of two labels for the same the
/// first stands.
Result<LabelFile> read_labels(const std::string& path, const Columns& columns,
                              DatasetProblems& problems, const CallContext& call);

}  // namespace saerok::lab
