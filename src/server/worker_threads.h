/// Threads that answer requests: as many as there are requests under way, kept for a while after.
/// A stream that waits for hours so never takes a place from a search; the listener's limit on
/// connections bounds their number.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace saerok::server {

class WorkerThreads {
 public:
  WorkerThreads() = default;
  /// Waits for every task.
  ~WorkerThreads();
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  /// Runs the task at once, on a thread that waits for one or on a new one.
  void run(std::function<void()> task);

 private:
  using Threads = std::list<std::jthread>;
  void work(Threads::iterator self);

  std::mutex mutex_;
  std::condition_variable arrived_;  ///< A task, or the end. Wakes one of those that wait.
  std::condition_variable left_;     ///< A thread has ended.
  std::deque<std::function<void()>> tasks_;
  Threads threads_;
  Threads ended_;  ///< To be joined by whoever comes next.
  std::size_t idle_ = 0;
  bool is_ending_ = false;
};

}  // namespace saerok::server
