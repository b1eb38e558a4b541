#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "base/unicode.h"
#include "cli/hit_output.h"
#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/lab_output.h"
#include "cli/terminal.h"
#include "lab/compare.h"
#include "lab/report_json.h"
#include "lab/search_again.h"

namespace saerok {
namespace {

/// Columns of a ranking beside others; longer document ids lose their beginning.
constexpr std::size_t kRankingWidth = 36;

struct CompareOptions {
  lab::CompareRequest request;
  std::vector<std::string> metrics;
  bool explain = false;
};

/// What a run's search for a moved question found when it was searched again.
struct Explained {
  std::size_t topic = 0;  ///< Index among the moved.
  std::size_t run = 0;    ///< Index among the runs.
  SearchResponse response;
};

Json to_json(const lab::Comparison& comparison, const lab::CompareRequest& request,
             const std::vector<Explained>& explained) {
  Json json = to_json(comparison, request);
  for (const Explained& entry : explained) {
    json["moved"][entry.topic]["runs"][entry.run]["explained"] = to_json(entry.response)["hits"];
  }
  return json;
}

/// "A" for the baseline, then "B"; after "Z" numbers.
std::string letter(std::size_t index) {
  return index < 26 ? std::string(1, static_cast<char>('A' + index)) : std::to_string(index + 1);
}

Result<std::vector<Explained>> explain_run(const CommandContext& context,
                                           const lab::LabPlaces& places,
                                           const lab::CompareRequest& request, std::size_t index,
                                           lab::Comparison& comparison) {
  const lab::RunInfo& run = comparison.runs[index];
  std::vector<Explained> explained;
  const Engine engine = TRY(
      Engine::open({.store = places.store(),
                    .models_directory = places.models_directory,
                    .worker_program = places.worker_program,
                    .settings = lab::settings_of_run(run, context.settings, comparison.warnings)}));
  for (std::size_t i = 0; i < comparison.moved.size(); ++i) {
    const lab::MovedRanking& recorded = comparison.moved[i].runs[index];
    if (recorded.query.empty()) continue;  // A turn that the run did not search for.
    SearchResponse response =
        TRY(lab::search_again(engine, run, recorded.query, request.hits, context.call()));
    if (!lab::is_same_ranking(response, recorded.hits)) {
      comparison.warnings.push_back("question " + comparison.moved[i].topic + ": run " + run.id +
                                    " recorded other hits than "
                                    "a search for \"" +
                                    recorded.query +
                                    "\" finds now; what is explained is the search");
    }
    explained.push_back({.topic = i, .run = index, .response = std::move(response)});
  }
  return explained;
}

/// A run that cannot be searched again is a warning: the others are explained all the same.
Result<std::vector<Explained>> explain_all(const CommandContext& context,
                                           const lab::LabPlaces& places,
                                           const lab::CompareRequest& request,
                                           lab::Comparison& comparison) {
  std::vector<Explained> all;
  for (std::size_t i = 0; i < comparison.runs.size() && !comparison.moved.empty(); ++i) {
    auto explained = explain_run(context, places, request, i, comparison);
    if (!explained) {
      if (explained.error().code == ErrorCode::cancelled) return explained.error();
      comparison.warnings.push_back(explained.error().message);
      continue;
    }
    for (Explained& entry : *explained) all.push_back(std::move(entry));
  }
  return all;
}

std::string describe_changes(const lab::RunInfo& run) {
  std::string text;
  for (const auto& [name, value] : run.changed) {
    text += (text.empty() ? "" : ", ") + name + "=" + value;
  }
  if (run.kind == lab::RunKind::ensemble) {
    text = run.method + " of " + std::to_string(run.parts.size()) + " runs";
  }
  return text.empty() ? "defaults" : text;
}

void print_runs(const lab::Comparison& comparison, const lab::CompareRequest& request,
                const Style& style) {
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    const lab::RunInfo& run = comparison.runs[i];
    std::printf("%s%s  %s%s  %s%s\n", style.bold.c_str(), letter(i).c_str(), run.id.c_str(),
                style.reset.c_str(), describe_changes(run).c_str(), i == 0 ? "  (baseline)" : "");
  }
  std::printf("%s of %s in common", print_counted(comparison.topics, "question").c_str(),
              comparison.runs.front().dataset.c_str());
  if (request.folds > 0) std::printf(", of fold %u of %u", request.fold, request.folds);
  std::printf("\n");
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    if (comparison.topics_left_out[i] == 0) continue;
    std::printf("%s of %s left out: another run lacks them\n",
                print_counted(comparison.topics_left_out[i], "question").c_str(),
                letter(i).c_str());
  }
}

