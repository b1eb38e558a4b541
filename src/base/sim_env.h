/// An Env in memory that fails and forgets on demand. It makes the store's fakes (Truth and
/// Directory on SimEnv) and the fault and power-loss tests. Not a model of speed.
///
/// It is stricter than most disks: a name lives only once its folder was synced, each unsynced name
/// and each unsynced write is kept or lost on its own, and after a failed sync the writes before it
/// are never durable, however often the file is synced again (as on Linux since 4.13).
#pragma once

#include <map>
#include <optional>

#include "base/env.h"
#include "base/mutex.h"
#include "base/random.h"

namespace saerok {

/// What of the unsynced survives a power cut.
enum class PowerLoss : std::uint8_t {
  ordered,  ///< Names and writes of before some moment, none of after; the last write torn.
  any,      ///< Any combination of names and writes; each write whole, torn, zeroed or gone.
};

struct SimFault {
  std::uint64_t call = 0;  ///< Which call fails, from 1; 0 for none. See SimEnv::calls().
  ErrorCode code = ErrorCode::unavailable;
  bool is_sticky = false;  ///< All calls from that one on fail.
  std::string only;        ///< Counts and fails only calls whose line in log() begins so.
};

class SimEnv final : public Env {
 public:
  /// An empty file system with a root folder "/". The seed is for fill_random() only.
  explicit SimEnv(std::uint64_t seed = 1);
  ~SimEnv() override;
  SimEnv(const SimEnv&) = delete;
  SimEnv& operator=(const SimEnv&) = delete;

  /// Counts calls anew, from 1, and makes one (or all from it on) fail. A write that fails with
  /// out_of_space leaves its first half.
  void inject(SimFault fault);
  /// Calls that could have failed since the last inject().
  std::uint64_t calls() const;
  /// Names of the calls since the last inject() with their files, for test messages.
  std::vector<std::string> log() const;

  /// A file system as it may be found after a power cut at this moment. Locks are gone.
  std::unique_ptr<SimEnv> after_power_loss(PowerLoss model, Random& random) const;
  /// The same file system after the death of all its processes: everything written is there.
  std::unique_ptr<SimEnv> after_process_death() const;
  /// Turns one bit of a file over, as a rotting disk would. Requires bit < 8 × size.
  void flip_bit(const std::string& path, std::uint64_t bit);

  /// The kind of file system that everything stands on; "local" at first.
  void set_file_system_type(std::string type);
  /// All files together may take so many bytes; more is out_of_space. No limit at first.
  void set_capacity(std::optional<std::uint64_t> bytes);

  Result<std::unique_ptr<File>> open(const std::string& path, FileAccess access) override;
  Result<std::shared_ptr<const FileBytes>> map(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::optional<FileInfo>> stat(const std::string& path) override;
  Result<FileSystemInfo> file_system(const std::string& path) override;
  std::string absolute_path(std::string_view path) const override;
  std::string process_description() const override;
  void fill_random(std::span<std::byte> bytes) override;
  void sleep_us(std::uint32_t microseconds) override;

 private:
  friend class SimFile;
  struct Inode;
  using InodePointer = std::shared_ptr<Inode>;
  using Names = std::map<std::string, InodePointer>;
  /// A name that changed since its folder was synced: `to` names `inode` (null: removed), and
  /// `from`, if not empty, is gone.
  struct NameChange {
    std::string from;
    std::string to;
    InodePointer inode;
  };

  Status check(std::string_view call, const std::string& path) REQUIRES_LOCK(mutex_);
  void change_name(NameChange change) REQUIRES_LOCK(mutex_);
  std::uint64_t used_bytes() const REQUIRES_LOCK(mutex_);
  /// Room for an inode to take `size` bytes. Errors: out_of_space.
  Status check_room(const Inode& inode, std::uint64_t size) const REQUIRES_LOCK(mutex_);
  static void apply(const NameChange& change, Names& names);

  mutable Mutex mutex_;
  Names names_ GUARDED_BY(mutex_);
  Names durable_names_ GUARDED_BY(mutex_);
  std::vector<NameChange> unsynced_names_ GUARDED_BY(mutex_);
  SimFault fault_ GUARDED_BY(mutex_);
  std::uint64_t calls_ GUARDED_BY(mutex_) = 0;
  std::uint64_t matching_calls_ GUARDED_BY(mutex_) = 0;
  std::vector<std::string> log_ GUARDED_BY(mutex_);
  std::string file_system_type_ GUARDED_BY(mutex_) = "local";
  std::optional<std::uint64_t> capacity_ GUARDED_BY(mutex_);
  Random random_ GUARDED_BY(mutex_);
};

}  // namespace saerok
