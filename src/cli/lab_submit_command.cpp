#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

#include "base/bytes.h"
#include "base/posix_env.h"
#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/lab_output.h"
#include "cli/terminal.h"
#include "lab/ensemble.h"
#include "lab/reopen.h"
#include "lab/submission.h"
#include "lab/table_reader.h"

namespace saerok {
namespace {

struct SubmitOptions {
  DatasetOptions dataset;
  std::string run;
  std::string check;  ///< A submission file to check, instead of a run.
  std::string output;
  std::uint32_t depth = 3;
  std::uint64_t seed = 1;
};

struct FuseOptions {
  lab::EnsembleRequest request;
  std::string method = "rrf";
  std::string weights;
  std::vector<std::string> metrics;
};

/// What the command says of a submission.
struct SubmissionReport {
  std::vector<lab::SubmissionLine> lines;
  std::vector<std::string> problems;
  std::vector<std::string> warnings;
  std::optional<lab::MetricSummary> score;
};

/// The request of the command line; what it leaves open is as the run had it.
Result<lab::DatasetRequest> request_for(const SubmitOptions& options, const lab::FoundRun* run,
                                        const lab::LabPlaces& places) {
  lab::DatasetRequest request = TRY(dataset_request(options.dataset));
  request.work_folder = places.corpora();
  const bool is_open = request.split.empty() && request.queries.empty() && request.qrels.empty() &&
                       request.conversations.empty() && request.corpus.empty() &&
                       request.columns.empty();
  if (run == nullptr || !run->record || !is_open) return request;
  const std::string folder = std::move(request.folder);
  request = lab::dataset_of(run->record->info, places);
  request.folder = folder;
  return request;
}

/// Reads a submission's text and says what it is worth.
Status judge(const lab::Dataset& dataset, const std::string& text, const std::string& name,
             const SubmitOptions& options, const CallContext& call, SubmissionReport& report) {
  lab::SubmissionFile file = TRY(lab::read_submission(text, name, call));
  for (const lab::DatasetProblem& bad : file.bad_lines) {
    report.problems.push_back(bad.file + ":" + std::to_string(bad.line) + ": " + bad.reason);
  }
  for (std::string& problem :
       TRY(lab::check_submission(dataset, file.lines, options.depth, call))) {
    report.problems.push_back(std::move(problem));
  }
  report.score = lab::score_submission(dataset, file.lines, options.seed);
  report.lines = std::move(file.lines);
  return {};
}

Result<SubmissionReport> submission_of_run(const SubmitOptions& options,
                                           const lab::LabPlaces& places, const CallContext& call) {
  const lab::FoundRun run = TRY(lab::find_run(lab::RunStore(places.runs()), options.run, call));
  const lab::DatasetRequest request = TRY(request_for(options, &run, places));
  const lab::Dataset dataset = TRY(lab::open_dataset(request, call));
  SubmissionReport report;
  report.warnings = run.warnings;
  if (run.record && run.record->info.dataset_hash != dataset.content_hash) {
    report.warnings.push_back("the run " + run.name + " was made on " + run.record->info.dataset +
                              ", which is another dataset or another state of it");
  }
  report.lines = TRY(lab::make_submission(dataset, run.outcomes, options.depth, call));
  // What a judge would read is what is checked, not what was meant.
  const std::string text = lab::print_submission(report.lines);
  TRY(judge(dataset, text, options.output, options, call, report));
  return report;
}

Result<SubmissionReport> submission_of_file(const SubmitOptions& options,
                                            const lab::LabPlaces& places, const CallContext& call) {
  const lab::DatasetRequest request = TRY(request_for(options, nullptr, places));
  const lab::Dataset dataset = TRY(lab::open_dataset(request, call));
  const std::string text = TRY(lab::read_dataset_file(options.check, call));
  SubmissionReport report;
  TRY(judge(dataset, text, options.check, options, call, report));
  return report;
}

Status write_output(const std::string& path, const std::string& text) {
  const std::string file = posix_env().absolute_path(path);
  return write_file_durably(posix_env(), file, file + ".new", as_byte_span(text));
}

Json to_json(const SubmissionReport& report, const SubmitOptions& options) {
  std::size_t empty = 0;
  std::size_t answered = 0;
  for (const lab::SubmissionLine& line : report.lines) {
    empty += line.documents.empty() ? 1u : 0u;
    answered += line.answer.empty() ? 0u : 1u;
  }
  Json document = {{"file", options.check.empty() ? options.output : options.check},
                   {"run", options.run},
                   {"lines", report.lines.size()},
                   {"without_documents", empty},
                   {"with_answer", answered},
                   {"problems", report.problems},
                   {"warnings", report.warnings},
                   {"score", nullptr}};
  if (!report.score) return document;
  document["score"] = {{"metric", name_of(report.score->metric)},
                       {"mean", report.score->mean},
                       {"interval", {report.score->interval.low, report.score->interval.high}},
                       {"topics", report.score->topics}};
  return document;
}

void print(const SubmissionReport& report, const Json& facts) {
  std::printf(
      "%s: %s, %s without documents, %s with an answer\n", facts["file"].get<std::string>().c_str(),
      print_counted(report.lines.size(), "line").c_str(),
      print_count(facts["without_documents"]).c_str(), print_count(facts["with_answer"]).c_str());
  for (const std::string& problem : report.problems)
    std::printf("  problem: %s\n", problem.c_str());
  if (report.problems.empty()) std::printf("  valid\n");
  if (!report.score) {
    std::printf("  no labels here, so no score\n");
    return;
  }
  std::printf("  %s %.4f (95 %% interval %.4f to %.4f, %s)\n",
              name_of(report.score->metric).c_str(), report.score->mean, report.score->interval.low,
              report.score->interval.high, print_counted(report.score->topics, "question").c_str());
}

Status run_submit(CommandContext& context, const std::string& folder, SubmitOptions options) {
  if (options.run.empty() == options.check.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "give either --run RUN, to make a submission, or --check FILE, to check one"};
  }
  const lab::LabPlaces places = lab_places(context, folder);
  const bool is_made = options.check.empty();
  if (is_made && options.output.empty()) options.output = "submission.jsonl";
  const SubmissionReport report =
      TRY(is_made ? submission_of_run(options, places, context.call())
                  : submission_of_file(options, places, context.call()));
  print_lab_warnings(report.warnings);
  if (is_made) TRY(write_output(options.output, lab::print_submission(report.lines)));
  const Json document = to_json(report, options);
  if (context.options.json) print_document(document);
  else print(report, document);
  context.has_printed_document = context.options.json;
  if (report.problems.empty()) return {};
  return Error{ErrorCode::failed_precondition,
               "the submission would be refused: " + report.problems.front()};
}

/// "2,1,0.5". Errors: invalid_argument.
Result<std::vector<double>> parse_weights(const std::string& list) {
  std::vector<double> weights;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    double weight = 0;
    const char* const last = list.data() + end;
    const auto parsed = std::from_chars(list.data() + at, last, weight);
    if (parsed.ec != std::errc() || parsed.ptr != last) {
      return Error{ErrorCode::invalid_argument,
                   "--weights takes numbers with commas between them, not \"" + list + "\""};
    }
    weights.push_back(weight);
    at = end + 1;
  }
  return weights;
}

