/// One connection to an SQLite database and its prepared statements, with SQLite's codes turned
/// into Errors. It knows how to run SQL, not which; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "saerok/result.h"
#include "storage/sqlite_vfs.h"

struct sqlite3;
struct sqlite3_stmt;

namespace saerok {

class Connection;

/// A borrowed prepared statement; given back, reset, at the end of its life. What was bound must
/// live as long as it is stepped, and columns are valid until the next step.
class Statement {
 public:
  Statement(Connection& connection, sqlite3_stmt* statement)
      : connection_(&connection), statement_(statement) {}
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  /// Binds the values to ?1, ?2 and so on.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_value(++index, values), ...);
    return *this;
  }
  /// True while there is a row.
  Result<bool> step();
  /// Steps to the end and resets, so that it can be bound anew.
  Status run();
  /// Makes it ready for other values.
  void reset();

  std::int64_t integer(int column) const;
  std::uint64_t unsigned_integer(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  std::string_view text(int column) const;
  std::span<const std::byte> blob(int column) const;
  bool is_null(int column) const;

 private:
  void bind_value(int index, std::int64_t value);
  void bind_value(int index, std::uint64_t value) {
    bind_value(index, static_cast<std::int64_t>(value));
  }
  void bind_value(int index, std::uint32_t value) {
    bind_value(index, static_cast<std::int64_t>(value));
  }
  void bind_value(int index, std::string_view text);
  void bind_value(int index, const std::string& text) { bind_value(index, std::string_view(text)); }
  void bind_value(int index, std::span<const std::byte> blob);
  void bind_value(int index, const std::vector<std::byte>& blob) {
    bind_value(index, std::span<const std::byte>(blob));
  }

  Connection* connection_;
  sqlite3_stmt* statement_;
};

class Connection {
 public:
  /// Writers create the file if it is missing.
  /// Errors: as Env's, corrupt.
  static Result<std::unique_ptr<Connection>> open(const SqliteVfs& vfs, const std::string& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs statements without results.
  Status execute(const char* sql);
  /// `sql` must be a literal: its address is the key of the cache.
  Result<Statement> prepare(const char* sql);
  /// The first column of the first row of a query without parameters.
  Result<std::int64_t> query_integer(const char* sql);

  /// Rows that the last INSERT, UPDATE or DELETE touched.
  std::uint64_t changed_rows() const;
  /// Rows touched since the connection was opened; for statements run by execute().
  std::uint64_t total_changed_rows() const;
  std::int64_t last_row() const;
  /// Pages in the WAL after the last commit of this connection.
  std::uint32_t wal_pages() const { return wal_pages_; }
  enum class Readers : std::uint8_t { ignore, wait_for };
  /// Moves what can be moved from the WAL into the database. Having waited for its readers, the
  /// next commit begins the WAL anew. No error if they took too long.
  Status checkpoint(Readers readers = Readers::ignore);
  bool in_transaction() const;
  /// Where the VFS keeps checksums, leaves room for them in the pages of a database that has none
  /// yet, or from its next VACUUM on. Not to be followed by `PRAGMA page_size`, which forgets it.
  void leave_room_for_checksums();

  /// The last failure was one that a new connection a moment later need not have: a reader met a
  /// writer that comes, goes or was killed.
  bool is_transient() const { return is_transient_; }

 private:
  friend class Statement;
  Connection(const SqliteVfs& vfs, std::string path) : vfs_(vfs), path_(std::move(path)) {}
  Error failure(int code);

  const SqliteVfs& vfs_;
  std::string path_;
  sqlite3* database_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  std::uint32_t wal_pages_ = 0;
  bool is_transient_ = false;
};

/// A write transaction; rolled back unless committed.
class WriteTransaction {
 public:
  static Result<WriteTransaction> begin(Connection& connection);
  ~WriteTransaction();
  WriteTransaction(WriteTransaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  WriteTransaction& operator=(WriteTransaction&&) = delete;
  Status commit();

 private:
  explicit WriteTransaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace saerok
