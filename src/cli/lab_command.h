/// The parts of `saerok lab`: one subcommand a file.
#pragma once

#include <string>

#include "cli/command.h"
#include "lab/experiment.h"

namespace saerok {

/// The lab's folders under --lab (`folder`; empty: the default).
lab::LabPlaces lab_places(const CommandContext& context, const std::string& folder);

/// Each registers its subcommands under `lab`; `folder` is --lab's value and outlives the run.
void add_lab_dataset_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);
void add_lab_run_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);
void add_lab_label_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);
void add_lab_compare_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);
void add_lab_board_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);
void add_lab_submit_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);
void add_lab_gate_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder);

}  // namespace saerok
