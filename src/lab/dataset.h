/// Topics, relevance judgements and the corpus they are about: what a run is scored on. Reads BEIR
/// folders, TREC topics and qrels, CSV and JSONL with named columns, conversations, and questions
/// about a folder of notes. What this is not: indexing (the engine does it) or scoring (metrics.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok::lab {

/// What is asked. A conversation's last turn is the question; `text` is then that turn's content.
struct Topic {
  std::string id;
  std::string text;
  Conversation conversation;         ///< Empty for a plain question.
  std::optional<Decision> decision;  ///< What is right to do, where the dataset says.
  std::string answer;                ///< A reference answer; empty: none.
  std::string group;                 ///< Of k-fold splits and reports, e.g. "direct"; may be empty.
};

/// A judgement: of a document, or of a stretch of it.
struct Label {
  std::string topic;
  std::string document;    ///< document_id of a hit: a JSONL id, else a path.
  std::int32_t grade = 1;  ///< 0 and below: not relevant.
  /// In the original file (for JSONL in the decoded field), as Hit::text_bytes; so that cutting the
  /// text anew never invalidates a label. Nothing: the whole document.
  std::optional<ByteSpan> span;
};

/// A line that could not be used, or an id that names nothing.
struct DatasetProblem {
  std::string file;
  std::uint64_t line = 0;  ///< From 1; 0: the whole file.
  std::string reason;
};

/// Problems of a kind: how many, and the first of them.
inline constexpr std::size_t kProblemsListedMax = 100;

struct DatasetProblems {
  std::uint64_t bad_lines = 0;            ///< Lines left out.
  std::uint64_t duplicate_documents = 0;  ///< Ids given again; the last stands, as in an index.
  std::uint64_t duplicate_topics = 0;     ///< Ids seen before; the first stands.
  std::uint64_t unknown_documents = 0;    ///< Labels whose document the corpus does not hold.
  std::uint64_t unknown_topics = 0;       ///< Labels whose topic does not exist.
  /// Topics without any label, and which are not said to need no search; 0 where the dataset has
  /// no labels at all.
  std::uint64_t unlabelled_topics = 0;
  std::vector<DatasetProblem> listed;  ///< At most kProblemsListedMax.
};

/// How many texts are in which language, by their letters: "ko" (Hangul), "en" (Latin), "mixed"
/// (much of both) and "other".
using LanguageMix = std::map<std::string, std::uint64_t>;

/// What the corpus is made of. Counted while the ids are read; text is not kept.
struct CorpusFacts {
  std::uint64_t documents = 0;
  std::uint64_t text_bytes = 0;  ///< Of titles and texts.
  std::uint64_t empty_documents = 0;
  std::uint64_t repeated_texts = 0;  ///< Documents whose title and text another one has too.
  LanguageMix languages;             ///< Documents by language.
};

struct Dataset {
  /// The folder's last part, and the split, or else the file that the topics were overridden with:
  /// "ko-korquad1:dev".
  std::string name;
  std::string folder;               ///< Absolute.
  std::string split;                ///< Empty: the only or the unnamed one.
  std::vector<std::string> splits;  ///< Every split found, sorted.
  /// What the folder was recognised as: "BEIR", "TREC", "table", "conversations", "notes".
  std::vector<std::string> kinds;
  /// Paths to index, in order; a converted corpus is a file that open_dataset() wrote. Empty: the
  /// dataset names none, and so its labels' documents were not looked up.
  std::vector<std::string> corpus;
  CorpusFacts corpus_facts;
  std::vector<Topic> topics;  ///< In the files' order.
  LanguageMix topic_languages;
  std::vector<Label> labels;  ///< In the files' order.
  bool has_labels = false;    ///< Whether label files exist, even empty ones.
  DatasetProblems problems;
  /// 128 bits, hex: of corpus, topics and labels as they were read, whatever the files are called
  /// or compressed with.
  std::string content_hash;
  std::string corpus_hash;  ///< The same of the corpus alone: names the index made of it.
};

/// Files named here override the folder's. One that does not exist as it is named is looked for in
/// the folder.
struct DatasetRequest {
  std::string folder;  ///< Or one JSONL/CSV/TREC topics file.
  /// Empty: the unnamed split, else the only one, else the one that is named like a test set.
  std::string split;
  std::string queries;        ///< Empty: the folder's.
  std::string qrels;          ///< The same; of `conversations`, none but those in the file itself.
  std::string conversations;  ///< Topics from this file instead of queries.
  std::string corpus;         ///< A corpus file or a folder of notes.
  /// Names of columns (of TREC topics: elements) where they are not the usual ones, by role: "id",
  /// "text" and "title" of documents; "topic", "query", "answer", "group", "decision" and
  /// "conversation" of questions; "topic", "document", "grade", "begin" and "end" of labels.
  std::map<std::string, std::string> columns;
  std::string work_folder;  ///< Where a corpus that must be converted to JSONL is written.
};

/// Reads and checks a dataset. Bad lines are left out, counted and listed, never fatal.
/// Errors: not_found (folder or a named file; the message lists the splits there are),
/// invalid_argument (nothing in it looks like a dataset; says what was looked for), unavailable,
/// cancelled.
Result<Dataset> open_dataset(const DatasetRequest& request, const CallContext& call);

/// Which topics a fold holds: topics are dealt to `folds` by the hash of their ids and `seed`, so
/// that a topic's fold does not depend on the others. `fold` from 0. Requires fold < folds.
std::vector<std::size_t> topics_of_fold(const Dataset& dataset, std::uint32_t folds,
                                        std::uint32_t fold, std::uint64_t seed);

}  // namespace saerok::lab
