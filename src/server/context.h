/// What the routes share: the engine as it is now configured, jobs, and what the daemon knows about
/// itself. Made by daemon.cpp; tests make one of their own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>

#include "base/environment.h"
#include "saerok/config.h"
#include "saerok/engine.h"
#include "saerok/secret.h"
#include "server/jobs.h"
#include "server/metrics.h"
#include "server/router.h"
#include "server/watcher.h"

namespace saerok::server {

/// The engine under settings that may change while requests run. Safe from several threads.
class LiveEngine {
 public:
  LiveEngine(Engine engine, SettingSources sources, std::string config_file);

  /// Stays as it is for as long as the caller holds it.
  std::shared_ptr<Engine> get() const;
  SettingSources sources() const;

  /// Validates all, writes them to the config file, then makes them count. Nothing: the default.
  /// Errors: invalid_argument, and those of change_config_file(); nothing is changed then.
  Status change(const std::map<std::string, std::optional<std::string>>& changes);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Engine> engine_;
  SettingSources sources_;
  std::string config_file_;
};

/// Codes that open the page once, soon after they were made. Safe from several threads.
class OneTimeCodes {
 public:
  std::string make();
  /// True once for each code, within kCodeLife.
  bool take(std::string_view code);

 private:
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> codes_;
};

struct Context {
  Context(LiveEngine& live, Jobs::Ingest ingest, IndexingPriority priority)
      : engine(live), jobs(std::move(ingest), priority) {}

  LiveEngine& engine;
  Jobs jobs;
  Metrics metrics;
  OneTimeCodes codes;
  std::unique_ptr<Watcher> watcher;  ///< Null: nothing is watched.
  std::string store;                 ///< Absolute.
  std::string models_directory;
  std::string worker_program;
  std::string lab_folder;
  Secret token;  ///< Empty: none is asked for.
  std::uint16_t port = 0;
  std::string origin;  ///< Of the page: "http://127.0.0.1:8640".
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::function<void()> stop;  ///< Ends the daemon.
  std::function<std::size_t()> connections;
  /// Searches that compute at the same time: many more than cores make all of them slower.
  std::counting_semaphore<> search_slots{
      2 * static_cast<std::ptrdiff_t>(std::max(std::thread::hardware_concurrency(), 1u))};
};

/// Each adds the routes of its part (api_*.cpp).
void add_search_routes(Router& router, Context& context);
void add_ask_routes(Router& router, Context& context);
void add_library_routes(Router& router, Context& context);
void add_document_routes(Router& router, Context& context);
void add_job_routes(Router& router, Context& context);
void add_setting_routes(Router& router, Context& context);
void add_lab_routes(Router& router, Context& context);
void add_daemon_routes(Router& router, Context& context);
void add_page_routes(Router& router, Context& context);

/// The page's address: with a code in the fragment, which a browser sends to nobody.
std::string page_link(Context& context);

/// Looks after the folders that are indexed: what changed is read again, and new roots are watched.
void watch_roots(Context& context);

}  // namespace saerok::server
