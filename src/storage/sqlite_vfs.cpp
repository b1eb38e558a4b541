#include "storage/sqlite_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "base/assert.h"
#include "base/clock.h"
#include "storage/page_checksums.h"
#include "storage/sqlite_vfs_state.h"
#include "storage/wal_sums.h"

namespace saerok {

int SqliteVfs::State::fail(Error why, int code) {
  const bool is_full = why.code == ErrorCode::out_of_space;
  const MutexLock lock(mutex);
  error = std::move(why);
  return is_full ? SQLITE_FULL : code;
}

namespace {

// SQLite's lock bytes in the database file.
constexpr std::uint64_t kPendingByte = 0x40000000;
constexpr LockRange kPending{kPendingByte, 1};
constexpr LockRange kReserved{kPendingByte + 1, 1};
constexpr LockRange kShared{kPendingByte + 2, 510};
constexpr int kPathLengthMax = 4096;

/// What stands behind one sqlite3_file.
struct OpenFile {
  SqliteVfs::State& vfs;
  std::string path;
  std::unique_ptr<File> file;  ///< Null: a WAL that a reader found missing.
  bool is_wal = false;
  int level = SQLITE_LOCK_NONE;
  std::unique_ptr<SqliteShm> shm;
  std::optional<CheckedPages> pages;  ///< Of a database that may have checksums.
  std::optional<CheckedWal> wal;      ///< Of its WAL.

  /// The file, looked for again if it was missing. Null without an error: still missing.
  Result<File*> find() {
    if (!file) {
      auto opened = vfs.env.open(path, FileAccess::read);
      if (!opened) {
        if (opened.error().code == ErrorCode::not_found) return static_cast<File*>(nullptr);
        return std::move(opened).error();
      }
      file = std::move(opened).value();
    }
    return file.get();
  }

