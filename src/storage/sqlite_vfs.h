/// Routes SQLite's files through an Env, so that the truth and the segments share one model of
/// faults and power cuts. It knows files, locks and shared memory; no SQL.
///
/// What it adds to SQLite's own "unix" files, whose lock bytes it keeps to:
/// - Locks belong to the open file, so connections of one process need no bookkeeping.
/// - The folder is synced, and the result checked, when a database, a journal or a WAL is created.
/// - A reader writes nothing at all: it maps the -shm file read-only, and where no writer is there
///   SQLite indexes the WAL in the reader's own memory (walBeginShmUnreliable in sqlite3.c). A WAL
///   that does not exist is an empty one. Because a -shm file may be missing, the lock that keeps
///   writers from checkpointing under such a reader is also taken on the database file.
/// - Where it is asked to, it gives pages their checksums and checks them (page_checksums.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/env.h"

struct sqlite3_vfs;

namespace saerok {

enum class SqliteAccess : std::uint8_t { read, write };
enum class PageChecksums : bool { none, kept };

/// A VFS registered with SQLite under a name of its own for as long as it lives, which must be
/// longer than its connections. Thread-safe.
class SqliteVfs {
 public:
  SqliteVfs(Env& env, SqliteAccess access, PageChecksums checksums);
  ~SqliteVfs();
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;

  const char* name() const;
  SqliteAccess access() const;
  PageChecksums checksums() const;
  Env& env() const;

  /// A sync failed: nothing written since the last good one is certain, and no later sync helps.
  bool sync_failed() const;
  /// The last error of the Env that was turned into an SQLite code, once.
  std::optional<Error> take_error() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace saerok
