#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cli/command.h"
#include "cli/json_output.h"
#include "models/llama_worker.h"

namespace saerok {
namespace {

constexpr char kAbout[] =
    "saerok (새록): search and ask your own notes, on your own machine.\n\n"
    "  saerok index ~/notes                  read a folder; again: only what changed\n"
    "  saerok search \"회의에서 정한 것\"        find passages\n"
    "  saerok ask \"When is the boiler due?\"  an answer with citations";

/// Turns Ctrl-C and SIGTERM into a stop request; a second one ends the program at once.
class StopOnSignal {
 public:
  StopOnSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGRTMIN);
    // Blocked before any thread starts, so that only the watcher takes them.
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    watcher_ = std::jthread([this](const std::stop_token& done) { watch(done); });
  }
  ~StopOnSignal() {
    watcher_.request_stop();
    // Wakes the watcher at once: a wait with a timeout made every command last that much longer.
    pthread_kill(watcher_.native_handle(), SIGRTMIN);
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  std::stop_token token() const {
    const std::lock_guard lock(mutex_);
    return stop_.get_token();
  }
  std::stop_token renew() {
    const std::lock_guard lock(mutex_);
    stop_ = std::stop_source();
    return stop_.get_token();
  }

 private:
  void watch(const std::stop_token& done) {
    while (true) {
      const int signal = sigwaitinfo(&signals_, nullptr);
      if (done.stop_requested()) return;
      if (signal < 0 || signal == SIGRTMIN) continue;
      std::stop_source current;
      {
        const std::lock_guard lock(mutex_);
        current = stop_;
      }
      if (!current.request_stop()) _exit(130);
    }
  }

  sigset_t signals_{};
  mutable std::mutex mutex_;
  std::stop_source stop_;
  std::jthread watcher_;
};

std::string running_program() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "saerok";
}

Status load_settings(CommandContext& context) {
  const GlobalOptions& options = context.options;
  const std::string file =
      options.config_file.empty() ? default_config_file(context.environment) : options.config_file;
  if (!options.config_file.empty() && access(file.c_str(), R_OK) != 0) {
    return Error{ErrorCode::not_found, "the config file " + file + " cannot be read"};
  }
  TRY(apply_config_file(file, context.settings, context.setting_sources));
  TRY(apply_environment(context.environment, context.settings, context.setting_sources));
  for (const std::string& assignment : options.set) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      return Error{ErrorCode::invalid_argument,
                   "--set takes name=value, not \"" + assignment + "\""};
    }
    const std::string name = setting_name(std::string_view(assignment).substr(0, equals));
    TRY(set_setting(context.settings, name, assignment.substr(equals + 1)));
    context.setting_sources[name] = "--set";
  }
  return {};
}

int report(const Error& error, bool json) {
  if (json) print_document(to_json(error));
  std::fprintf(stderr, "saerok: %s\n", error.message.c_str());
  return exit_status(error.code);
}

/// Names that the command line may hold at this place, for "did you mean".
std::vector<std::string> known_names(const CLI::App& app) {
  std::vector<std::string> names;
  const auto add_options = [&](const CLI::App& of) {
    for (const CLI::Option* option : of.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  };
  add_options(app);
  for (const CLI::App* command : app.get_subcommands({})) {
    if (app.get_subcommands().empty() && !command->get_group().empty()) {
      names.push_back(command->get_name());
    }
  }
  for (const CLI::App* command : app.get_subcommands()) {
    add_options(*command);
    for (const CLI::App* inner : command->get_subcommands({})) {
      names.push_back(inner->get_name());
      add_options(*inner);
    }
  }
  return names;
}

/// CLI11's own exits (help, version) and its errors, in our words and statuses.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error,
                       const std::vector<std::string>& words, bool json) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error);
  }
  std::string message = error.what();
  const auto names = known_names(app);
  for (const std::string& word : words) {
    const std::string bare = word.substr(0, word.find('='));
    const bool is_option = bare.starts_with("--");
    const bool is_command = app.get_subcommands().empty() && !bare.starts_with('-');
    if (!is_option && !is_command) continue;
    if (std::find(names.begin(), names.end(), bare) != names.end()) continue;
    const std::string nearest = nearest_name(bare, names);
    message = (is_option ? "there is no option " : "there is no command ") + bare +
              (nearest.empty() ? "" : "; did you mean " + nearest + "?");
    break;
  }
  return report({ErrorCode::invalid_argument, message + " (`saerok --help` lists what there is)"},
                json);
}

int run(int argc, char** argv) {
  CLI::App app(kAbout, "saerok");
  app.set_version_flag("--version", "saerok " + std::string(version()));
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(34);
  CommandContext context;
  GlobalOptions& options = context.options;
  app.add_option("--store", options.store, "Folder of the store")->type_name("DIR");
  app.add_option("--collection", options.collection, "Collection to work on")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--config", options.config_file, "Config file")->type_name("FILE");
  app.add_option("--set", options.set, "Override a setting: name=value")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--json", options.json, "One JSON document on standard output");
  app.add_flag("--quiet", options.quiet, "No progress");

  CommandRun chosen;
  add_index_command(app, chosen);
  add_search_command(app, chosen);
  add_ask_command(app, chosen);
  add_chat_command(app, chosen);
  add_conversations_command(app, chosen);
  add_status_command(app, chosen);
  add_forget_command(app, chosen);
  add_model_command(app, chosen);
  add_lab_command(app, chosen);
  add_serve_command(app, chosen);
  add_doctor_command(app, chosen);
  add_completion_command(app, chosen);
  for (CLI::App* command : app.get_subcommands({})) {
    command->fallthrough();
    if (command->get_footer().empty()) {
      command->footer(
          "--store, --collection, --config, --set, --json and --quiet work with every "
          "command: saerok --help.");
    }
  }

  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool wants_json = std::find(words.begin(), words.end(), "--json") != words.end();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, words, wants_json);
  }
  StopOnSignal signals;
  context.environment = read_environment();
  context.program = running_program();
  context.stop = signals.token();
  context.renew_stop = [&signals] { return signals.renew(); };
  Status outcome = load_settings(context);
  if (outcome) outcome = chosen(context);
  std::fflush(stdout);
  return outcome ? 0 : report(outcome.error(), options.json && !context.has_printed_document);
}

}  // namespace

std::string CommandContext::store() const {
  return options.store.empty() ? default_store(environment) : options.store;
}

Result<Engine> CommandContext::open_engine() const {
  return Engine::open({.store = store(),
                       .models_directory = models_directory(),
                       .worker_program = program,
                       .settings = settings});
}

}  // namespace saerok

int main(int argc, char** argv) {
  // The process that runs a local model is this program again, speaking frames on its standard
  // streams.
  if (argc == 2 && std::string_view(argv[1]) == "model-worker") {
    return saerok::run_model_worker(STDIN_FILENO, STDOUT_FILENO);
  }
  // A reader that goes away (`saerok search … | head`) is no error of ours.
  signal(SIGPIPE, SIG_IGN);
  return saerok::run(argc, argv);
}
