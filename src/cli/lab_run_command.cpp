#include <CLI/CLI.hpp>

#include "cli/lab_command.h"

namespace saerok {

void add_lab_run_commands(CLI::App&, CommandRun&, const std::string&) {}

}  // namespace saerok
