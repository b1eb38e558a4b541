#include "server/worker_threads.h"

#include <chrono>
#include <thread>
#include <utility>

namespace saerok::server {
namespace {

constexpr std::chrono::seconds kIdleTime{10};

}  // namespace

WorkerThreads::~WorkerThreads() {
  std::unique_lock lock(mutex_);
  is_ending_ = true;
  arrived_.notify_all();
  left_.wait(lock, [this] { return threads_.empty(); });
}

void WorkerThreads::run(std::function<void()> task) {
  Threads joined;  // After the lock: joining a thread that is about to end waits for it.
  const std::lock_guard lock(mutex_);
  joined.swap(ended_);
  tasks_.push_back(std::move(task));
  if (idle_ >= tasks_.size()) {
    arrived_.notify_one();
    return;
  }
  const auto self = threads_.emplace(threads_.end());
  *self = std::jthread([this, self] { work(self); });
}

void WorkerThreads::work(Threads::iterator self) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (tasks_.empty()) {
      ++idle_;
      arrived_.wait_for(lock, kIdleTime, [this] { return !tasks_.empty() || is_ending_; });
      --idle_;
      if (tasks_.empty()) break;
    }
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
  ended_.splice(ended_.end(), threads_, self);
  left_.notify_all();
}

}  // namespace saerok::server