void print_metrics(const lab::Comparison& comparison, const Style& style) {
  std::printf("\n%-18s %-3s %7s %8s  %-19s %7s %6s %6s %6s\n", "metric", "run", "mean", "change",
              "95 % interval", "p", "wins", "losses", "ties");
  for (const lab::MetricComparison& metric : comparison.metrics) {
    std::printf("%-18s %-3s %7.4f\n", name_of(metric.metric).c_str(), "A", metric.baseline_mean);
    for (std::size_t i = 0; i < metric.runs.size(); ++i) {
      const lab::RunDifference& run = metric.runs[i];
      const bool is_real =
          run.verdict == lab::Verdict::better || run.verdict == lab::Verdict::worse;
      std::printf("%-18s %-3s %7.4f %s%+8.4f%s  %+8.4f … %+8.4f %7.4f %6s %6s %6s\n", "",
                  letter(i + 1).c_str(), run.mean, is_real ? style.bold.c_str() : "",
                  run.difference, is_real ? style.reset.c_str() : "", run.interval.low,
                  run.interval.high, run.p_corrected, print_count(run.wins).c_str(),
                  print_count(run.losses).c_str(), print_count(run.ties).c_str());
    }
  }
  std::printf("\n");
  for (const lab::MetricComparison& metric : comparison.metrics) {
    for (const lab::RunDifference& run : metric.runs) std::printf("- %s.\n", run.sentence.c_str());
  }
  if (comparison.runs.size() > 2) {
    std::printf("p is corrected (Holm) for comparing %zu runs with A.\n",
                comparison.runs.size() - 1);
  }
}

/// The end of `text` that fits, padded to the width.
std::string fitted(std::string text, std::size_t width) {
  std::string shown = text;
  while (display_width(shown) > width) {
    text.erase(0, decode_utf8(text, 0).size);
    shown = "…" + text;
  }
  return shown + std::string(width - display_width(shown), ' ');
}

std::string without_blanks_at_end(const std::string& line) {
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

/// Where a document stands in the baseline, beside where it stands now.
std::string movement(const std::string& document, std::size_t index,
                     const std::vector<lab::ScoredDocument>& baseline) {
  const auto before =
      std::find_if(baseline.begin(), baseline.end(),
                   [&](const lab::ScoredDocument& hit) { return hit.document == document; });
  if (before == baseline.end()) return "new";
  const auto was = static_cast<std::size_t>(before - baseline.begin());
  if (was == index) return "=";
  return was > index ? "↑" + std::to_string(was - index) : "↓" + std::to_string(index - was);
}

void print_moved(const lab::MovedTopic& topic, const Style& style) {
  std::printf("\n%s%s%s  \"%s\"\n", style.bold.c_str(), topic.topic.c_str(), style.reset.c_str(),
              topic.runs.front().query.c_str());
  std::size_t rows = 0;
  std::string heads = "    ";
  for (std::size_t i = 0; i < topic.runs.size(); ++i) {
    char value[32];
    std::snprintf(value, sizeof value, " %.4f", topic.runs[i].value);
    heads += fitted(letter(i) + value, kRankingWidth + 2);
    rows = std::max(rows, topic.runs[i].hits.size());
    if (topic.runs[i].query != topic.runs.front().query) {
      std::printf("    %s searched for \"%s\"\n", letter(i).c_str(), topic.runs[i].query.c_str());
    }
  }
  std::printf("%s\n", without_blanks_at_end(heads).c_str());
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line;
    for (std::size_t i = 0; i < topic.runs.size(); ++i) {
      const auto& hits = topic.runs[i].hits;
      std::string cell;
      if (row < hits.size()) {
        char score[32];
        std::snprintf(score, sizeof score, "  %.4f", hits[row].score);
        const std::string moved =
            i == 0 ? "" : "  " + movement(hits[row].document, row, topic.runs.front().hits);
        const std::string figures = score + moved;
        cell = fitted(hits[row].document, kRankingWidth - display_width(figures)) + figures;
      }
      line += fitted(cell, kRankingWidth) + "  ";
    }
    std::printf("%3zu %s\n", row + 1, without_blanks_at_end(line).c_str());
  }
}

