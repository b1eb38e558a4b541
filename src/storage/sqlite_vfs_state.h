/// What the files of one SqliteVfs share, and the shared memory of one connection. Private to
/// sqlite_vfs.cpp and sqlite_shm.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/sqlite_vfs.h"

namespace saerok {

struct SqliteVfs::State {
  State(Env& env_in, SqliteAccess access_in, PageChecksums checksums_in)
      : env(env_in), access(access_in), checksums(checksums_in) {}

  Env& env;
  SqliteAccess access;
  PageChecksums checksums;
  std::string name;
  std::atomic<bool> sync_failed = false;
  Mutex mutex;
  std::optional<Error> error GUARDED_BY(mutex);

  /// Remembers why, and returns `code`, or SQLITE_FULL for a full disk.
  int fail(Error why, int code);
};

/// The WAL index that the connections of a database share, and its locks.
class SqliteShm {
 public:
  SqliteShm(SqliteVfs::State& vfs, File& database, std::string path)
      : vfs_(vfs), database_(database), path_(std::move(path)) {}

  /// As xShmMap, xShmLock and xShmUnmap of sqlite3_io_methods.
  int map(std::size_t region, std::size_t size, bool may_extend, volatile void** address);
  int lock(std::uint64_t slot, std::uint64_t count, int flags);
  int unmap(bool is_delete);

 private:
  int attach();
  int attach_writer();
  int attach_reader();
  Result<bool> lock_slots(LockKind kind, std::uint64_t slot, std::uint64_t count);

  SqliteVfs::State& vfs_;
  File& database_;
  std::string path_;
  std::unique_ptr<File> file_;
  bool is_attached_ = false;
  std::vector<void*> regions_;
};

}  // namespace saerok
