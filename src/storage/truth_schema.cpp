#include "storage/truth_schema.h"

namespace saerok {
namespace {

constexpr std::int64_t kApplicationId = 0x5345524b;  // "SERK"
constexpr std::int64_t kSchemaVersion = kRootSchemaVersion;

// Counters stand in the collection's row, so that a manifest costs no scan. Whether a chunk is
// pending is what chunk_index says; the partial indexes hold the pending ones only and are empty
// when all is indexed. No foreign keys: their lookups would double the cost of a commit, and
// every deletion goes through truth_commit.cpp.
constexpr const char* kSchema = R"sql(
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES ('document', 0), ('chunk', 0), ('segment', 0);

CREATE TABLE collection(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  analyzer TEXT NOT NULL,
  embedder TEXT NOT NULL,
  dimension INTEGER NOT NULL,
  sources_indexed INTEGER NOT NULL DEFAULT 0,
  sources_partial INTEGER NOT NULL DEFAULT 0,
  sources_failed INTEGER NOT NULL DEFAULT 0,
  sources_skipped INTEGER NOT NULL DEFAULT 0,
  documents INTEGER NOT NULL DEFAULT 0,
  chunks INTEGER NOT NULL DEFAULT 0,
  pending_lexical INTEGER NOT NULL DEFAULT 0,
  pending_chunk_vectors INTEGER NOT NULL DEFAULT 0,
  pending_window_vectors INTEGER NOT NULL DEFAULT 0,
  change INTEGER NOT NULL DEFAULT 0);

CREATE TABLE source(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  hash BLOB NOT NULL,
  state INTEGER NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE(collection, path, root));

CREATE TABLE document(
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL,
  record_id TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  title TEXT NOT NULL,
  keywords TEXT NOT NULL,
  attributes BLOB NOT NULL,
  row_hash BLOB NOT NULL,
  UNIQUE(source, record_id));
CREATE INDEX document_by_record ON document(record_id) WHERE record_id <> '';

CREATE TABLE chunk(
  id INTEGER PRIMARY KEY,
  document INTEGER NOT NULL,
  place BLOB NOT NULL,
  text TEXT NOT NULL,
  row_hash BLOB NOT NULL);
CREATE INDEX chunk_by_document ON chunk(document);

CREATE TABLE chunk_index(
  chunk INTEGER PRIMARY KEY,
  collection INTEGER NOT NULL,
  lexical INTEGER,
  chunk_vectors INTEGER,
  window_vectors INTEGER);
CREATE INDEX pending_lexical ON chunk_index(collection) WHERE lexical IS NULL;
CREATE INDEX pending_chunk_vectors ON chunk_index(collection) WHERE chunk_vectors IS NULL;
CREATE INDEX pending_window_vectors ON chunk_index(collection) WHERE window_vectors IS NULL;

CREATE TABLE segment(
  id INTEGER PRIMARY KEY,
  collection INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  file TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  hash BLOB NOT NULL,
  chunk_count INTEGER NOT NULL,
  fingerprint TEXT NOT NULL);

CREATE TABLE tombstone(
  segment INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  PRIMARY KEY(segment, chunk)) WITHOUT ROWID;
)sql";

// A turn's number orders it, within its conversation and among all: clocks go back. Numbers of
// labels and conversations are shown to people, so one that was removed is never given again.
constexpr const char* kMemorySchema = R"sql(
CREATE TABLE label(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL,
  question TEXT NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  document_id TEXT NOT NULL,
  byte_begin INTEGER NOT NULL,
  byte_end INTEGER NOT NULL,
  quote TEXT NOT NULL,
  grade INTEGER NOT NULL,
  created_s INTEGER NOT NULL,
  row_hash BLOB NOT NULL);
CREATE INDEX label_by_collection ON label(collection);

CREATE TABLE conversation(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL);
CREATE INDEX conversation_by_collection ON conversation(collection);

CREATE TABLE turn(
  id INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  role TEXT NOT NULL,
  content TEXT NOT NULL,
  created_s INTEGER NOT NULL,
  standalone_query TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  citations BLOB NOT NULL,
  row_hash BLOB NOT NULL);
CREATE INDEX turn_by_conversation ON turn(conversation);
)sql";

// An older store did not note what was named. A folder that several sources were read from was; one
// with a single source may stand for a file, whose neighbours nobody asked for.
constexpr const char* kRootSchema = R"sql(
CREATE TABLE root(
  collection INTEGER NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY(collection, path)) WITHOUT ROWID;
INSERT INTO root(collection, path)
  SELECT collection, root FROM source GROUP BY collection, root HAVING count(*) > 1;
)sql";

Result<std::int64_t> version_of(Connection& connection) {
  return connection.query_integer("PRAGMA user_version");
}

Status check_identity(Connection& connection, const std::string& path) {
  if (TRY(connection.query_integer("PRAGMA application_id")) != kApplicationId) {
    return Error{ErrorCode::failed_precondition,
                 path + " is an SQLite database, but not a saerok store's; name another folder"};
  }
  const std::int64_t version = TRY(version_of(connection));
  if (version > kSchemaVersion) {
    return Error{ErrorCode::failed_precondition,
                 path + " was written by a newer saerok (format " + std::to_string(version) +
                     ", this one knows " + std::to_string(kSchemaVersion) + "); update saerok"};
  }
  return {};
}

}  // namespace

Status prepare_truth_for_writing(Connection& connection, const std::string& path) {
  // The page size first: it is fixed once the database is in WAL mode.
  TRY(connection.execute("PRAGMA page_size = 8192"));
  connection.leave_room_for_checksums();
  const bool is_new = TRY(connection.query_integer("SELECT count(*) FROM sqlite_schema")) == 0;
  if (!is_new) TRY(check_identity(connection, path));
  TRY(
      connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA journal_size_limit = 33554432;"
                         "PRAGMA cache_size = -32768; PRAGMA cell_size_check = ON;"
                         "PRAGMA secure_delete = FAST;"));
  const std::int64_t version = is_new ? 0 : TRY(version_of(connection));
  if (version == kSchemaVersion) return {};
  auto transaction = TRY(WriteTransaction::begin(connection));
  if (is_new) TRY(connection.execute(kSchema));
  if (version < kMemorySchemaVersion) TRY(connection.execute(kMemorySchema));
  TRY(connection.execute(kRootSchema));
  const std::string identity = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                               "; PRAGMA user_version = " + std::to_string(kSchemaVersion);
  TRY(connection.execute(identity.c_str()));
  return transaction.commit();
}

Status prepare_truth_for_reading(Connection& connection, const std::string& path) {
  TRY(connection.execute("PRAGMA cache_size = -8192; PRAGMA cell_size_check = ON;"));
  return check_identity(connection, path);
}

}  // namespace saerok
