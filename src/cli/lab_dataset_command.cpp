#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/lab_output.h"
#include "cli/terminal.h"
#include "lab/dataset.h"
#include "lab/run_json.h"

namespace saerok {
namespace {

/// Problems shown to a person; --json has all that are listed.
constexpr std::size_t kProblemsShownMax = 10;

/// What the command prints that the dataset does not hold as a number.
struct TopicCounts {
  std::uint64_t conversations = 0;
  std::uint64_t many_turns = 0;
  std::uint64_t answers = 0;
  std::uint64_t labelled = 0;
  std::uint64_t relevant = 0;  ///< Labels of grade 1 and above.
  std::uint64_t spans = 0;
  std::map<std::string, std::uint64_t> decisions;
  std::map<std::string, std::uint64_t> groups;
};

TopicCounts count(const lab::Dataset& dataset) {
  TopicCounts counts;
  for (const lab::Topic& topic : dataset.topics) {
    if (!topic.conversation.empty()) ++counts.conversations;
    if (topic.conversation.size() > 1) ++counts.many_turns;
    if (!topic.answer.empty()) ++counts.answers;
    if (topic.decision) ++counts.decisions[std::string(lab::name_of(*topic.decision))];
    if (!topic.group.empty()) ++counts.groups[topic.group];
  }
  std::set<std::string_view> labelled;
  for (const lab::Label& label : dataset.labels) {
    labelled.insert(label.topic);
    if (label.grade > 0) ++counts.relevant;
    if (label.span) ++counts.spans;
  }
  for (const lab::Topic& topic : dataset.topics)
    counts.labelled += labelled.contains(topic.id) ? 1u : 0u;
  return counts;
}

Json to_json(const lab::DatasetProblems& problems) {
  Json listed = Json::array();
  for (const lab::DatasetProblem& problem : problems.listed) {
    listed.push_back({{"file", problem.file}, {"line", problem.line}, {"reason", problem.reason}});
  }
  return {{"bad_lines", problems.bad_lines},
          {"duplicate_documents", problems.duplicate_documents},
          {"duplicate_topics", problems.duplicate_topics},
          {"unknown_documents", problems.unknown_documents},
          {"unknown_topics", problems.unknown_topics},
          {"unlabelled_topics", problems.unlabelled_topics},
          {"listed", listed}};
}

Json to_json(const lab::Dataset& dataset) {
  const TopicCounts counts = count(dataset);
  const lab::CorpusFacts& facts = dataset.corpus_facts;
  return {{"dataset", dataset.name},
          {"folder", dataset.folder},
          {"kinds", dataset.kinds},
          {"split", dataset.split},
          {"splits", dataset.splits},
          {"corpus",
           {{"paths", dataset.corpus},
            {"documents", facts.documents},
            {"text_bytes", facts.text_bytes},
            {"empty_documents", facts.empty_documents},
            {"repeated_texts", facts.repeated_texts},
            {"languages", facts.languages},
            {"hash", dataset.corpus_hash}}},
          {"topics",
           {{"count", dataset.topics.size()},
            {"conversations", counts.conversations},
            {"multi_turn", counts.many_turns},
            {"with_answer", counts.answers},
            {"labelled", counts.labelled},
            {"languages", dataset.topic_languages},
            {"decisions", counts.decisions},
            {"groups", counts.groups}}},
          {"labels",
           {{"exist", dataset.has_labels},
            {"count", dataset.labels.size()},
            {"relevant", counts.relevant},
            {"spans", counts.spans}}},
          {"problems", to_json(dataset.problems)},
          {"content_hash", dataset.content_hash}};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// "ko 4,269, mixed 3": most first.
std::string print_counts(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::ranges::greater(),
                           &std::pair<std::string, std::uint64_t>::second);
  std::string text;
  for (const auto& [name, count] : sorted) {
    text += (text.empty() ? "" : ", ") + name + " " + print_count(count);
  }
  return text;
}

void print_row(const char* name, const std::string& text) {
  if (!text.empty()) std::printf("  %-12s %s\n", name, text.c_str());
}

void print_problems(const lab::DatasetProblems& problems) {
  std::string text;
  const auto add = [&](const char* what, std::uint64_t count) {
    if (count > 0)
      text += (text.empty() ? "" : "; ") + std::string(what) + ": " + print_count(count);
  };
  add("lines left out", problems.bad_lines);
  add("document ids given again", problems.duplicate_documents);
  add("question ids given again", problems.duplicate_topics);
  add("labels of documents that are not there", problems.unknown_documents);
  add("labels of questions that are not there", problems.unknown_topics);
  add("questions without a label", problems.unlabelled_topics);
  print_row("problems", !text.empty()             ? text
                        : problems.listed.empty() ? "none"
                                                  : "files that could not be read");
  const std::size_t shown = std::min(problems.listed.size(), kProblemsShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const lab::DatasetProblem& problem = problems.listed[i];
    const std::string line = problem.line == 0 ? "" : ":" + std::to_string(problem.line);
    std::printf("    %s%s: %s\n", problem.file.c_str(), line.c_str(), problem.reason.c_str());
  }
  if (shown < problems.listed.size()) {
    std::printf("    and more; --json lists the first %zu\n", lab::kProblemsListedMax);
  }
}

void print(const lab::Dataset& dataset) {
  const TopicCounts counts = count(dataset);
  const lab::CorpusFacts& facts = dataset.corpus_facts;
  std::printf("%s\n", dataset.name.c_str());
  print_row("kind", joined(dataset.kinds));
  print_row("splits", joined(dataset.splits));
  if (dataset.corpus.empty()) {
    print_row("corpus", "none; name one with --corpus");
  } else {
    print_row("corpus", joined(dataset.corpus));
    std::string text = print_count(facts.documents) + " (" + print_size(facts.text_bytes) + ")";
    if (!facts.languages.empty()) text += "; " + print_counts(facts.languages);
    if (facts.empty_documents > 0)
      text += "; " + print_count(facts.empty_documents) + " without text";
    if (facts.repeated_texts > 0) {
      text += "; " + print_count(facts.repeated_texts) + " with a text that another one has too";
    }
    print_row("documents", text);
  }
  std::string questions = print_count(dataset.topics.size());
  if (counts.conversations > 0) {
    questions += ", " + print_count(counts.conversations) + " of them conversations (" +
                 print_count(counts.many_turns) + " of several turns)";
  }
  if (!dataset.topic_languages.empty()) questions += "; " + print_counts(dataset.topic_languages);
  print_row("questions", questions);
  print_row("decisions", print_counts(counts.decisions));
  print_row("groups", print_counts(counts.groups));
  if (counts.answers > 0) print_row("answers", print_count(counts.answers));
  std::string labels = "none";
  if (dataset.has_labels) {
    labels = print_count(dataset.labels.size()) + ", " + print_count(counts.relevant) +
             " of them relevant, of " + print_counted(counts.labelled, "question");
    if (counts.spans > 0) labels += "; " + print_count(counts.spans) + " of a span of text";
  }
  print_row("labels", labels);
  print_problems(dataset.problems);
  print_row("content hash", dataset.content_hash);
}

}  // namespace

void add_lab_dataset_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<DatasetOptions>();
  CLI::App* command = lab.add_subcommand(
      "dataset",
      "What a dataset is made of: documents, questions, labels, and what is wrong with them.\n\n"
      "Reads BEIR folders, TREC topics and qrels, CSV, TSV and JSONL, conversations, and questions "
      "about a folder of notes (dataset.json); files may be .gz or .zst.");
  add_dataset_options(*command, *options);
  command->callback([=, &chosen, &folder] {
    chosen = [=, &folder](CommandContext& context) -> Status {
      lab::DatasetRequest request = TRY(dataset_request(*options));
      request.work_folder = lab_places(context, folder).corpora();
      const lab::Dataset dataset = TRY(lab::open_dataset(request, context.call()));
      if (context.options.json) print_document(to_json(dataset));
      else print(dataset);
      return {};
    };
  });
}

}  // namespace saerok
