/// Notices that files below the indexed folders changed, by inotify. Says only which roots are
/// worth looking at again: what has changed there, and what is to be ignored, is ingest/'s to find
/// out, so a lost or doubled event costs a look and no more.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "saerok/result.h"

namespace saerok::server {

struct WatcherTiming {
  std::chrono::milliseconds quiet{150};    ///< No further event for so long ends a burst...
  std::chrono::milliseconds longest{600};  ///< ...which is reported after so long in any case.
  /// How often folders that the system has no watches left for are reported unseen.
  std::chrono::milliseconds rescan{60'000};
};

/// Safe from several threads.
class Watcher {
 public:
  using Changed = std::function<void(const std::vector<std::string>& roots)>;

  /// `changed` is called on the watcher's thread. Errors: unavailable (no inotify).
  static Result<std::unique_ptr<Watcher>> start(Changed changed, WatcherTiming timing = {});
  ~Watcher();

  /// What is watched from now on: absolute folders and files.
  void watch(const std::vector<std::string>& roots);

  struct State {
    std::vector<std::string> roots;
    std::size_t folders = 0;
    std::string problem;  ///< Why some are only looked at from time to time; empty: none are.
  };
  State state() const;

 private:
  Watcher(int inotify, int wake, Changed changed, WatcherTiming timing);
  void run(const std::stop_token& ending);
  void read_events(std::set<std::string>& touched);
  void add_folder(const std::string& folder, const std::string& root);

  struct Place {
    std::string folder;
    std::set<std::string> roots;
  };

  int inotify_;
  int wake_;
  Changed changed_;
  WatcherTiming timing_;
  mutable std::mutex mutex_;
  std::vector<std::string> roots_;
  std::map<int, Place> places_;
  std::string problem_;
  std::jthread thread_;
};

}  // namespace saerok::server
