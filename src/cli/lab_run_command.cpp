#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/lab_output.h"
#include "cli/terminal.h"
#include "lab/ablation.h"

namespace saerok {
namespace {

struct RunOptions {
  DatasetOptions dataset;
  std::vector<std::string> metrics;
  std::string metric = "ndcg@10";  ///< Of an ablation.
  std::string note;
  std::string rouge_by;
  std::uint32_t depth = lab::kDefaultDepth;
  double span_overlap = lab::kDefaultSpanOverlap;
  std::uint64_t seed = 1;
  std::uint32_t folds = 0;
  std::uint32_t fold = 0;
  bool with_answers = false;
  bool alternatives = false;  ///< Of an ablation.
};

Result<lab::ExperimentRequest> experiment_request(const CommandContext& context,
                                                  const RunOptions& options) {
  lab::ExperimentRequest request;
  request.dataset = TRY(dataset_request(options.dataset));
  request.settings = context.settings;
  request.metrics = TRY(parse_metrics(options.metrics));
  request.depth = options.depth;
  request.with_answers = options.with_answers;
  request.span_overlap = options.span_overlap;
  request.seed = options.seed;
  request.folds = options.folds;
  request.fold = options.fold;
  request.note = options.note;
  if (!options.rouge_by.empty()) {
    request.rouge_by = TRY(lab::parse_tokenisation(options.rouge_by));
  }
  return request;
}

Status run_one(CommandContext& context, const std::string& folder, const RunOptions& options) {
  const lab::LabPlaces places = lab_places(context, folder);
  const lab::ExperimentRequest request = TRY(experiment_request(context, options));
  ProgressLine line(context.options.quiet);
  const auto result = TRY(lab::run_experiment(
      places, request, [&](const Progress& progress) { line.show(progress); }, context.call()));
  line.clear();
  print_lab_warnings(result.warnings);
  const lab::RunStore store(places.runs());
  if (context.options.json) {
    print_document(result_to_json(result, store));
    return {};
  }
  if (result.was_resumed) std::printf("went on with an interrupted run\n");
  print_result(result, store);
  return {};
}

Json ablation_to_json(const lab::AblationReport& report, const lab::RunStore& store) {
  const auto to_json = [&](const std::vector<lab::AblationRow>& rows, const char* settings) {
    Json list = Json::array();
    for (const lab::AblationRow& row : rows) {
      Json changes = Json::object();
      for (const auto& [name, value] : row.ablation.changes) changes[name] = value;
      list.push_back({{"stage", row.ablation.stage},
                      {settings, std::move(changes)},
                      {"worth", row.worth},
                      {"interval", {row.interval.low, row.interval.high}},
                      {"p", row.p},
                      {"run", run_to_json(row.run, store)}});
    }
    return list;
  };
  return {{"metric", name_of(report.metric)},
          {"baseline", run_to_json(report.baseline, store)},
          {"stages", to_json(report.rows, "without")},
          {"alternatives", to_json(report.alternatives, "with")},
          {"warnings", report.warnings}};
}

void print_ablation(const lab::AblationReport& report) {
  const auto mean = [](const lab::RunRecord& run) {
    return run.metrics.empty() ? 0.0 : run.metrics.front().mean;
  };
  std::printf("%s on %s: %.4f with all stages (run %s, p50 %.1f ms)\n",
              name_of(report.metric).c_str(), report.baseline.info.dataset.c_str(),
              mean(report.baseline), report.baseline.info.id.c_str(),
              report.baseline.timings.latency_ms.p50);
  const auto print = [&](const char* heading, const char* worth,
                         const std::vector<lab::AblationRow>& rows) {
    std::printf("%-22s %8s %8s %19s %8s %9s\n", heading, "value", worth, "95 % interval", "p",
                "p50 ms");
    for (const lab::AblationRow& row : rows) {
      std::printf("%-22s %8.4f %+8.4f %+9.4f %+9.4f %8.4f %9.1f\n", row.ablation.stage.c_str(),
                  mean(row.run), row.worth, row.interval.low, row.interval.high, row.p,
                  row.run.timings.latency_ms.p50);
    }
  };
  print("without", "worth", report.rows);
  if (report.rows.empty()) std::printf("no stage is on that could be switched off\n");
  if (!report.alternatives.empty()) print("instead", "gain", report.alternatives);
}

Status run_ablate(CommandContext& context, const std::string& folder, const RunOptions& options) {
  const lab::LabPlaces places = lab_places(context, folder);
  const lab::ExperimentRequest request = TRY(experiment_request(context, options));
  const lab::Metric metric = TRY(lab::parse_metric(options.metric));
  ProgressLine line(context.options.quiet);
  const auto report = TRY(lab::run_ablation(
      places, request, metric,
      options.alternatives ? lab::Alternatives::run : lab::Alternatives::leave,
      [&](const Progress& progress) { line.show(progress); }, context.call()));
  line.clear();
  print_lab_warnings(report.warnings);
  if (context.options.json) print_document(ablation_to_json(report, lab::RunStore(places.runs())));
  else print_ablation(report);
  return {};
}

void add_common_options(CLI::App& command, RunOptions& options) {
  add_dataset_options(command, options.dataset);
  command.add_option("--depth", options.depth, "Hits asked for each question")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      .add_option("--span-overlap", options.span_overlap,
                  "Share of a labelled passage that a hit must cover")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Of folds and resampling")->capture_default_str();
  command.add_option("--folds", options.folds, "Deal the questions to so many folds; 0: no folds")
      ->check(CLI::Range(0, 1'000));
  command.add_option("--fold", options.fold, "Run this fold only, from 0");
}

}  // namespace

void add_lab_run_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* run = lab.add_subcommand(
      "run",
      "Index a dataset's corpus if need be, search every question, score the result.\n\n"
      "Settings are those of every command: --set dense_share=.5, --set mode=lexical. An "
      "interrupted run goes on where it stopped when it is given again.");
  add_common_options(*run, *options);
  run->add_option("--metric", options->metrics, "Measure, such as ndcg@10; may be repeated")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  run->add_flag("--answers", options->with_answers, "Also write an answer to each question");
  run->add_option("--rouge-by", options->rouge_by,
                  "What ROUGE compares answers by: syllable, word, stem or porter; unless given, "
                  "Korean by syllable and others by word")
      ->type_name("NAME");
  run->add_option("--note", options->note, "Kept with the run")->type_name("TEXT");
  run->callback([=, &chosen, &folder] {
    chosen = [=, &folder](CommandContext& context) { return run_one(context, folder, *options); };
  });
  CLI::App* ablate = lab.add_subcommand(
      "ablate", "Switch off each stage in turn and say what it is worth, with intervals");
  add_common_options(*ablate, *options);
  ablate->add_option("--metric", options->metric, "Measure to judge by")
      ->type_name("NAME")
      ->capture_default_str();
  ablate->add_flag("--alternatives", options->alternatives,
                   "Also try other ways: fusions, shares and orders of retrieval, weights, depths, "
                   "and stages that are off");
  ablate->callback([=, &chosen, &folder] {
    chosen = [=, &folder](CommandContext& context) {
      return run_ablate(context, folder, *options);
    };
  });
}

}  // namespace saerok
