/// What every command shares: global options, the engine they lead to, output, and exit statuses.
///
/// A command is one file: a function that adds its CLI11 subcommand and, when that is the one
/// given, runs. What a command prints for people goes to standard output; progress, warnings and
/// errors go to standard error; with --json standard output is one JSON document.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/names.h"
#include "models/model_catalogue.h"
#include "saerok/config.h"
#include "saerok/engine.h"

namespace CLI {
class App;
}

namespace saerok {

/// The options that every command takes.
struct GlobalOptions {
  std::string store;
  std::string collection = kDefaultCollection;
  std::string config_file;
  std::vector<std::string> set;  ///< "name=value".
  bool json = false;
  bool quiet = false;  ///< No progress.
};

/// One run of the program.
struct CommandContext {
  Environment environment;
  GlobalOptions options;
  Settings settings;
  SettingSources setting_sources;
  std::string program;                ///< Path of the running binary: the worker of local models.
  bool has_printed_document = false;  ///< Under --json; an error then adds none.
  std::stop_token stop;               ///< Asked to stop by Ctrl-C or SIGTERM.
  /// Forgets that a stop was asked for, for a session that goes on; set by main().
  std::function<std::stop_token()> renew_stop;

  CallContext call() const { return {.stop = stop, .deadline = std::nullopt}; }
  std::string store() const;
  std::string models_directory() const { return default_models_directory(environment); }
  Result<Engine> open_engine() const;
};

/// Runs a chosen command; the status is the process's. Set by the subcommand that was given.
using CommandRun = std::function<Status(CommandContext&)>;

/// --mode, by name only: CLI11's own transformers would take the enumeration's numbers too.
void add_mode_option(CLI::App& command, SearchMode& mode);

/// Registers the subcommand; `chosen` is set when the user gave it.
void add_index_command(CLI::App& app, CommandRun& chosen);
void add_search_command(CLI::App& app, CommandRun& chosen);
void add_ask_command(CLI::App& app, CommandRun& chosen);
void add_chat_command(CLI::App& app, CommandRun& chosen);
void add_conversations_command(CLI::App& app, CommandRun& chosen);
void add_status_command(CLI::App& app, CommandRun& chosen);
void add_forget_command(CLI::App& app, CommandRun& chosen);
void add_model_command(CLI::App& app, CommandRun& chosen);
void add_lab_command(CLI::App& app, CommandRun& chosen);
void add_serve_command(CLI::App& app, CommandRun& chosen);
void add_doctor_command(CLI::App& app, CommandRun& chosen);
void add_completion_command(CLI::App& app, CommandRun& chosen);

}  // namespace saerok
