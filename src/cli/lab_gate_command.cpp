#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/lab_output.h"
#include "cli/terminal.h"
#include "lab/gate.h"
#include "models/make_models.h"

namespace saerok {
namespace {

std::string_view name_of(lab::GateVerdict verdict) {
  switch (verdict) {
    case lab::GateVerdict::passed: return "passed";
    case lab::GateVerdict::failed: return "failed";
    case lab::GateVerdict::skipped: return "skipped";
  }
  return "";
}

Json to_json(const lab::GateReport& report) {
  Json rows = Json::array();
  for (const lab::GateRow& row : report.rows) {
    Json set = Json::object();
    for (const auto& [name, value] : row.floor.set) set[name] = value;
    Json metrics = Json::object();
    for (std::size_t i = 0; i < row.floor.metrics.size(); ++i) {
      const auto& [metric, floor] = row.floor.metrics[i];
      Json entry = {{"floor", floor}};
      if (i < row.values.size()) entry["value"] = row.values[i].second;
      metrics[lab::name_of(metric)] = std::move(entry);
    }
    rows.push_back({{"dataset", row.floor.dataset},
                    {"split", row.floor.split},
                    {"group", row.floor.group},
                    {"set", std::move(set)},
                    {"verdict", name_of(row.verdict)},
                    {"reason", row.reason},
                    {"run", row.run},
                    {"metrics", std::move(metrics)}});
  }
  return {{"passed", report.has_passed()}, {"floors", std::move(rows)}};
}

std::string describe(const lab::GateFloor& floor) {
  std::string text = floor.dataset + (floor.split.empty() ? "" : ":" + floor.split);
  if (!floor.group.empty()) text += " (" + floor.group + ")";
  for (const auto& [name, value] : floor.set) text += " " + name + "=" + value;
  return text;
}

void print_gate(const lab::GateReport& report) {
  for (const lab::GateRow& row : report.rows) {
    std::printf("%-8s %s", std::string(name_of(row.verdict)).c_str(), describe(row.floor).c_str());
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      std::printf("  %s %.4f (floor %.4f)", lab::name_of(row.values[i].first).c_str(),
                  row.values[i].second, row.floor.metrics[i].second);
    }
    if (!row.reason.empty()) std::printf("  %s", row.reason.c_str());
    std::printf("\n");
  }
}

Status run_gate_command(CommandContext& context, const std::string& folder,
                        lab::GateOptions options) {
  options.settings = context.settings;
  options.find_embedder = [&](const Settings& settings) -> Status {
    TRY(make_embedder(settings.models, context.models_directory(), context.program));
    return {};
  };
  ProgressLine line(context.options.quiet);
  const lab::GateReport report = TRY(lab::run_gate(
      lab_places(context, folder), options, [&](const Progress& progress) { line.show(progress); },
      context.call()));
  line.clear();
  if (context.options.json) {
    print_document(to_json(report));
    context.has_printed_document = true;
  } else {
    print_gate(report);
  }
  if (report.has_passed()) return {};
  return Error{ErrorCode::failed_precondition,
               "quality is below a floor of " + options.file + "; see the rows that failed"};
}

}  // namespace

void add_lab_gate_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<lab::GateOptions>();
  CLI::App* gate = lab.add_subcommand(
      "gate",
      "Run the datasets that a file names and fail where a metric is below its floor.\n\n"
      "The exit status is 4 then. The file's format: docs/lab.md.");
  gate->add_option("FILE", options->file, "JSON file of floors")->required()->type_name("");
  gate->add_option("--data", options->data_folder, "Where else datasets may be")->type_name("DIR");
  gate->add_flag("--slow", options->with_slow, "Also those that need many embeddings");
  gate->callback([=, &chosen, &folder] {
    chosen = [=, &folder](CommandContext& context) {
      return run_gate_command(context, folder, *options);
    };
  });
}

}  // namespace saerok
