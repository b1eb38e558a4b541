#include "storage/sqlite_embedding_cache.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/half.h"
#include "base/hash.h"
#include "storage/truth_rows.h"

namespace saerok {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::uint32_t kCheckpointPages = 2'048;

// The rows in the order of their coming, the random keys in an index of their own: a table sorted
// by key would rewrite a page a row.
constexpr const char* kSchema = R"sql(
CREATE TABLE embedder(id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE vector(
  id INTEGER PRIMARY KEY,
  embedder INTEGER NOT NULL,
  key BLOB NOT NULL,
  row BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  UNIQUE(embedder, key));
PRAGMA user_version = 1;
)sql";

std::uint32_t checksum_of(std::span<const std::byte> key, std::span<const std::byte> row) {
  return crc32c(row, crc32c(key));
}

std::optional<std::vector<float>> decode_row(std::span<const std::byte> key,
                                             std::span<const std::byte> row,
                                             std::uint64_t checksum) {
  if (checksum != checksum_of(key, row) || row.size() % 2 != 0) return std::nullopt;
  std::vector<float> values;
  values.reserve(row.size() / 2);
  ByteReader reader(row);
  while (!reader.at_end()) values.push_back(from_half(reader.get<std::uint16_t>()));
  return values;
}

Result<std::optional<std::uint64_t>> find_embedder(Connection& connection,
                                                   std::string_view fingerprint) {
  Statement row = TRY(connection.prepare("SELECT id FROM embedder WHERE fingerprint = ?1"));
  row.bind(fingerprint);
  if (!TRY(row.step())) return std::optional<std::uint64_t>();
  return std::optional<std::uint64_t>(row.unsigned_integer(0));
}

Status prepare_cache(Connection& connection, SqliteAccess access) {
  if (access == SqliteAccess::write) {
    TRY(
        connection.execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
                           "PRAGMA synchronous = NORMAL;"
                           "PRAGMA journal_size_limit = 33554432; PRAGMA cache_size = -16384;"));
    if (TRY(connection.query_integer("SELECT count(*) FROM sqlite_schema")) == 0) {
      auto transaction = TRY(WriteTransaction::begin(connection));
      TRY(connection.execute(kSchema));
      TRY(transaction.commit());
    }
  }
  if (TRY(connection.query_integer("PRAGMA user_version")) != kVersion) {
    return Error{ErrorCode::corrupt, "the embedding cache is of another format"};
  }
  return {};
}

}  // namespace

SqliteEmbeddingCache::SqliteEmbeddingCache(Env& env, std::string path, SqliteAccess access)
    : env_(env),
      path_(std::move(path)),
      // Each row has a checksum, and a row that is not found is made again.
      vfs_(std::make_unique<SqliteVfs>(env, access, PageChecksums::none)) {}

SqliteEmbeddingCache::~SqliteEmbeddingCache() {
  const MutexLock lock(mutex_);
  connection_.reset();
}

Status SqliteEmbeddingCache::connect(IfMissing missing) const {
  if (connection_) return {};
  if (missing == IfMissing::leave && !TRY(env_.stat(path_)).has_value()) return {};
  auto connection = TRY(Connection::open(*vfs_, path_));
  TRY(prepare_cache(*connection, vfs_->access()));
  connection_ = std::move(connection);
  return {};
}

void SqliteEmbeddingCache::set_aside() const {
  connection_.reset();
  if (vfs_->access() == SqliteAccess::read) return;
  // Whatever of this fails is met again by the next call, and costs no more than the cache.
  static_cast<void>(env_.rename(path_, path_ + ".damaged"));
  static_cast<void>(env_.remove(path_ + "-wal"));
  static_cast<void>(env_.remove(path_ + "-shm"));
  static_cast<void>(env_.remove(path_ + "-journal"));
}

Result<SqliteEmbeddingCache::Found> SqliteEmbeddingCache::find_rows(
    std::string_view embedder, std::span<const Hash128> keys) const {
  Found found(keys.size());
  TRY(connect(IfMissing::leave));
  if (!connection_) return found;
  const auto id = TRY(find_embedder(*connection_, embedder));
  if (!id) return found;
  Statement row = TRY(
      connection_->prepare("SELECT row, checksum FROM vector WHERE embedder = ?1 AND key = ?2"));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto key = encode_hash(keys[i]);
    row.reset();
    row.bind(*id, key);
    if (TRY(row.step())) found[i] = decode_row(key, row.blob(0), row.unsigned_integer(1));
  }
  return found;
}

Result<SqliteEmbeddingCache::Found> SqliteEmbeddingCache::find(
    std::string_view embedder_fingerprint, std::span<const Hash128> keys) const {
  const MutexLock lock(mutex_);
  auto found = find_rows(embedder_fingerprint, keys);
  if (found) return found;
  const bool is_transient = connection_ && connection_->is_transient();
  if (found.error().code == ErrorCode::corrupt) {
    set_aside();
  } else if (!is_transient && found.error().code != ErrorCode::unavailable) {
    return found;
  }
  // Not to know is always a right answer of a cache.
  connection_.reset();
  return Found(keys.size());
}

Status SqliteEmbeddingCache::put_rows(std::string_view embedder, std::span<const Hash128> keys,
                                      std::span<const float> rows) {
  const std::size_t dimension = rows.size() / keys.size();
  TRY(connect(IfMissing::make));
  auto transaction = TRY(WriteTransaction::begin(*connection_));
  auto id = TRY(find_embedder(*connection_, embedder));
  if (!id) {
    Statement insert = TRY(connection_->prepare("INSERT INTO embedder(fingerprint) VALUES (?1)"));
    TRY(insert.bind(embedder).run());
    id = static_cast<std::uint64_t>(connection_->last_row());
  }
  Statement insert = TRY(connection_->prepare(
      "INSERT INTO vector(embedder, key, row, checksum) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT(embedder, key) DO UPDATE SET row = ?3, checksum = ?4"));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto key = encode_hash(keys[i]);
    ByteWriter row;
    for (const float value : rows.subspan(i * dimension, dimension)) row.put(to_half(value));
    TRY(insert.bind(*id, key, row.bytes(), checksum_of(key, row.bytes())).run());
  }
  TRY(transaction.commit());
  if (connection_->wal_pages() >= kCheckpointPages) TRY(connection_->checkpoint());
  return {};
}

Status SqliteEmbeddingCache::put(std::string_view embedder_fingerprint,
                                 std::span<const Hash128> keys, std::span<const float> rows) {
  if (keys.empty()) return {};
  ASSERT(rows.size() % keys.size() == 0);
  if (vfs_->access() == SqliteAccess::read) {
    return Error{ErrorCode::failed_precondition,
                 path_ + " was opened for reading; it cannot be changed"};
  }
  const MutexLock lock(mutex_);
  Status done = put_rows(embedder_fingerprint, keys, rows);
  if (done || done.error().code != ErrorCode::corrupt) return done;
  set_aside();
  return put_rows(embedder_fingerprint, keys, rows);
}

}  // namespace saerok
