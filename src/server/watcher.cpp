#include "server/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace saerok::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kEvents = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;
constexpr std::size_t kBufferBytes = 65'536;

/// Never indexed, and often busy: .git, .obsidian, node_modules.
bool is_left_out(const std::string& name) {
  return name.starts_with('.') || name == "node_modules";
}

int milliseconds_until(Clock::time_point time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

Result<std::unique_ptr<Watcher>> Watcher::start(Changed changed, WatcherTiming timing) {
  const int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  const int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (inotify < 0 || wake < 0) {
    const std::string why = std::strerror(errno);
    if (inotify >= 0) close(inotify);
    if (wake >= 0) close(wake);
    return Error{ErrorCode::unavailable,
                 "files cannot be watched: " + why + "; raise fs.inotify.max_user_instances"};
  }
  return std::unique_ptr<Watcher>(  // NOLINT: the constructor is private.
      new Watcher(inotify, wake, std::move(changed), timing));
}

Watcher::Watcher(int inotify, int wake, Changed changed, WatcherTiming timing)
    : inotify_(inotify), wake_(wake), changed_(std::move(changed)), timing_(timing) {
  thread_ = std::jthread([this](const std::stop_token& ending) { run(ending); });
}

Watcher::~Watcher() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
  thread_.join();
  close(inotify_);
  close(wake_);
}

void Watcher::watch(const std::vector<std::string>& roots) {
  const std::lock_guard lock(mutex_);
  if (roots == roots_) return;
  for (const auto& [descriptor, place] : places_) inotify_rm_watch(inotify_, descriptor);
  places_.clear();
  problem_.clear();
  roots_ = roots;
  for (const std::string& root : roots_) {
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(root, error);
    // A file is watched through its folder: editors replace files rather than write into them.
    add_folder(is_folder ? root : std::filesystem::path(root).parent_path().string(), root);
  }
}

Watcher::State Watcher::state() const {
  const std::lock_guard lock(mutex_);
  return {.roots = roots_, .folders = places_.size(), .problem = problem_};
}

/// With what is below it, unless the root is a file.
void Watcher::add_folder(const std::string& folder, const std::string& root) {
  const int descriptor = inotify_add_watch(inotify_, folder.c_str(), kEvents | IN_ONLYDIR);
  if (descriptor < 0) {
    // One that is gone by now is no problem: its parent said so.
    if (errno == ENOSPC) {
      problem_ =
          "the system has no file watches left, so some folders are looked at once a minute "
          "only; raise fs.inotify.max_user_watches";
    }
    return;
  }
  Place& place = places_[descriptor];
  place.folder = folder;
  place.roots.insert(root);
  if (!(folder + "/").starts_with(root + "/")) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (!entry.is_directory(error) || entry.is_symlink(error)) continue;
    if (!is_left_out(entry.path().filename().string())) add_folder(entry.path().string(), root);
  }
}

void Watcher::read_events(std::set<std::string>& touched) {
  alignas(inotify_event) std::array<char, kBufferBytes> buffer;
  const std::lock_guard lock(mutex_);
  while (true) {
    const ssize_t size = read(inotify_, buffer.data(), buffer.size());
    if (size <= 0) return;
    for (const char* at = buffer.data(); at < buffer.data() + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      if ((event->mask & IN_Q_OVERFLOW) != 0) {
        touched.insert(roots_.begin(), roots_.end());
        continue;
      }
      const auto place = places_.find(event->wd);
      if (place == places_.end()) continue;
      if ((event->mask & IN_IGNORED) != 0) {
        places_.erase(place);
        continue;
      }
      const std::string name = event->len > 0 ? event->name : "";
      if (is_left_out(name)) continue;
      const std::string path = place->second.folder + "/" + name;
      const bool is_new_folder =
          (event->mask & IN_ISDIR) != 0 && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
      const std::set<std::string> roots = place->second.roots;
      for (const std::string& root : roots) {
        if (is_new_folder) add_folder(path, root);
        const bool is_inside = (place->second.folder + "/").starts_with(root + "/");
        if (is_inside || path == root) touched.insert(root);
      }
    }
  }
}

void Watcher::run(const std::stop_token& ending) {
  std::set<std::string> touched;
  Clock::time_point first;
  Clock::time_point last;
  Clock::time_point rescanned = Clock::now();
  while (!ending.stop_requested()) {
    int wait = -1;
    {
      const std::lock_guard lock(mutex_);
      if (!problem_.empty()) wait = milliseconds_until(rescanned + timing_.rescan);
    }
    if (!touched.empty()) {
      const auto due = std::min(first + timing_.longest, last + timing_.quiet);
      const int left = milliseconds_until(due);
      wait = wait < 0 ? left : std::min(wait, left);
    }
    std::array<pollfd, 2> ready{{{inotify_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    poll(ready.data(), ready.size(), wait);
    if (ending.stop_requested()) return;
    if ((ready[0].revents & POLLIN) != 0) {
      const bool was_empty = touched.empty();
      read_events(touched);
      last = Clock::now();
      if (was_empty) first = last;
    }
    const auto now = Clock::now();
    bool is_blind = false;
    {
      const std::lock_guard lock(mutex_);
      is_blind = !problem_.empty() && now >= rescanned + timing_.rescan;
      if (is_blind) touched.insert(roots_.begin(), roots_.end());
    }
    if (is_blind) rescanned = now;
    const bool is_due = !touched.empty() &&
                        (is_blind || now >= last + timing_.quiet || now >= first + timing_.longest);
    if (!is_due) continue;
    const std::vector<std::string> roots(touched.begin(), touched.end());
    touched.clear();
    changed_(roots);
  }
}

}  // namespace saerok::server
