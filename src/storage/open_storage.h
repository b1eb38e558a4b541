/// Opens a store: its folder, its lock, its truth, its segment files and its embedding cache. What
/// an earlier process left half done is cleared away here; what is in the segments is not looked
/// at.
///
///   FORMAT            who may read and write it; written last: without it a store is unfinished
///   LOCK              held by the one writer; never removed
///   truth.db          and -wal, -shm
///   emb.db            the embedding cache; may be removed at any time
///   seg/  tmp/        segment files, and segment files being written
///   quarantine/       damaged segment files, each with a text that says what was wrong
///   reserve           room for a full disk (store_reserve.h)
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/env.h"
#include "saerok/memory.h"
#include "saerok/storage.h"
#include "storage/store_location.h"

namespace saerok {

enum class OpenMode : std::uint8_t {
  read,   ///< Creates nothing and changes no byte.
  write,  ///< Creates what is missing and holds the store's lock.
};

/// Members are closed from the last to the first: the lock outlives all else.
struct Storage {
  std::string folder;          ///< Absolute.
  std::unique_ptr<File> lock;  ///< Null if opened for reading.
  std::unique_ptr<Truth> truth;
  Memory* memory = nullptr;  ///< Stands in the truth's database, and lives as long as it.
  std::unique_ptr<Directory> segments;
  std::unique_ptr<EmbeddingCache> embeddings;
};

/// `env` must outlive the result. Errors: not_found (reading) if there is no store;
/// failed_precondition if another process writes to it, if it is of a newer format, or if the
/// folder holds something else, or (writing) stands where `place` forbids it; corrupt.
Result<Storage> open_storage(Env& env, std::string_view store_folder, OpenMode mode,
                             StorePlace place = StorePlace::local_only);

/// For writing into a store that must be there already: opening one for writing would make it.
/// Errors: as above, and not_found.
Result<Storage> open_existing_storage(Env& env, std::string_view store_folder,
                                      StorePlace place = StorePlace::local_only);

}  // namespace saerok
