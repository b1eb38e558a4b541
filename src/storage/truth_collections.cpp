#include "storage/truth_queries.h"
#include "storage/truth_schema.h"

namespace saerok {
namespace {

CollectionRecord collection_of(const Statement& row) {
  return {.id = CollectionId{row.unsigned_integer(0)},
          .name = std::string(row.text(1)),
          .analyzer_fingerprint = std::string(row.text(2)),
          .embedder_fingerprint = std::string(row.text(3)),
          .dimension = static_cast<std::uint32_t>(row.unsigned_integer(4))};
}

Error no_collection() {
  return {ErrorCode::not_found, "the collection does not exist (any more) in this store"};
}

}  // namespace

Status add_counters(Connection& connection, CollectionId collection,
                    const CounterChanges& changes) {
  Statement statement = TRY(connection.prepare(
      "UPDATE collection SET sources_indexed = sources_indexed + ?1,"
      " sources_partial = sources_partial + ?2, sources_failed = sources_failed + ?3,"
      " sources_skipped = sources_skipped + ?4, documents = documents + ?5, chunks = chunks + ?6,"
      " pending_lexical = pending_lexical + ?7,"
      " pending_chunk_vectors = pending_chunk_vectors + ?8,"
      " pending_window_vectors = pending_window_vectors + ?9, change = change + 1 WHERE id = ?10"));
  statement.bind(changes.sources[0], changes.sources[1], changes.sources[2], changes.sources[3],
                 changes.documents, changes.chunks, changes.pending[0], changes.pending[1],
                 changes.pending[2], static_cast<std::uint64_t>(collection));
  TRY(statement.run());
  if (connection.changed_rows() == 0) return no_collection();
  return {};
}

Result<std::uint64_t> last_number(Connection& connection, std::string_view counter) {
  Statement statement = TRY(connection.prepare("SELECT value FROM counter WHERE name = ?1"));
  statement.bind(counter);
  if (!TRY(statement.step())) {
    return Error{ErrorCode::corrupt, "the store has lost its counter of " + std::string(counter) +
                                         "s; move it aside and index again"};
  }
  return statement.unsigned_integer(0);
}

Status set_last_number(Connection& connection, std::string_view counter, std::uint64_t value) {
  Statement statement = TRY(connection.prepare("UPDATE counter SET value = ?2 WHERE name = ?1"));
  return statement.bind(counter, value).run();
}

Result<std::vector<CollectionRecord>> read_collections(Connection& connection) {
  Statement statement = TRY(connection.prepare(
      "SELECT id, name, analyzer, embedder, dimension FROM collection ORDER BY id"));
  std::vector<CollectionRecord> records;
  while (TRY(statement.step())) records.push_back(collection_of(statement));
  return records;
}

Result<std::optional<CollectionRecord>> find_collection(Connection& connection,
                                                        std::string_view name) {
  Statement statement = TRY(connection.prepare(
      "SELECT id, name, analyzer, embedder, dimension FROM collection WHERE name = ?1"));
  statement.bind(name);
  if (!TRY(statement.step())) return std::optional<CollectionRecord>();
  return std::optional<CollectionRecord>(collection_of(statement));
}

Result<CollectionRecord> read_collection(Connection& connection, CollectionId collection) {
  Statement statement = TRY(connection.prepare(
      "SELECT id, name, analyzer, embedder, dimension FROM collection WHERE id = ?1"));
  statement.bind(static_cast<std::uint64_t>(collection));
  if (!TRY(statement.step())) return no_collection();
  return collection_of(statement);
}

Result<CollectionRecord> put_collection(Connection& connection, const CollectionRecord& record) {
  Statement statement = TRY(connection.prepare(
      "INSERT INTO collection(name, analyzer, embedder, dimension) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT(name) DO UPDATE SET analyzer = excluded.analyzer,"
      " embedder = excluded.embedder, dimension = excluded.dimension"));
  TRY(statement
          .bind(record.name, record.analyzer_fingerprint, record.embedder_fingerprint,
                record.dimension)
          .run());
  const auto stored = TRY(find_collection(connection, record.name));
  if (!stored) return no_collection();
  return *stored;
}

Status remove_collection(Connection& connection, CollectionId collection) {
  const auto id = static_cast<std::uint64_t>(collection);
  TRY(read_collection(connection, collection));
  TRY(delete_memory_of(connection, collection));
  for (const char* sql :
       {"DELETE FROM tombstone WHERE segment IN (SELECT id FROM segment WHERE collection = ?1)",
        "DELETE FROM segment WHERE collection = ?1",
        "DELETE FROM chunk WHERE id IN (SELECT chunk FROM chunk_index WHERE collection = ?1)",
        "DELETE FROM chunk_index WHERE collection = ?1",
        "DELETE FROM document WHERE source IN (SELECT id FROM source WHERE collection = ?1)",
        "DELETE FROM source WHERE collection = ?1", "DELETE FROM root WHERE collection = ?1",
        "DELETE FROM collection WHERE id = ?1"}) {
    Statement statement = TRY(connection.prepare(sql));
    TRY(statement.bind(id).run());
  }
  return {};
}

Result<std::vector<std::string>> read_named_roots(Connection& connection, CollectionId collection) {
  std::vector<std::string> roots;
  if (TRY(connection.query_integer("PRAGMA user_version")) < kRootSchemaVersion) return roots;
  Statement statement =
      TRY(connection.prepare("SELECT path FROM root WHERE collection = ?1 ORDER BY path"));
  statement.bind(static_cast<std::uint64_t>(collection));
  while (TRY(statement.step())) roots.emplace_back(statement.text(0));
  return roots;
}

Status change_named_roots(Connection& connection, CollectionId collection,
                          std::span<const std::string> added,
                          std::span<const std::string> removed) {
  const auto id = static_cast<std::uint64_t>(collection);
  TRY(read_collection(connection, collection));
  for (const std::string& path : added) {
    Statement statement =
        TRY(connection.prepare("INSERT OR IGNORE INTO root(collection, path) VALUES (?1, ?2)"));
    TRY(statement.bind(id, path).run());
  }
  for (const std::string& path : removed) {
    Statement statement =
        TRY(connection.prepare("DELETE FROM root WHERE collection = ?1 AND path = ?2"));
    TRY(statement.bind(id, path).run());
  }
  return {};
}

Result<CollectionCounts> read_counts(Connection& connection, CollectionId collection) {
  Statement statement = TRY(connection.prepare(
      "SELECT sources_indexed, sources_partial, sources_failed, sources_skipped, documents, chunks"
      " FROM collection WHERE id = ?1"));
  statement.bind(static_cast<std::uint64_t>(collection));
  if (!TRY(statement.step())) return no_collection();
  return CollectionCounts{.sources_indexed = statement.unsigned_integer(0),
                          .sources_partial = statement.unsigned_integer(1),
                          .sources_failed = statement.unsigned_integer(2),
                          .sources_skipped = statement.unsigned_integer(3),
                          .documents = statement.unsigned_integer(4),
                          .chunks = statement.unsigned_integer(5)};
}

}  // namespace saerok
