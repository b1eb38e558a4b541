#include "cli/lab_command.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace saerok {

lab::LabPlaces lab_places(const CommandContext& context, const std::string& folder) {
  return {.folder = folder.empty() ? default_lab(context.environment) : folder,
          .models_directory = context.models_directory(),
          .worker_program = context.program};
}

void add_lab_command(CLI::App& app, CommandRun& chosen) {
  CLI::App* lab = app.add_subcommand(
      "lab", "Measure: score settings on questions with known answers, compare, decide");
  lab->require_subcommand(1);
  // Outlives this function: the commands run after parsing.
  const auto folder = std::make_shared<std::string>();
  lab->add_option("--lab", *folder, "Folder of runs and indexes")->type_name("DIR");
  lab->callback([folder] {});
  add_lab_dataset_commands(*lab, chosen, *folder);
  add_lab_run_commands(*lab, chosen, *folder);
  add_lab_label_commands(*lab, chosen, *folder);
  add_lab_compare_commands(*lab, chosen, *folder);
  add_lab_board_commands(*lab, chosen, *folder);
  add_lab_submit_commands(*lab, chosen, *folder);
  add_lab_gate_commands(*lab, chosen, *folder);
  for (CLI::App* command : lab->get_subcommands({})) command->fallthrough();
}

}  // namespace saerok
