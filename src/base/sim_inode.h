/// What SimEnv keeps of one file or folder: its bytes as processes see them, its bytes as the disk
/// has them, and what lies between. Private to sim_env.cpp and sim_power_loss.cpp.
#pragma once

#include <algorithm>

#include "base/sim_env.h"

namespace saerok {

struct SimEnv::Inode {
  /// Bytes written since the last sync, or, if `is_truncation`, a new size.
  struct Change {
    std::uint64_t offset = 0;  ///< Of a truncation, the size.
    std::vector<std::byte> bytes;
    bool is_truncation = false;
  };
  struct Lock {
    const void* owner = nullptr;
    LockKind kind = LockKind::none;
    LockRange range;
  };

  bool is_directory = false;
  std::uint64_t allocated = 0;  ///< Room taken by allocate().
  std::vector<std::byte> bytes;
  std::vector<std::byte> durable_bytes;
  std::vector<Change> unsynced;
  std::vector<Lock> locks;
  /// Shared memory by offset. Only the -shm file is mapped so, and only through memory.
  std::map<std::uint64_t, std::vector<std::byte>> shared;

  /// Bytes on the disk.
  std::uint64_t taken() const { return std::max<std::uint64_t>(bytes.size(), allocated); }

  static void apply(const Change& change, std::vector<std::byte>& to) {
    if (change.is_truncation) {
      to.resize(static_cast<std::size_t>(change.offset));
      return;
    }
    const auto end = static_cast<std::size_t>(change.offset) + change.bytes.size();
    if (to.size() < end) to.resize(end);
    std::copy(change.bytes.begin(), change.bytes.end(),
              to.begin() + static_cast<std::ptrdiff_t>(change.offset));
  }
  void change(Change change) {
    apply(change, bytes);
    unsynced.push_back(std::move(change));
  }
};

}  // namespace saerok
