#include "storage/sqlite_connection.h"

#include <sqlite3.h>

#include "base/assert.h"
#include "storage/page_checksums.h"

namespace saerok {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

int note_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<std::uint32_t*>(pages) = static_cast<std::uint32_t>(count);
  return SQLITE_OK;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  if (statement_ != nullptr) {
    reset();
    sqlite3_clear_bindings(statement_);
  }
}

void Statement::reset() { sqlite3_reset(statement_); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->failure(code);
}

Status Statement::run() {
  while (TRY(step())) {
  }
  reset();
  return {};
}

// SQLITE_STATIC (null): the caller keeps what it binds, so nothing is copied.
void Statement::bind_value(int index, std::int64_t value) {
  ASSERT(sqlite3_bind_int64(statement_, index, value) == SQLITE_OK);
}
void Statement::bind_value(int index, std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  ASSERT(sqlite3_bind_text64(statement_, index, data, text.size(), nullptr, SQLITE_UTF8) ==
         SQLITE_OK);
}
void Statement::bind_value(int index, std::span<const std::byte> blob) {
  const void* data = blob.data() == nullptr ? static_cast<const void*>("") : blob.data();
  ASSERT(sqlite3_bind_blob64(statement_, index, data, blob.size(), nullptr) == SQLITE_OK);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_, column);
  if (data == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {reinterpret_cast<const char*>(data), size};
}

std::span<const std::byte> Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  if (data == nullptr) return {};
  return {static_cast<const std::byte*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<Connection>> Connection::open(const SqliteVfs& vfs,
                                                     const std::string& path) {
  std::unique_ptr<Connection> connection(new Connection(vfs, path));  // NOLINT: private constructor
  const bool is_writer = vfs.access() == SqliteAccess::write;
  const int access = is_writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int code =
      sqlite3_open_v2(path.c_str(), &connection->database_,
                      access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs.name());
  if (code != SQLITE_OK) return connection->failure(code);
  sqlite3* database = connection->database_;
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Only the writer may move the WAL into the database, and it says when.
  if (!is_writer) sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Replaces SQLite's own hook, which would checkpoint; so would `PRAGMA wal_autocheckpoint` this.
  sqlite3_wal_hook(database, note_wal_pages, &connection->wal_pages_);
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  if (database_ != nullptr) {
    // After a failed sync a checkpoint would claim what nobody knows.
    if (vfs_.sync_failed()) {
      sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    sqlite3_close(database_);
  }
}

Error Connection::failure(int code) {
  const int primary = code & 0xff;
  is_transient_ = primary == SQLITE_BUSY || primary == SQLITE_PROTOCOL ||
                  code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_RECOVERY;
  std::optional<Error> cause = vfs_.take_error();
  switch (primary) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (cause) return *std::move(cause);
      if (code == SQLITE_IOERR_DATA) return {ErrorCode::corrupt, path_ + " has a damaged page"};
      return {ErrorCode::unavailable,
              "could not read or write " + path_ + ": " + sqlite3_errstr(code)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::corrupt, path_ + " is damaged (" + sqlite3_errstr(code) +
                                      "); move the store's folder aside and index again, or " +
                                      "restore it from a backup"};
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_PROTOCOL:
      return {ErrorCode::unavailable,
              path_ + " is in use by another process (" + sqlite3_errstr(code) + "); try again"};
    default:
      return {ErrorCode::corrupt,
              path_ + " does not hold what it should: " +
                  (database_ != nullptr ? sqlite3_errmsg(database_) : sqlite3_errstr(code))};
  }
}

Status Connection::execute(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

Result<Statement> Connection::prepare(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return Statement(*this, found->second);
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(code);
  statements_.emplace(sql, statement);
  return Statement(*this, statement);
}

Result<std::int64_t> Connection::query_integer(const char* sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return failure(SQLITE_CORRUPT);
  return statement.integer(0);
}

std::uint64_t Connection::changed_rows() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(database_));
}

std::uint64_t Connection::total_changed_rows() const {
  return static_cast<std::uint64_t>(sqlite3_total_changes64(database_));
}

std::int64_t Connection::last_row() const { return sqlite3_last_insert_rowid(database_); }

Status Connection::checkpoint(Readers readers) {
  const int mode =
      readers == Readers::ignore ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, mode, nullptr, nullptr);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return {};
  return failure(code);
}

void Connection::leave_room_for_checksums() {
  if (vfs_.checksums() == PageChecksums::none) return;
  int size = kPageChecksumSize;
  ASSERT(sqlite3_file_control(database_, "main", SQLITE_FCNTL_RESERVE_BYTES, &size) == SQLITE_OK);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

Result<WriteTransaction> WriteTransaction::begin(Connection& connection) {
  TRY(connection.execute("BEGIN IMMEDIATE"));
  return WriteTransaction(connection);
}

WriteTransaction::~WriteTransaction() {
  if (connection_ != nullptr && connection_->in_transaction()) {
    // SQLite has undone it itself if this fails.
    static_cast<void>(connection_->execute("ROLLBACK"));
  }
}

Status WriteTransaction::commit() {
  TRY(connection_->execute("COMMIT"));
  connection_ = nullptr;
  return {};
}

}  // namespace saerok
