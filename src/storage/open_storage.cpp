#include "storage/open_storage.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "storage/env_directory.h"
#include "storage/sqlite_embedding_cache.h"
#include "storage/sqlite_truth.h"
#include "storage/store_format.h"
#include "storage/store_reserve.h"

namespace saerok {
namespace {

constexpr std::uint64_t kSmallFileBytesMax = 4'096;
constexpr LockRange kWriterLock{0, 1};

/// Makes the folder and what is missing above it, each name durable.
Status make_folders(Env& env, const std::string& folder) {
  const auto info = TRY(env.stat(folder));
  if (info && info->is_directory) return {};
  const std::string parent = parent_path(folder);
  if (!info && parent != folder) TRY(make_folders(env, parent));
  TRY(env.make_directory(folder));
  return env.sync_directory(parent);
}

/// Keeps a mistaken --store from turning somebody's folder into a store: what is not known is never
/// emptied or written into.
Status check_is_ours(Env& env, const std::string& folder) {
  // By default the folders of models and of the lab are inside the store's (docs/names.md), and may
  // be there first. A daemon leaves its lock, its token and the documents that were given to it.
  static constexpr std::array<std::string_view, 20> kKnown = {"FORMAT",
                                                              "LOCK",
                                                              "truth.db",
                                                              "truth.db-wal",
                                                              "truth.db-shm",
                                                              "truth.db-journal",
                                                              "emb.db",
                                                              "emb.db-wal",
                                                              "emb.db-shm",
                                                              "emb.db-journal",
                                                              "emb.db.damaged",
                                                              "seg",
                                                              "tmp",
                                                              "models",
                                                              "lab",
                                                              "token",
                                                              "documents",
                                                              "daemon.lock",
                                                              "quarantine",
                                                              "reserve"};
  const auto names = TRY(env.list(folder));
  if (std::ranges::find(names, "FORMAT") != names.end()) return {};
  for (const std::string& name : names) {
    if (std::ranges::find(kKnown, name) == kKnown.end()) {
      return Error{ErrorCode::failed_precondition,
                   folder + " is neither empty nor a saerok store (it holds " + name +
                       "); name another folder with --store"};
    }
  }
  return {};
}

Result<std::unique_ptr<File>> take_lock(Env& env, const std::string& folder) {
  const std::string path = folder + "/LOCK";
  auto lock = TRY(env.open(path, FileAccess::create));
  if (!TRY(lock->lock(LockKind::exclusive, kWriterLock))) {
    std::string holder = read_whole_file(env, path, kSmallFileBytesMax).value_or("");
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return Error{ErrorCode::failed_precondition,
                 "another process is writing to the store " + folder + ": " +
                     (holder.empty() ? "its name is not known" : holder) +
                     "; wait for it to end or stop it"};
  }
  // For messages only: the lock is the kernel's.
  TRY(lock->truncate(0));
  TRY(lock->write_at(as_byte_span(env.process_description() + "\n"), 0));
  return lock;
}

Result<StoreFormat> read_format(Env& env, const std::string& path) {
  return decode_store_format(TRY(read_whole_file(env, path, kSmallFileBytesMax)), path);
}

Status write_format(Env& env, const std::string& folder, const StoreFormat& format) {
  const std::string text = encode_store_format(format);
  return write_file_durably(env, folder + "/FORMAT", folder + "/tmp/FORMAT", as_byte_span(text));
}

Status check_format(const StoreFormat& format, std::uint32_t known_min, const std::string& folder) {
  if (known_min <= kStoreFormat) return {};
  return Error{ErrorCode::failed_precondition,
               "the store " + folder + " is of format " + std::to_string(format.format) +
                   ", this saerok knows up to " + std::to_string(kStoreFormat) + "; update saerok"};
}

/// Nothing in tmp/ was ever named by the truth; a segment file that no row names does not exist.
/// What cannot be removed now is met again at the next opening.
Status clear_leftovers(Env& env, const std::string& folder, const Truth& truth) {
  for (const std::string& name : TRY(env.list(folder + "/tmp"))) {
    static_cast<void>(env.remove(folder + "/tmp/" + name));
  }
  const auto named = TRY(truth.segment_files());
  for (const std::string& name : TRY(env.list(folder + "/seg"))) {
    if (!name.ends_with(".seg") || std::ranges::binary_search(named, name)) continue;
    static_cast<void>(env.remove(folder + "/seg/" + name));
  }
  return {};
}

void take_truth(Storage& storage, std::unique_ptr<SqliteTruth> truth) {
  storage.memory = truth.get();
  storage.truth = std::move(truth);
}

Result<Storage> open_for_writing(Env& env, const std::string& folder) {
  TRY(make_folders(env, folder));
  TRY(check_is_ours(env, folder));
  Storage storage;
  storage.folder = folder;
  storage.lock = TRY(take_lock(env, folder));
  const std::string format_path = folder + "/FORMAT";
  const bool is_new = !TRY(env.stat(format_path)).has_value();
  StoreFormat format;
  if (!is_new) {
    format = TRY(read_format(env, format_path));
    TRY(check_format(format, std::max(format.writer_min, format.reader_min), folder));
  }
  TRY(env.make_directory(folder + "/seg"));
  TRY(env.make_directory(folder + "/tmp"));
  TRY(env.sync_directory(folder));
  // Before the truth gets checksums, which an older writer would break, and after nothing else.
  if (!is_new && format.writer_min < kChecksumsStoreFormat) {
    TRY(write_format(env, folder, {.id = format.id}));
  }
  take_truth(storage, TRY(SqliteTruth::open(env, folder + "/truth.db", SqliteAccess::write)));
  if (is_new) TRY(write_format(env, folder, draw_store_format(env)));
  TRY(clear_leftovers(env, folder, *storage.truth));
  keep_reserve(env, folder);
  return storage;
}

Result<Storage> open_for_reading(Env& env, const std::string& folder) {
  Storage storage;
  storage.folder = folder;
  const std::string format_path = folder + "/FORMAT";
  if (!TRY(env.stat(format_path)).has_value()) {
    return Error{ErrorCode::not_found,
                 "there is no store at " + folder + "; run `saerok index FOLDER` first"};
  }
  const StoreFormat format = TRY(read_format(env, format_path));
  TRY(check_format(format, format.reader_min, folder));
  auto truth = SqliteTruth::open(env, folder + "/truth.db", SqliteAccess::read);
  if (!truth && truth.error().code == ErrorCode::not_found) {
    return Error{ErrorCode::corrupt, "the store " + folder +
                                         " has lost its truth.db; restore it from a backup, or "
                                         "move the folder aside and index again"};
  }
  take_truth(storage, TRY(std::move(truth)));
  return storage;
}

}  // namespace

Result<Storage> open_storage(Env& env, std::string_view store_folder, OpenMode mode,
                             StorePlace place) {
  const std::string folder = env.absolute_path(store_folder);
  const bool is_writer = mode == OpenMode::write;
  if (is_writer && place == StorePlace::local_only) TRY(check_store_location(env, folder));
  Storage storage = TRY(is_writer ? open_for_writing(env, folder) : open_for_reading(env, folder));
  storage.segments = std::make_unique<EnvDirectory>(env, folder);
  storage.embeddings = std::make_unique<SqliteEmbeddingCache>(
      env, folder + "/emb.db", is_writer ? SqliteAccess::write : SqliteAccess::read);
  return storage;
}

Result<Storage> open_existing_storage(Env& env, std::string_view store_folder, StorePlace place) {
  TRY(open_storage(env, store_folder, OpenMode::read));
  return open_storage(env, store_folder, OpenMode::write, place);
}

}  // namespace saerok