Status run_fuse(CommandContext& context, const std::string& folder, const FuseOptions& options) {
  const lab::LabPlaces places = lab_places(context, folder);
  lab::EnsembleRequest request = options.request;
  request.settings.method = TRY(lab::parse_ensemble_method(options.method));
  request.settings.weights = TRY(parse_weights(options.weights));
  request.metrics = TRY(parse_metrics(options.metrics));
  const lab::ExperimentResult result = TRY(lab::make_ensemble(places, request, context.call()));
  print_lab_warnings(result.warnings);
  const lab::RunStore store(places.runs());
  if (context.options.json) print_document(result_to_json(result, store));
  else print_result(result, store);
  return {};
}

void add_fuse_command(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<FuseOptions>();
  lab::EnsembleRequest& request = options->request;
  CLI::App* command = lab.add_subcommand(
      "fuse",
      "Join several runs into a new one, and score it.\n\n"
      "vote: by the number of runs with the document among their first, ties by mean rank; rrf: "
      "reciprocal ranks; min_max, z_score: scores brought to one scale. A RUN may also be a TREC "
      "run file.");
  command->add_option("RUN", request.runs, "Runs of one dataset")->required()->type_name("");
  command->add_option("--method", options->method, "vote, rrf, min_max or z_score")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--weights", options->weights, "What each run weighs, as in 2,1,1")
      ->type_name("LIST");
  command->add_option("--vote-depth", request.settings.vote_depth, "First documents that vote")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--rrf-k", request.settings.rrf_k, "Constant of reciprocal ranks")
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
  command->add_option("--depth", request.settings.depth, "Documents kept for each question")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--metric", options->metrics, "Measure, such as ndcg@10; may be repeated")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--span-overlap", request.span_overlap,
                   "Share of a labelled passage that a hit must cover")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command->add_option("--name", request.name, "Begin of the new run's id")->type_name("NAME");
  command->add_option("--note", request.note, "Kept with the run")->type_name("TEXT");
  command->add_option("--seed", request.seed, "Of resampling")->capture_default_str();
  command->callback([=, &chosen, &folder] {
    chosen = [=, &folder](CommandContext& context) { return run_fuse(context, folder, *options); };
  });
}

}  // namespace

void add_lab_submit_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App* command = lab.add_subcommand(
      "submit",
      "Write a run as a competition's submission, check it, and score it where there are "
      "labels.\n\n"
      "JSON lines of eval_id, standalone_query, topk, answer and references. Split and files are "
      "the run's unless they are given.");
  add_dataset_options(*command, options->dataset);
  command->add_option("--run", options->run, "A run of `saerok lab run`, or a TREC run file")
      ->type_name("RUN");
  command->add_option("--check", options->check, "Check and score this submission instead")
      ->type_name("FILE");
  command->add_option("--output", options->output, "Where it is written; submission.jsonl")
      ->type_name("FILE");
  command->add_option("--topk", options->depth, "Documents for each question")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Of resampling")->capture_default_str();
  command->callback([=, &chosen, &folder] {
    chosen = [=, &folder](CommandContext& context) {
      return run_submit(context, folder, *options);
    };
  });
  add_fuse_command(lab, chosen, folder);
}

}  // namespace saerok
