/// server/: saerok as a daemon. One process that keeps the store's index open and its models warm,
/// reads notes again when they change, and answers over HTTP on loopback and over a Unix socket.
///
///   listener.h      takes connections, with limits; knows no route
///   guard.h         who may ask
///   router.h        which function answers which path
///   api_*.cpp       the functions: each checks a request, asks the engine, formats
///   jobs.h          indexing in the background
///   watcher.h       which folders changed
///   daemon_files.h  token, socket, lock
///
/// What this is not: what is found or answered (the engine, through its public interface only).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/environment.h"
#include "saerok/config.h"
#include "saerok/engine.h"
#include "server/listener.h"

namespace saerok::server {

struct DaemonOptions {
  EngineOptions engine;  ///< `store` absolute, `models_directory` and `worker_program` set.
  SettingSources sources;
  std::string config_file;  ///< Changed by the page's settings.
  std::string lab_folder;
  Environment environment;
  bool has_auth = true;
  ListenerLimits limits;
};

class Daemon {
 public:
  /// Takes the daemon's lock, opens port and socket, begins to watch. Errors: failed_precondition
  /// (another daemon serves the store, the port is taken), those of Engine::open().
  static Result<std::unique_ptr<Daemon>> start(DaemonOptions options);
  virtual ~Daemon() = default;

  virtual std::uint16_t port() const = 0;
  /// Opens the page once (or always, without a token).
  virtual std::string make_link() = 0;
  /// Answers until stop() or a request to end.
  virtual void run() = 0;
  /// Safe from any thread.
  virtual void stop() = 0;
};

/// Every route, for tests and for the list in docs/http.md.
struct RouteName {
  std::string method;
  std::string pattern;
  bool is_open = false;  ///< Without a token.
};
std::vector<RouteName> route_names();

}  // namespace saerok::server
