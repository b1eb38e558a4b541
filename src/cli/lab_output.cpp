#include "cli/lab_output.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/plural.h"
#include "cli/terminal.h"
#include "lab/run_json.h"

namespace saerok {
namespace {

Json to_json(const lab::AnswerScores& scores) {
  return {{"topics", scores.topics},           {"rouge_1", scores.rouge_1},
          {"rouge_2", scores.rouge_2},         {"rouge_l", scores.rouge_l},
          {"exact_match", scores.exact_match}, {"token_f1", scores.token_f1}};
}

Json to_json(const lab::Share& share) {
  return {{"count", share.count},
          {"of", share.of},
          {"topics", share.topics},
          {"mean", share.mean},
          {"interval", {share.interval.low, share.interval.high}}};
}

Json to_json(const lab::CitationScores& scores) {
  return {{"topics", scores.topics},
          {"verbatim", to_json(scores.verbatim)},
          {"verbatim_letters", to_json(scores.verbatim_letters)},
          {"relevant", to_json(scores.relevant)},
          {"any_relevant", to_json(scores.any_relevant)},
          {"answers_holding", to_json(scores.answers_holding)}};
}

void print_share(const char* what, const lab::Share& share) {
  if (share.topics == 0) return;
  std::printf("    %-38s %s of %s; mean %.4f, 95 %% interval %.4f to %.4f over %s\n", what,
              print_count(share.count).c_str(), print_count(share.of).c_str(), share.mean,
              share.interval.low, share.interval.high,
              print_counted(share.topics, "question").c_str());
}

void print_citations(const lab::CitationScores& scores) {
  std::printf("  citations of %s\n", print_counted(scores.topics, "answer").c_str());
  print_share("quotes verbatim in the bytes cited", scores.verbatim);
  print_share("the same by letters, mark-up aside", scores.verbatim_letters);
  print_share("citations of a relevant place", scores.relevant);
  print_share("answers that cite a relevant place", scores.any_relevant);
  print_share("answers that hold the reference", scores.answers_holding);
}

void print_decisions(const lab::ConfusionMatrix& matrix) {
  const lab::ClassificationScores scores = lab::score_classes(matrix);
  std::printf("  decisions, right ones by row\n  %-10s", "");
  for (const std::string& name : matrix.classes) std::printf("%9s", name.c_str());
  std::printf("%11s%9s%9s\n", "precision", "recall", "F1");
  for (std::size_t truth = 0; truth < matrix.classes.size(); ++truth) {
    std::printf("  %-10s", matrix.classes[truth].c_str());
    for (std::size_t at = 0; at < matrix.classes.size(); ++at) {
      std::printf("%9s", print_count(matrix.at(truth, at)).c_str());
    }
    const lab::ClassScore& score = scores.classes[truth];
    std::printf("%11.3f%9.3f%9.3f\n", score.precision, score.recall, score.f1);
  }
}

void print_answers(const lab::AnswerScores& scores) {
  std::printf(
      "  answers against %s: ROUGE-1 %.3f, -2 %.3f, -L %.3f, exact %.3f, "
      "token F1 %.3f\n",
      print_counted(scores.topics, "reference").c_str(), scores.rouge_1, scores.rouge_2,
      scores.rouge_l, scores.exact_match, scores.token_f1);
}

void print_run(const lab::RunRecord& record, const lab::RunStore& store) {
  const lab::RunInfo& info = record.info;
  std::printf("run %s of %s: %s, %s, %s\n", info.id.c_str(), info.dataset.c_str(),
              print_counted(info.topics, "question").c_str(),
              print_counted(info.labels, "label").c_str(),
              print_counted(info.documents, "document").c_str());
  for (const auto& [name, value] : info.changed) {
    std::printf("  with %s = %s\n", name.c_str(), value.c_str());
  }
  for (const lab::MetricSummary& summary : record.metrics) {
    if (summary.topics == 0) continue;
    std::printf("  %-20s %.4f   95 %% interval %.4f to %.4f over %s\n",
                name_of(summary.metric).c_str(), summary.mean, summary.interval.low,
                summary.interval.high, print_counted(summary.topics, "question").c_str());
  }
  if (record.metrics.empty()) std::printf("  no labels, so no metrics\n");
  const lab::RunTimings& timings = record.timings;
  std::printf("  latency p50 %.1f ms, p95 %.1f, p99 %.1f; index %s; memory %s",
              timings.latency_ms.p50, timings.latency_ms.p95, timings.latency_ms.p99,
              print_size(timings.index_bytes).c_str(),
              print_size(timings.peak_memory_bytes).c_str());
  if (timings.peak_worker_memory_bytes > 0) {
    std::printf(" and %s of the model's", print_size(timings.peak_worker_memory_bytes).c_str());
  }
  std::printf("\n  %s\n", store.folder_of(info.id).c_str());
}

}  // namespace

void add_dataset_options(CLI::App& command, DatasetOptions& options) {
  command.add_option("DATASET", options.folder, "Folder of corpus, questions and labels")
      ->required()
      ->type_name("");
  command.add_option("--split", options.split, "Split of the dataset")->type_name("NAME");
  command.add_option("--queries", options.queries, "Questions, instead of the folder's")
      ->type_name("FILE");
  command.add_option("--qrels", options.qrels, "Labels, instead of the folder's")
      ->type_name("FILE");
  command.add_option("--conversations", options.conversations, "Conversations to answer")
      ->type_name("FILE");
  command.add_option("--corpus", options.corpus, "Corpus, or folder of notes")->type_name("PATH");
  command.add_option("--column", options.columns, "Name of a column, as in id=docno")
      ->type_name("WHAT=NAME")
      ->take_all()
      ->allow_extra_args(false);
}

Result<lab::DatasetRequest> dataset_request(const DatasetOptions& options) {
  lab::DatasetRequest request;
  request.folder = options.folder;
  request.split = options.split;
  request.queries = options.queries;
  request.qrels = options.qrels;
  request.conversations = options.conversations;
  request.corpus = options.corpus;
  for (const std::string& column : options.columns) {
    const std::size_t equals = column.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == column.size()) {
      return Error{ErrorCode::invalid_argument,
                   "--column takes what=column, as in id=docno, not \"" + column + "\""};
    }
    request.columns[column.substr(0, equals)] = column.substr(equals + 1);
  }
  return request;
}

