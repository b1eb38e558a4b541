/// A mutex that clang's thread-safety analysis understands; under GCC the attributes are nothing.
/// Not for waiting: std::condition_variable_any works with it where one is needed.
#pragma once

#include <mutex>

#if defined(__clang__)
#define SAEROK_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define SAEROK_THREAD_ATTRIBUTE(x)
#endif
#define GUARDED_BY(mutex) SAEROK_THREAD_ATTRIBUTE(guarded_by(mutex))
#define REQUIRES_LOCK(mutex) SAEROK_THREAD_ATTRIBUTE(requires_capability(mutex))

namespace saerok {

class SAEROK_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() SAEROK_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() SAEROK_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for as long as it lives.
class SAEROK_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SAEROK_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() SAEROK_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace saerok