  /// What was read is what was written, as far as there are checksums.
  Status check(std::span<const std::byte> bytes, std::uint64_t offset) {
    if (pages) return pages->check(*file, bytes, offset, shm != nullptr);
    return wal ? wal->check(*file, bytes, offset) : Status();
  }
};

struct SqliteFile {
  sqlite3_file base;
  OpenFile* open;
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<SqliteFile*>(file)->open; }
SqliteVfs::State& of(sqlite3_vfs* vfs) { return *static_cast<SqliteVfs::State*>(vfs->pAppData); }

int close_file(sqlite3_file* file) {
  auto* handle = reinterpret_cast<SqliteFile*>(file);
  const std::unique_ptr<OpenFile> owner(handle->open);
  handle->open = nullptr;
  return SQLITE_OK;
}

int read_file(sqlite3_file* handle, void* buffer, int count, sqlite3_int64 offset) {
  OpenFile& open = of(handle);
  const std::span<std::byte> bytes(static_cast<std::byte*>(buffer),
                                   static_cast<std::size_t>(count));
  const auto file = open.find();
  if (!file) return open.vfs.fail(file.error(), SQLITE_IOERR_READ);
  std::size_t done = 0;
  if (*file != nullptr) {
    const auto read = (*file)->read_at(bytes, static_cast<std::uint64_t>(offset));
    if (!read) return open.vfs.fail(read.error(), SQLITE_IOERR_READ);
    done = *read;
  }
  std::ranges::fill(bytes.subspan(done), std::byte{0});
  if (done > 0) {
    Status checked = open.check(bytes, static_cast<std::uint64_t>(offset));
    if (!checked) return open.vfs.fail(std::move(checked).error(), SQLITE_IOERR_DATA);
  }
  return done == bytes.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* handle, const void* buffer, int count, sqlite3_int64 offset) {
  OpenFile& open = of(handle);
  if (open.vfs.access == SqliteAccess::read) return SQLITE_READONLY;
  std::span<const std::byte> bytes(static_cast<const std::byte*>(buffer),
                                   static_cast<std::size_t>(count));
  const auto at = static_cast<std::uint64_t>(offset);
  if (open.wal) open.wal->note_write(bytes.size(), at);
  if (open.pages) {
    const auto sealed = open.pages->seal(*open.file, bytes, at);
    if (!sealed) return open.vfs.fail(sealed.error(), SQLITE_IOERR_WRITE);
    bytes = *sealed;
  }
  Status written = open.file->write_at(bytes, at);
  return written ? SQLITE_OK : open.vfs.fail(std::move(written).error(), SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* handle, sqlite3_int64 size) {
  OpenFile& open = of(handle);
  if (open.vfs.access == SqliteAccess::read) return SQLITE_READONLY;
  Status done = open.file->truncate(static_cast<std::uint64_t>(size));
  return done ? SQLITE_OK : open.vfs.fail(std::move(done).error(), SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* handle, int) {
  OpenFile& open = of(handle);
  if (open.vfs.access == SqliteAccess::read) return SQLITE_OK;
  if (open.wal) open.wal->note_sync();
  Status synced = open.file->sync();
  if (synced) return SQLITE_OK;
  open.vfs.sync_failed = true;
  return open.vfs.fail(std::move(synced).error(), SQLITE_IOERR_FSYNC);
}

/// To a reader a WAL without a whole header and something behind it is empty (wal_sums.h).
Result<std::uint64_t> size_as_seen(OpenFile& open) {
  File* const file = TRY(open.find());
  if (file == nullptr) return std::uint64_t{0};
  const std::uint64_t size = TRY(file->size());
  if (!open.is_wal || open.vfs.access == SqliteAccess::write) return size;
  std::array<std::byte, kWalHeaderSize> header{};
  if (size <= header.size()) return std::uint64_t{0};
  TRY(file->read_at(header, 0));
  return is_wal_header_whole(header) ? size : std::uint64_t{0};
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  OpenFile& open = of(handle);
  const auto seen = size_as_seen(open);
  if (!seen) return open.vfs.fail(seen.error(), SQLITE_IOERR_FSTAT);
  *size = static_cast<sqlite3_int64>(*seen);
  return SQLITE_OK;
}

/// The bytes to lock for a level, in order; each is SQLITE_BUSY where another holds it.
Result<bool> raise_level(OpenFile& open, int level) {
  File& file = *open.file;
  if (level == SQLITE_LOCK_SHARED) {
    // A writer that waits for exclusive access holds the pending byte: newcomers queue behind it.
    if (!TRY(file.lock(LockKind::shared, kPending))) return false;
    auto locked = file.lock(LockKind::shared, kShared);
    TRY(file.lock(LockKind::none, kPending));
    return locked;
  }
  if (level == SQLITE_LOCK_RESERVED) return file.lock(LockKind::exclusive, kReserved);
  if (open.level < SQLITE_LOCK_PENDING) {
    if (!TRY(file.lock(LockKind::exclusive, kPending))) return false;
    open.level = SQLITE_LOCK_PENDING;
  }
  return file.lock(LockKind::exclusive, kShared);
}

int lock_file(sqlite3_file* handle, int level) {
  OpenFile& open = of(handle);
  if (open.level >= level) return SQLITE_OK;
  if (level > SQLITE_LOCK_SHARED && open.vfs.access == SqliteAccess::read) return SQLITE_READONLY;
  const auto locked = raise_level(open, level);
  if (!locked) return open.vfs.fail(locked.error(), SQLITE_IOERR_LOCK);
  if (!*locked) return SQLITE_BUSY;
  open.level = level;
  return SQLITE_OK;
}

Status lower_level(OpenFile& open, int level) {
  if (level == SQLITE_LOCK_SHARED) {
    TRY(open.file->lock(LockKind::shared, kShared));
    TRY(open.file->lock(LockKind::none, {kPending.begin, 2}));
  } else {
    TRY(open.file->lock(LockKind::none, {kPending.begin, 512}));
  }
  return {};
}

int unlock_file(sqlite3_file* handle, int level) {
  OpenFile& open = of(handle);
  if (open.level <= level) return SQLITE_OK;
  Status lowered = lower_level(open, level);
  if (!lowered) return open.vfs.fail(std::move(lowered).error(), SQLITE_IOERR_UNLOCK);
  open.level = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* handle, int* is_reserved) {
  OpenFile& open = of(handle);
  *is_reserved = 1;
  if (open.level >= SQLITE_LOCK_RESERVED) return SQLITE_OK;
  const auto held = open.file->probe_lock(kReserved);
  if (!held) return open.vfs.fail(held.error(), SQLITE_IOERR_CHECKRESERVEDLOCK);
  *is_reserved = *held == LockKind::none ? 0 : 1;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4096; }
// A write never harms the bytes beside it, as with every disk of the last decades.
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shm(sqlite3_file* handle, int region, int size, int may_extend, void volatile** address) {
  OpenFile& open = of(handle);
  if (!open.shm) open.shm = std::make_unique<SqliteShm>(open.vfs, *open.file, open.path + "-shm");
  return open.shm->map(static_cast<std::size_t>(region), static_cast<std::size_t>(size),
                       may_extend != 0, address);
}

int lock_shm(sqlite3_file* handle, int slot, int count, int flags) {
  OpenFile& open = of(handle);
  if (!open.shm) return SQLITE_IOERR_SHMLOCK;
  return open.shm->lock(static_cast<std::uint64_t>(slot), static_cast<std::uint64_t>(count), flags);
}

void shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int unmap_shm(sqlite3_file* handle, int is_delete) {
  OpenFile& open = of(handle);
  if (!open.shm) return SQLITE_OK;
  const int code = open.shm->unmap(is_delete != 0);
  open.shm.reset();
  return code;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         file_size,
                                         lock_file,
                                         unlock_file,
                                         check_reserved_lock,
                                         control_file,
                                         sector_size,
                                         device_characteristics,
                                         map_shm,
                                         lock_shm,
                                         shm_barrier,
                                         unmap_shm,
                                         nullptr,
                                         nullptr};

Result<std::unique_ptr<File>> open_for_writing(SqliteVfs::State& vfs, const std::string& path) {
  const bool is_new = !TRY(vfs.env.stat(path)).has_value();
  auto file = TRY(vfs.env.open(path, FileAccess::create));
  // SQLite ignores whether this worked; a WAL whose name is lost takes every commit with it.
  if (is_new) TRY(vfs.env.sync_directory(parent_path(path)));
  return file;
}

int open_file(sqlite3_vfs* handle, sqlite3_filename name, sqlite3_file* file, int flags,
              int* flags_out) {
  SqliteVfs::State& vfs = of(handle);
  auto* sqlite_file = reinterpret_cast<SqliteFile*>(file);
  sqlite_file->base.pMethods = nullptr;
  if (name == nullptr) return SQLITE_CANTOPEN;  // Temporary files live in memory (TEMP_STORE=3).
  auto open = std::make_unique<OpenFile>(OpenFile{.vfs = vfs,
                                                  .path = name,
                                                  .file = nullptr,
                                                  .is_wal = (flags & SQLITE_OPEN_WAL) != 0,
                                                  .level = SQLITE_LOCK_NONE,
                                                  .shm = nullptr,
                                                  .pages = {},
                                                  .wal = {}});
  if (vfs.checksums == PageChecksums::kept) {
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) open->pages.emplace(open->path);
    if (open->is_wal) open->wal.emplace(open->path);
  }
  const bool is_reader = vfs.access == SqliteAccess::read;
  auto opened =
      is_reader ? vfs.env.open(open->path, FileAccess::read) : open_for_writing(vfs, open->path);
  if (opened) {
    open->file = std::move(opened).value();
  } else if (!is_reader || !open->is_wal || opened.error().code != ErrorCode::not_found) {
    return vfs.fail(std::move(opened).error(), SQLITE_CANTOPEN);
  }
  if (flags_out != nullptr) {
    constexpr int kAccessFlags = SQLITE_OPEN_READONLY | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    *flags_out =
        (flags & ~kAccessFlags) | (is_reader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  }
  sqlite_file->open = open.release();
  sqlite_file->base.pMethods = &kMethods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* handle, const char* name, int sync_directory) {
  SqliteVfs::State& vfs = of(handle);
  if (vfs.access == SqliteAccess::read) return SQLITE_IOERR_DELETE;
  Status removed = vfs.env.remove(name);
  if (!removed) {
    if (removed.error().code == ErrorCode::not_found) return SQLITE_IOERR_DELETE_NOENT;
    return vfs.fail(std::move(removed).error(), SQLITE_IOERR_DELETE);
  }
  if (sync_directory == 0) return SQLITE_OK;
  Status synced = vfs.env.sync_directory(parent_path(name));
  return synced ? SQLITE_OK : vfs.fail(std::move(synced).error(), SQLITE_IOERR_DIR_FSYNC);
}

int access_file(sqlite3_vfs* handle, const char* name, int, int* exists) {
  SqliteVfs::State& vfs = of(handle);
  *exists = 0;
  const auto info = vfs.env.stat(name);
  if (!info) return vfs.fail(info.error(), SQLITE_IOERR_ACCESS);
  // As in SQLite's own files, an empty journal counts as none.
  *exists = info->has_value() && (*info)->size > 0 ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* handle, const char* name, int size, char* full) {
  const std::string path = of(handle).env.absolute_path(name);
  if (path.size() >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(full, path.c_str(), path.size() + 1);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* handle, int count, char* bytes) {
  of(handle).env.fill_random(
      std::as_writable_bytes(std::span(bytes, static_cast<std::size_t>(count))));
  return count;
}

int sleep_us(sqlite3_vfs* handle, int microseconds) {
  of(handle).env.sleep_us(static_cast<std::uint32_t>(microseconds));
  return microseconds;
}

constexpr std::int64_t kJulianMsOf1970 = 210'866'760'000'000;

int current_time_ms(sqlite3_vfs*, sqlite3_int64* julian_ms) {
  *julian_ms = kJulianMsOf1970 + wall_clock_ns() / 1'000'000;
  return SQLITE_OK;
}

int current_time(sqlite3_vfs* handle, double* julian_days) {
  sqlite3_int64 julian_ms = 0;
  current_time_ms(handle, &julian_ms);
  *julian_days = static_cast<double>(julian_ms) / 86'400'000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

SqliteVfs::SqliteVfs(Env& env, SqliteAccess access, PageChecksums checksums)
    : state_(std::make_unique<State>(env, access, checksums)),
      vfs_(std::make_unique<sqlite3_vfs>()) {
  // The address is unique among the living, which is all that a registered name has to be.
  char name[32];
  std::snprintf(name, sizeof name, "saerok-%p", static_cast<const void*>(state_.get()));
  state_->name = name;
  vfs_->iVersion = 2;
  vfs_->szOsFile = static_cast<int>(sizeof(SqliteFile));
  vfs_->mxPathname = kPathLengthMax;
  vfs_->zName = state_->name.c_str();
  vfs_->pAppData = state_.get();
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  vfs_->xAccess = access_file;
  vfs_->xFullPathname = full_path;
  vfs_->xRandomness = randomness;
  vfs_->xSleep = sleep_us;
  vfs_->xCurrentTime = current_time;
  vfs_->xGetLastError = last_error;
  vfs_->xCurrentTimeInt64 = current_time_ms;
  ASSERT(sqlite3_vfs_register(vfs_.get(), 0) == SQLITE_OK);
}

SqliteVfs::~SqliteVfs() { sqlite3_vfs_unregister(vfs_.get()); }

const char* SqliteVfs::name() const { return state_->name.c_str(); }
SqliteAccess SqliteVfs::access() const { return state_->access; }
PageChecksums SqliteVfs::checksums() const { return state_->checksums; }
Env& SqliteVfs::env() const { return state_->env; }
bool SqliteVfs::sync_failed() const { return state_->sync_failed; }

std::optional<Error> SqliteVfs::take_error() const {
  const MutexLock lock(state_->mutex);
  return std::exchange(state_->error, std::nullopt);
}

}  // namespace saerok
