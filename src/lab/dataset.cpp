#include "lab/dataset.h"

#include <algorithm>
#include <filesystem>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/assert.h"
#include "base/hash.h"
#include "base/posix_env.h"
#include "base/unicode.h"
#include "lab/dataset_columns.h"
#include "lab/dataset_corpus.h"
#include "lab/dataset_files.h"
#include "lab/dataset_language.h"
#include "lab/dataset_problems.h"
#include "lab/dataset_topics.h"

namespace saerok::lab {
namespace {

namespace fs = std::filesystem;

/// Feeds values so that no two sequences of them feed the same bytes.
class ContentHasher {
 public:
  void feed(std::string_view text) {
    feed(text.size());
    hasher_.feed(text);
  }
  void feed(std::uint64_t number) { hasher_.feed(std::to_string(number) + ";"); }
  std::string finish() const { return to_hex(hasher_.finish()); }

 private:
  Hasher128 hasher_;
};

std::string content_hash(const Dataset& dataset) {
  ContentHasher hasher;
  hasher.feed(dataset.corpus_hash);
  hasher.feed(dataset.topics.size());
  for (const Topic& topic : dataset.topics) {
    for (const std::string* text : {&topic.id, &topic.text, &topic.answer, &topic.group}) {
      hasher.feed(*text);
    }
    hasher.feed(topic.conversation.size());
    for (const Turn& turn : topic.conversation) {
      hasher.feed(turn.role);
      hasher.feed(turn.content);
    }
    hasher.feed(topic.decision ? static_cast<std::uint64_t>(*topic.decision) + 1 : 0);
  }
  hasher.feed(dataset.has_labels ? 1 : 0);
  hasher.feed(dataset.labels.size());
  for (const Label& label : dataset.labels) {
    hasher.feed(label.topic);
    hasher.feed(label.document);
    hasher.feed(std::to_string(label.grade));
    hasher.feed(label.span ? 1 : 0);
    hasher.feed(label.span.value_or(ByteSpan{}).begin);
    hasher.feed(label.span.value_or(ByteSpan{}).end);
  }
  return hasher.finish();
}

std::unordered_set<std::string> ids_of(const std::vector<Topic>& topics) {
  std::unordered_set<std::string> ids;
  for (const Topic& topic : topics) ids.insert(topic.id);
  return ids;
}

/// Questions and labels of the split, without those that belong to other splits.
struct Judged {
  TopicFile topics;
  LabelFile labels;
  bool has_labels = false;
};

Result<Judged> read_judged(const SplitFiles& split, const Columns& columns,
                           DatasetProblems& problems, const CallContext& call) {
  Judged judged;
  const bool is_conversations = split.queries.empty();
  judged.topics =
      TRY(read_topics(is_conversations ? split.conversations : split.queries,
                      is_conversations ? TopicStyle::conversations : TopicStyle::questions, columns,
                      problems, call));
  judged.has_labels = judged.topics.has_labels || !split.qrels.empty();
  if (split.qrels.empty()) return judged;
  judged.labels = TRY(read_labels(split.qrels, columns, problems, call));
  if (split.shares_queries) {
    std::unordered_set<std::string> labelled;
    for (const Label& label : judged.labels.labels) labelled.insert(label.topic);
    std::erase_if(judged.topics.topics,
                  [&](const Topic& topic) { return !labelled.contains(topic.id); });
  }
  if (split.shares_qrels) {
    const auto ids = ids_of(judged.topics.topics);
    std::erase_if(judged.labels.labels,
                  [&](const Label& label) { return !ids.contains(label.topic); });
  }
  return judged;
}

/// Where a file of labels judges what a question has beside it, the file stands.
std::vector<Label> join_labels(std::vector<Label> beside, std::vector<Label> file) {
  std::unordered_set<std::string> judged;
  const auto key = [](const Label& label) {
    std::string text = label.topic + '\0' + label.document;
    if (label.span) {
      text += '\0' + std::to_string(label.span->begin) + '\0' + std::to_string(label.span->end);
    }
    return text;
  };
  for (const Label& label : file) judged.insert(key(label));
  std::erase_if(beside, [&](const Label& label) { return judged.contains(key(label)); });
  beside.insert(beside.end(), std::make_move_iterator(file.begin()),
                std::make_move_iterator(file.end()));
  return beside;
}

/// Compares topics, labels and documents with each other.
void check_ids(Dataset& dataset, const DocumentIds& documents, const std::string& qrels) {
  const auto topics = ids_of(dataset.topics);
  std::unordered_set<std::string_view> labelled;
  for (Label& label : dataset.labels) {
    labelled.insert(label.topic);
    if (!topics.contains(label.topic)) {
      ++dataset.problems.unknown_topics;
      list_problem(dataset.problems, {.file = qrels,
                                      .line = 0,
                                      .reason = "a label names the question \"" + label.topic +
                                                "\", which is not there"});
    }
    if (dataset.corpus.empty() || documents.contains(label.document)) continue;
    if (const auto id = documents.find_composed(label.document)) {
      label.document = *id;
      continue;
    }
    ++dataset.problems.unknown_documents;
    list_problem(dataset.problems,
                 {.file = qrels,
                  .line = 0,
                  .reason = "a label of \"" + label.topic + "\" names the document \"" +
                            label.document + "\", which the corpus does not hold"});
  }
  if (!dataset.has_labels) return;
  for (const Topic& topic : dataset.topics) {
    const bool needs_search = topic.decision.value_or(Decision::search) == Decision::search;
    if (labelled.contains(topic.id) || !needs_search) continue;
    ++dataset.problems.unlabelled_topics;
    list_problem(
        dataset.problems,
        {.file = qrels, .line = 0, .reason = "the question \"" + topic.id + "\" has no label"});
  }
}

std::string name_of(const DatasetFiles& files, const SplitFiles& split,
                    const DatasetRequest& request) {
  const std::string& given =
      request.conversations.empty() ? request.queries : request.conversations;
  if (given.empty()) return files.name + (split.name.empty() ? "" : ":" + split.name);
  const std::string file = fs::path(given).filename().string();
  return files.name + ":" + file.substr(0, file.find('.', 1));
}

std::vector<std::string> kinds_of(const Dataset& dataset, const Judged& judged,
                                  const std::string& questions) {
  std::vector<std::string> kinds;
  const bool has_conversations = std::ranges::any_of(
      dataset.topics, [](const Topic& topic) { return !topic.conversation.empty(); });
  const bool has_questions = std::ranges::any_of(
      dataset.topics, [](const Topic& topic) { return topic.conversation.empty(); });
  const bool is_table = table_format_of(questions) != TableFormat::jsonl;
  if (judged.topics.is_trec || judged.labels.is_trec) kinds.emplace_back("TREC");
  else if (is_table) kinds.emplace_back("table");
  else if (has_questions) kinds.emplace_back("BEIR");
  if (has_conversations) kinds.emplace_back("conversations");
  const bool is_notes = std::ranges::any_of(dataset.corpus, [](const std::string& path) {
    std::error_code failed;
    return fs::is_directory(path, failed);
  });
  if (is_notes) kinds.emplace_back("notes");
  return kinds;
}

}  // namespace

Result<Dataset> open_dataset(const DatasetRequest& request, const CallContext& call) {
  const Columns columns = TRY(Columns::make(request.columns));
  DatasetFiles files = TRY(find_dataset_files(request.folder));
  const SplitFiles split = TRY(choose_split(files, request));
  if (!request.corpus.empty()) {
    files.corpus = {TRY(find_named_file(request.folder, request.corpus))};
  }
  Dataset dataset;
  dataset.folder = posix_env().absolute_path(request.folder);
  dataset.split = split.name;
  dataset.name = name_of(files, split, request);
  for (const SplitFiles& other : files.splits) {
    if (!other.name.empty()) dataset.splits.push_back(other.name);
  }
  Corpus corpus =
      TRY(open_corpus(files.corpus, columns, request.work_folder, dataset.problems, call));
  dataset.corpus = std::move(corpus.paths);
  dataset.corpus_facts = std::move(corpus.facts);
  dataset.corpus_hash = std::move(corpus.hash);
  Judged judged = TRY(read_judged(split, columns, dataset.problems, call));
  dataset.topics = std::move(judged.topics.topics);
  dataset.labels = join_labels(std::move(judged.topics.labels), std::move(judged.labels.labels));
  dataset.has_labels = judged.has_labels;
  for (const Topic& topic : dataset.topics) {
    ++dataset.topic_languages[std::string(language_of(topic.text))];
  }
  const std::string& questions = split.queries.empty() ? split.conversations : split.queries;
  check_ids(dataset, corpus.ids, split.qrels.empty() ? questions : split.qrels);
  dataset.kinds = kinds_of(dataset, judged, questions);
  dataset.content_hash = content_hash(dataset);
  return dataset;
}

std::vector<std::size_t> topics_of_fold(const Dataset& dataset, std::uint32_t folds,
                                        std::uint32_t fold, std::uint64_t seed) {
  ASSERT(fold < folds);
  std::vector<std::size_t> topics;
  for (std::size_t i = 0; i < dataset.topics.size(); ++i) {
    const std::string key = std::to_string(seed) + '\0' + dataset.topics[i].id;
    if (hash64(key) % folds == fold) topics.push_back(i);
  }
  return topics;
}

}  // namespace saerok::lab