Json run_to_json(const lab::RunRecord& record, const lab::RunStore& store) {
  const lab::RunInfo& info = record.info;
  const std::string folder = store.folder_of(info.id);
  Json metrics = Json::object();
  Json intervals = Json::object();
  Json topics = Json::object();
  for (const lab::MetricSummary& summary : record.metrics) {
    const std::string name = name_of(summary.metric);
    metrics[name] = summary.mean;
    intervals[name] = {summary.interval.low, summary.interval.high};
    topics[name] = summary.topics;
  }
  Json stages = Json::object();
  for (const auto& [name, quantiles] : record.timings.stages_ms) stages[name] = to_json(quantiles);
  return {{"dataset", info.dataset},
          {"dataset_hash", info.dataset_hash},
          {"run", info.id},
          {"run_file", folder + "/run.trec"},
          {"per_query", folder + "/per_topic.jsonl"},
          {"settings", info.settings},
          {"changed", info.changed},
          {"topics", info.topics},
          {"labels", info.labels},
          {"documents", info.documents},
          {"metrics", std::move(metrics)},
          {"intervals", std::move(intervals)},
          {"judged_topics", std::move(topics)},
          {"latency_ms", to_json(record.timings.latency_ms)},
          {"stages_ms", std::move(stages)},
          {"index_bytes", record.timings.index_bytes},
          {"index_seconds",
           {{"text", record.timings.text_seconds}, {"vectors", record.timings.embed_seconds}}},
          {"peak_memory_bytes", record.timings.peak_memory_bytes},
          {"peak_worker_memory_bytes", record.timings.peak_worker_memory_bytes},
          {"version", info.version}};
}

Json result_to_json(const lab::ExperimentResult& result, const lab::RunStore& store) {
  Json document = run_to_json(result.record, store);
  if (result.record.decisions) document["decisions"] = to_json(*result.record.decisions);
  if (result.answers.topics > 0) document["answers"] = to_json(result.answers);
  if (result.citations.topics > 0) document["citations"] = to_json(result.citations);
  return document;
}

void print_result(const lab::ExperimentResult& result, const lab::RunStore& store) {
  print_run(result.record, store);
  if (result.record.decisions) print_decisions(*result.record.decisions);
  if (result.answers.topics > 0) print_answers(result.answers);
  if (result.citations.topics > 0) print_citations(result.citations);
}

std::string print_counted(std::uint64_t count, std::string_view noun) {
  return print_count(count) + " " + plural(noun, count);
}

void print_lab_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) std::fprintf(stderr, "saerok: %s\n", warning.c_str());
}

Result<std::vector<lab::Metric>> parse_metrics(const std::vector<std::string>& names) {
  std::vector<lab::Metric> metrics;
  for (const std::string& name : names) metrics.push_back(TRY(lab::parse_metric(name)));
  return metrics;
}

}  // namespace saerok
