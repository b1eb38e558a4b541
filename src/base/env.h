/// Env: the one seam between the store and the machine. Every byte of a store, SQLite's included,
/// is read and written through it, so that a fault or a power cut can be simulated for all of it.
/// Not for the user's documents, which ingest/ reads directly.
///
/// posix_env.h has the real one, sim_env.h the one that fails, tears and forgets on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"
#include "saerok/storage.h"

namespace saerok {

enum class FileAccess : std::uint8_t {
  read,        ///< Must exist; not written to.
  write,       ///< Must exist.
  create,      ///< Made if missing.
  create_new,  ///< Must not exist: failed_precondition.
};

enum class LockKind : std::uint8_t { none, shared, exclusive };

/// Bytes of a file that a lock covers. They need not exist.
struct LockRange {
  std::uint64_t begin = 0;
  std::uint64_t size = 1;
};

/// An open file. Locks belong to the File that took them, not to the process or thread, and end
/// with it. Errors of every call: unavailable; of writing also out_of_space.
class File {
 public:
  virtual ~File() = default;

  /// Returns how many bytes were read: fewer than asked for only at the end of the file.
  virtual Result<std::size_t> read_at(std::span<std::byte> bytes, std::uint64_t offset) const = 0;
  /// Writes all or fails; after a failure some of the bytes may be there.
  virtual Status write_at(std::span<const std::byte> bytes, std::uint64_t offset) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  /// Contents and size survive a power cut when it returns; the name only after
  /// Env::sync_directory(). After a failure what was written may be lost for ever, however often
  /// it is synced again.
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() const = 0;

  /// Changes what this File holds on `range` without waiting; `none` releases. Returns false if
  /// another File holds a lock in the way. An exclusive lock needs a File opened for writing.
  virtual Result<bool> lock(LockKind kind, LockRange range) = 0;
  /// The strongest lock that another File holds in `range`.
  virtual Result<LockKind> probe_lock(LockRange range) const = 0;

  /// Takes room for `size` bytes on the disk without changing what size() says.
  /// Errors: also unavailable where the file system cannot.
  virtual Status allocate(std::uint64_t size) = 0;

  /// Memory that every File of the same name shares, other processes included; valid as long as
  /// this File. Requires offset a multiple of 32 KiB and the file to be at least offset + size
  /// long. Writable only if the File is.
  virtual Result<void*> map_shared(std::uint64_t offset, std::size_t size) = 0;
};

struct FileInfo {
  std::uint64_t size = 0;
  bool is_directory = false;
  std::uint64_t allocated = 0;  ///< Bytes that it takes on the disk.
};

/// What a folder stands on.
struct FileSystemInfo {
  std::string type;              ///< As mount(8) names it: "nfs", "fuse.sshfs"; "local" for most.
  std::uint64_t free_bytes = 0;  ///< That this user may still write.
};

/// Errors of every call: unavailable; not_found; failed_precondition where permissions or a
/// read-only medium are in the way; out_of_space. Paths are '/'-separated. Thread-safe.
class Env {
 public:
  virtual ~Env() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, FileAccess access) = 0;
  /// The whole file, mapped; it must not change while the result lives.
  virtual Result<std::shared_ptr<const FileBytes>> map(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  /// Names created, renamed or removed in the folder survive a power cut when it returns.
  virtual Status sync_directory(const std::string& path) = 0;
  /// One level; no error if it exists. Readable by the owner only.
  virtual Status make_directory(const std::string& path) = 0;
  /// Names in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// Nothing if there is no such file.
  virtual Result<std::optional<FileInfo>> stat(const std::string& path) = 0;

  /// Of the file system that holds `path`, which exists.
  virtual Result<FileSystemInfo> file_system(const std::string& path) = 0;

  virtual std::string absolute_path(std::string_view path) const = 0;
  /// This process for a message to a person: "process 4711 (saerok index notes)".
  virtual std::string process_description() const = 0;
  virtual void fill_random(std::span<std::byte> bytes) = 0;
  virtual void sleep_us(std::uint32_t microseconds) = 0;
};

/// The folder that holds `path`: what to sync after its name changed.
inline std::string parent_path(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Reads a whole small file. Errors: also corrupt, if it is larger than `size_max`.
Result<std::string> read_whole_file(Env& env, const std::string& path, std::uint64_t size_max);

/// Makes `path` hold exactly `bytes`, durably and in one step: other readers see the old contents
/// or the new. `temporary_path` must be in the same file system; its folder is not synced.
Status write_file_durably(Env& env, const std::string& path, const std::string& temporary_path,
                          std::span<const std::byte> bytes);

}  // namespace saerok
