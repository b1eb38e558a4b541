/// The EmbeddingCache in an SQLite database of its own, emb.db. It may be lost at any moment: a
/// damaged one is set aside and begun anew, and a row that fails its checksum is not known.
#pragma once

#include <memory>
#include <string>

#include "base/env.h"
#include "base/mutex.h"
#include "saerok/storage.h"
#include "storage/sqlite_connection.h"

namespace saerok {

/// Thread-safe. The file is made by the first put().
class SqliteEmbeddingCache final : public EmbeddingCache {
 public:
  /// `env` must outlive the cache.
  SqliteEmbeddingCache(Env& env, std::string path, SqliteAccess access);
  ~SqliteEmbeddingCache() override;

  Result<std::vector<std::optional<std::vector<float>>>> find(
      std::string_view embedder_fingerprint, std::span<const Hash128> keys) const override;
  Status put(std::string_view embedder_fingerprint, std::span<const Hash128> keys,
             std::span<const float> rows) override;

 private:
  using Found = std::vector<std::optional<std::vector<float>>>;
  enum class IfMissing : std::uint8_t { leave, make };

  /// Leaves connection_ empty if there is no file and none is to be made.
  Status connect(IfMissing missing) const REQUIRES_LOCK(mutex_);
  Result<Found> find_rows(std::string_view embedder, std::span<const Hash128> keys) const
      REQUIRES_LOCK(mutex_);
  Status put_rows(std::string_view embedder, std::span<const Hash128> keys,
                  std::span<const float> rows) REQUIRES_LOCK(mutex_);
  void set_aside() const REQUIRES_LOCK(mutex_);

  Env& env_;
  std::string path_;
  mutable Mutex mutex_;
  std::unique_ptr<SqliteVfs> vfs_;
  mutable std::unique_ptr<Connection> connection_ GUARDED_BY(mutex_);
};

}  // namespace saerok
