#include <sqlite3.h>

#include "storage/sqlite_vfs_state.h"

namespace saerok {
namespace {

// SQLite's own bytes in the -shm file: eight lock slots, then the "dead man's switch" that every
// connection holds shared, so that the first to come can tell that nobody else is there.
constexpr std::uint64_t kSlotsBegin = 120;
constexpr LockRange kPresence{kSlotsBegin + SQLITE_SHM_NLOCK, 1};

// The slot that readers of the database file alone hold, and which a checkpoint needs.
constexpr std::uint64_t kDatabaseReadSlot = 3;
// Its twin in the database file: past SQLite's 512 lock bytes, in the page that never holds data.
constexpr LockRange kDatabaseReadTwin{0x40000000 + 512 + kDatabaseReadSlot, 1};

}  // namespace

int SqliteShm::attach_writer() {
  if (!file_) {
    auto opened = vfs_.env.open(path_, FileAccess::create);
    if (!opened) return vfs_.fail(std::move(opened).error(), SQLITE_CANTOPEN);
    file_ = std::move(opened).value();
  }
  const auto alone = file_->lock(LockKind::exclusive, kPresence);
  if (!alone) return vfs_.fail(alone.error(), SQLITE_IOERR_SHMLOCK);
  if (*alone) {
    // What the last connection left may be half an update.
    if (Status emptied = file_->truncate(0); !emptied) {
      return vfs_.fail(std::move(emptied).error(), SQLITE_IOERR_SHMOPEN);
    }
  }
  const auto present = file_->lock(LockKind::shared, kPresence);
  if (!present) return vfs_.fail(present.error(), SQLITE_IOERR_SHMLOCK);
  if (!*present) return SQLITE_BUSY;
  is_attached_ = true;
  return SQLITE_OK;
}

int SqliteShm::attach_reader() {
  if (!file_) {
    auto opened = vfs_.env.open(path_, FileAccess::read);
    if (!opened) {
      const ErrorCode code = opened.error().code;
      if (code == ErrorCode::not_found || code == ErrorCode::failed_precondition) {
        return SQLITE_READONLY_CANTINIT;
      }
      return vfs_.fail(std::move(opened).error(), SQLITE_CANTOPEN);
    }
    file_ = std::move(opened).value();
  }
  const auto others = file_->probe_lock(kPresence);
  if (!others) return vfs_.fail(others.error(), SQLITE_IOERR_SHMLOCK);
  if (*others == LockKind::none) return SQLITE_READONLY_CANTINIT;
  if (*others == LockKind::exclusive) return SQLITE_BUSY;
  const auto present = file_->lock(LockKind::shared, kPresence);
  if (!present) return vfs_.fail(present.error(), SQLITE_IOERR_SHMLOCK);
  if (!*present) return SQLITE_BUSY;
  is_attached_ = true;
  return SQLITE_OK;
}

int SqliteShm::attach() {
  if (is_attached_) return SQLITE_OK;
  return vfs_.access == SqliteAccess::write ? attach_writer() : attach_reader();
}

int SqliteShm::map(std::size_t region, std::size_t size, bool may_extend, volatile void** address) {
  *address = nullptr;
  if (const int code = attach(); code != SQLITE_OK) return code;
  const bool is_writer = vfs_.access == SqliteAccess::write;
  const int success = is_writer ? SQLITE_OK : SQLITE_READONLY;
  if (regions_.size() <= region) {
    const auto length = file_->size();
    if (!length) return vfs_.fail(length.error(), SQLITE_IOERR_SHMSIZE);
    const std::uint64_t needed = static_cast<std::uint64_t>(region + 1) * size;
    if (*length < needed) {
      if (!may_extend || !is_writer) return success;
      // Written, not truncated to size: a full disk must fail here, not at a later memory access.
      const std::vector<std::byte> zeros(static_cast<std::size_t>(needed - *length));
      if (Status grown = file_->write_at(zeros, *length); !grown) {
        return vfs_.fail(std::move(grown).error(), SQLITE_IOERR_SHMSIZE);
      }
    }
    while (regions_.size() <= region) {
      auto mapped = file_->map_shared(static_cast<std::uint64_t>(regions_.size()) * size, size);
      if (!mapped) return vfs_.fail(std::move(mapped).error(), SQLITE_IOERR_SHMMAP);
      regions_.push_back(*mapped);
    }
  }
  *address = regions_[region];
  return success;
}

Result<bool> SqliteShm::lock_slots(LockKind kind, std::uint64_t slot, std::uint64_t count) {
  const bool covers_twin = slot <= kDatabaseReadSlot && kDatabaseReadSlot < slot + count;
  if (covers_twin && kind != LockKind::none) {
    if (!TRY(database_.lock(kind, kDatabaseReadTwin))) return false;
  }
  if (file_) {
    auto locked = file_->lock(kind, {kSlotsBegin + slot, count});
    if (!locked || !*locked) {
      if (covers_twin) static_cast<void>(database_.lock(LockKind::none, kDatabaseReadTwin));
      return locked;
    }
  }
  if (covers_twin && kind == LockKind::none) {
    TRY(database_.lock(LockKind::none, kDatabaseReadTwin));
  }
  return true;
}

int SqliteShm::lock(std::uint64_t slot, std::uint64_t count, int flags) {
  const LockKind kind = (flags & SQLITE_SHM_UNLOCK) != 0   ? LockKind::none
                        : (flags & SQLITE_SHM_SHARED) != 0 ? LockKind::shared
                                                           : LockKind::exclusive;
  const auto locked = lock_slots(kind, slot, count);
  if (!locked) return vfs_.fail(locked.error(), SQLITE_IOERR_SHMLOCK);
  return *locked ? SQLITE_OK : SQLITE_BUSY;
}

int SqliteShm::unmap(bool is_delete) {
  static_cast<void>(database_.lock(LockKind::none, kDatabaseReadTwin));
  regions_.clear();
  file_.reset();
  is_attached_ = false;
  if (is_delete && vfs_.access == SqliteAccess::write) {
    // Only a convenience: the next writer empties it anyway.
    static_cast<void>(vfs_.env.remove(path_));
  }
  return SQLITE_OK;
}

}  // namespace saerok