void print_comparison(const lab::Comparison& comparison, const lab::CompareRequest& request,
                      const std::vector<Explained>& explained) {
  const Style style = Style::of_standard_output();
  print_runs(comparison, request, style);
  if (comparison.metrics.empty()) return;
  print_metrics(comparison, style);
  if (!comparison.moved.empty()) {
    std::printf("\nQuestions that moved most by %s:\n",
                name_of(comparison.metrics.front().metric).c_str());
  }
  for (std::size_t i = 0; i < comparison.moved.size(); ++i) {
    print_moved(comparison.moved[i], style);
    for (const Explained& entry : explained) {
      if (entry.topic != i) continue;
      std::printf("\n  %s explained\n", letter(entry.run).c_str());
      for (const Hit& hit : entry.response.hits) print_hit(hit, style);
    }
  }
}

Status run_compare(CommandContext& context, const std::string& folder, CompareOptions options) {
  options.request.metrics = TRY(parse_metrics(options.metrics));
  const lab::LabPlaces places = lab_places(context, folder);
  const lab::RunStore store(places.runs());
  lab::Comparison comparison = TRY(lab::compare_runs(store, options.request));
  std::vector<Explained> explained;
  if (options.explain) {
    explained = TRY(explain_all(context, places, options.request, comparison));
  }
  print_lab_warnings(comparison.warnings);
  if (context.options.json) print_document(to_json(comparison, options.request, explained));
  else print_comparison(comparison, options.request, explained);
  return {};
}

}  // namespace

void add_lab_compare_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<CompareOptions>();
  lab::CompareRequest& request = options->request;
  CLI::App* command = lab.add_subcommand(
      "compare",
      "Say whether runs differ, by how much, and on which questions.\n\n"
      "The first run is what the others are compared with. p is from a paired randomisation test, "
      "the interval from a bootstrap over the questions; with several runs p is corrected for "
      "there being several.");
  command->add_option("RUN", request.runs, "Runs of one dataset (`saerok lab board` lists them)")
      ->required()
      ->expected(2, CLI::detail::expected_max_vector_size)
      ->type_name("");
  command
      ->add_option("--metric", options->metrics,
                   "Compare by this (ndcg@10, mrr@10, …); the first says what moved")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--moved", request.moved, "Questions to show that moved most")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--hits", request.hits, "Hits to show of each of their rankings")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--seed", request.resampling.seed, "Of resampling and folds")
      ->capture_default_str()
      ->type_name("N");
  CLI::Option* folds =
      command
          ->add_option("--folds", request.folds, "Deal the questions to so many folds; 0: no folds")
          ->check(CLI::Range(0, 1'000))
          ->type_name("K");
  command->add_option("--fold", request.fold, "Compare on this fold only, from 0")
      ->needs(folds)
      ->type_name("F");
  command->add_flag("--explain", options->explain,
                    "Search those questions again and show how each score came about");
  command->callback([options, &folder, &chosen] {
    chosen = [options, &folder](CommandContext& context) {
      return run_compare(context, folder, *options);
    };
  });
}

}  // namespace saerok
