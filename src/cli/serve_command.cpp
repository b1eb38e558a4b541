#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>

#include "base/core_dumps.h"
#include "base/subprocess.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "server/daemon.h"
#include "server/daemon_client.h"
#include "server/daemon_files.h"

namespace saerok {
namespace {

struct ServeOptions {
  std::optional<std::uint32_t> port;
  bool opens = false;
  bool no_auth = false;
  bool installs = false;
  bool stops = false;
  bool shows_token = false;
};

std::string absolute_store(const CommandContext& context) {
  return std::filesystem::absolute(context.store()).lexically_normal().string();
}

/// Tells the service manager, where one asked to be told (sd_notify(3)).
void notify_ready(const Environment& environment) {
  const auto at = environment.find("NOTIFY_SOCKET");
  if (at == environment.end() || at->second.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (at->second.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, at->second.data(), at->second.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // An abstract socket.
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  constexpr std::string_view kReady = "READY=1";
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + at->second.size());
  (void)!sendto(fd, kReady.data(), kReady.size(), MSG_NOSIGNAL,
                reinterpret_cast<const sockaddr*>(&address), size);
  close(fd);
}

/// The page in whatever browser the desktop has. Nothing is lost where there is none.
void open_in_browser(const std::string& url, const CallContext& call) {
  if (!run_process({.arguments = {"xdg-open", url}}, call)) {
    std::fprintf(stderr, "saerok: no browser could be started; open the link by hand\n");
  }
}

Status stop_daemon(CommandContext& context) {
  const auto client = server::DaemonClient::find(absolute_store(context), context.environment);
  if (!client) {
    return Error{ErrorCode::not_found, "no daemon serves the store " + absolute_store(context)};
  }
  TRY(client->call("POST", "/v1/saerok/shutdown", Json::object(), context.call()));
  if (context.options.json) print_document({{"status", "stopping"}});
  else std::printf("The daemon ends.\n");
  return {};
}

Status show_token(CommandContext& context) {
  const auto files = server::daemon_files(absolute_store(context), context.environment);
  const Secret token = TRY(server::read_or_make_token(files.token));
  if (context.options.json) print_document({{"token", token.reveal()}, {"file", files.token}});
  else std::printf("%s\n", token.reveal().c_str());
  return {};
}

/// A user unit of systemd, which starts the daemon at login and again if it dies.
Status install_unit(CommandContext& context) {
  const auto at = context.environment.find("XDG_CONFIG_HOME");
  const auto home = context.environment.find("HOME");
  if (home == context.environment.end()) {
    return Error{ErrorCode::failed_precondition,
                 "HOME is not set, so there is no place for a unit"};
  }
  const std::string config = at != context.environment.end() && at->second.starts_with('/')
                                 ? at->second
                                 : home->second + "/.config";
  const std::string file = config + "/systemd/user/saerok.service";
  std::string command =
      "\"" + context.program + "\" serve --store \"" + absolute_store(context) + "\"";
  if (!context.options.config_file.empty()) {
    command +=
        " --config \"" + std::filesystem::absolute(context.options.config_file).string() + "\"";
  }
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  std::ofstream(file) << "[Unit]\nDescription=saerok: search and ask your notes\n\n"
                         "[Service]\nType=notify\nExecStart="
                      << command
                      << "\nRestart=on-failure\nRestartSec=5\nNice=5\n"
                         "NoNewPrivileges=true\n\n[Install]\nWantedBy=default.target\n";
  if (!std::filesystem::exists(file, error)) {
    return Error{ErrorCode::unavailable, "cannot write " + file};
  }
  if (context.options.json) {
    print_document({{"unit", file}});
    return {};
  }
  std::printf(
      "Wrote %s. To start it now and at every login:\n"
      "  systemctl --user daemon-reload && systemctl --user enable --now saerok\n"
      "Its log: journalctl --user -u saerok (journald keeps it to size)\n",
      file.c_str());
  return {};
}

Status serve(CommandContext& context, const ServeOptions& options) {
  TRY(forbid_core_dumps());
  server::DaemonOptions daemon_options;
  daemon_options.engine = {.store = absolute_store(context),
                           .models_directory = context.models_directory(),
                           .worker_program = context.program,
                           .settings = context.settings};
  if (options.port) daemon_options.engine.settings.serve.port = *options.port;
  daemon_options.sources = context.setting_sources;
  daemon_options.config_file = context.options.config_file.empty()
                                   ? default_config_file(context.environment)
                                   : context.options.config_file;
  daemon_options.lab_folder = default_lab(context.environment);
  daemon_options.environment = context.environment;
  daemon_options.has_auth = !options.no_auth;
  const auto daemon = TRY(server::Daemon::start(std::move(daemon_options)));
  const std::string link = daemon->make_link();
  if (context.options.json) {
    print_document({{"url", link}, {"port", daemon->port()}});
    context.has_printed_document = true;
  } else {
    std::printf("Open %s\n", link.c_str());
    if (options.no_auth) {
      std::printf(
          "Without a token (--no-auth) every program and user of this machine can read the "
          "notes.\n");
    }
  }
  std::fflush(stdout);
  notify_ready(context.environment);
  if (options.opens) open_in_browser(link, context.call());
  const std::stop_callback stopper(context.stop, [&] { daemon->stop(); });
  daemon->run();
  return {};
}

/// A fresh link to a daemon that runs.
Status run_open(CommandContext& context, bool only_prints) {
  const auto client = server::DaemonClient::find(absolute_store(context), context.environment);
  if (!client) {
    return Error{ErrorCode::not_found, "no daemon serves the store " + absolute_store(context) +
                                           "; start one with `saerok serve --open`"};
  }
  const Json answer = TRY(client->call("POST", "/v1/saerok/links", Json::object(), context.call()));
  const std::string url = find_text(answer, "url").value_or("");
  if (context.options.json) print_document(answer);
  else std::printf("%s\n", url.c_str());
  if (!only_prints && !context.options.json) open_in_browser(url, context.call());
  return {};
}

}  // namespace

void add_serve_command(CLI::App& app, CommandRun& chosen) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand(
      "serve",
      "Serve a page and an HTTP interface on this machine.\n\n"
      "Prints a link that opens the page once, keeps models warm, and reads notes again when they "
      "change. Other commands use a daemon that runs. Listens on 127.0.0.1 only, and asks everyone "
      "for a token (docs/security.md).");
  command->add_option("--port", options->port, "Port; 0: any free one (setting serve.port)")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  command->add_flag("--open", options->opens, "Open the page in the browser");
  auto* no_auth =
      command->add_flag("--no-auth", options->no_auth,
                        "Ask for no token: every user of this machine can read the notes");
  auto* install = command->add_flag("--install", options->installs,
                                    "Write a systemd unit that starts it at login");
  auto* stop = command->add_flag("--stop", options->stops, "End the daemon that serves this store");
  auto* token = command->add_flag("--show-token", options->shows_token,
                                  "Print the token that other programs need");
  install->excludes(no_auth)->excludes(stop)->excludes(token);
  stop->excludes(token)->excludes(no_auth);
  command->callback([=, &chosen] {
    chosen = [=](CommandContext& context) -> Status {
      if (options->installs) return install_unit(context);
      if (options->stops) return stop_daemon(context);
      if (options->shows_token) return show_token(context);
      return serve(context, *options);
    };
  });
  auto only_prints = std::make_shared<bool>(false);
  CLI::App* open = app.add_subcommand("open", "Open the page of the daemon that runs.");
  open->add_flag("--print", *only_prints, "Print the link, start no browser");
  open->callback([=, &chosen] {
    chosen = [=](CommandContext& context) { return run_open(context, *only_prints); };
  });
}

}  // namespace saerok
