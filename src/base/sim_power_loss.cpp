// What SimEnv's disk holds after its machine or its processes stopped.

#include "base/sim_env.h"
#include "base/sim_inode.h"

namespace saerok {
namespace {

constexpr std::uint64_t kSectorSize = 512;

/// What is left of one write: all, a prefix of whole sectors, zeros, or nothing.
enum class Remains : std::uint8_t { whole, prefix, zeroed, nothing };

Remains draw_remains(Random& random) {
  const std::uint64_t draw = random.below(10);
  if (draw < 4) return Remains::whole;
  if (draw < 7) return Remains::nothing;
  return draw < 9 ? Remains::prefix : Remains::zeroed;
}

}  // namespace

std::unique_ptr<SimEnv> SimEnv::after_power_loss(PowerLoss model, Random& random) const {
  const MutexLock lock(mutex_);
  auto next = std::make_unique<SimEnv>(random.next());
  const MutexLock next_lock(next->mutex_);

  Names names = durable_names_;
  const std::size_t kept_names = random.below(unsynced_names_.size() + 1);
  for (std::size_t i = 0; i < unsynced_names_.size(); ++i) {
    const bool is_kept = model == PowerLoss::ordered ? i < kept_names : random.chance(0.5);
    if (is_kept) apply(unsynced_names_[i], names);
  }

  for (const auto& [name, inode] : names) {
    // What lies in a folder that was lost is lost with it; parents sort before their contents.
    if (name != "/" && !next->names_.contains(parent_path(name))) continue;
    auto copy = std::make_shared<Inode>();
    copy->is_directory = inode->is_directory;
    copy->bytes = inode->durable_bytes;
    const std::size_t kept_changes = random.below(inode->unsynced.size() + 1);
    for (std::size_t i = 0; i < inode->unsynced.size(); ++i) {
      Inode::Change change = inode->unsynced[i];
      Remains remains = draw_remains(random);
      if (model == PowerLoss::ordered) {
        if (i > kept_changes) break;
        remains = i < kept_changes ? Remains::whole : Remains::prefix;
      }
      if (remains == Remains::nothing) continue;
      if (remains == Remains::prefix) {
        if (change.is_truncation) continue;
        const std::uint64_t sectors = random.below(change.bytes.size() / kSectorSize + 1);
        change.bytes.resize(static_cast<std::size_t>(sectors * kSectorSize));
        if (change.bytes.empty()) continue;
      } else if (remains == Remains::zeroed && !change.is_truncation) {
        // Only the size was saved: bytes that were there before stay.
        const std::uint64_t end = change.offset + change.bytes.size();
        if (end > copy->bytes.size()) copy->bytes.resize(static_cast<std::size_t>(end));
        continue;
      }
      Inode::apply(change, copy->bytes);
    }
    copy->durable_bytes = copy->bytes;
    next->names_[name] = std::move(copy);
  }
  next->durable_names_ = next->names_;
  return next;
}

std::unique_ptr<SimEnv> SimEnv::after_process_death() const {
  const MutexLock lock(mutex_);
  auto next = std::make_unique<SimEnv>(1);
  const MutexLock next_lock(next->mutex_);
  for (const auto& [name, inode] : names_) {
    auto copy = std::make_shared<Inode>(*inode);
    copy->locks.clear();
    next->names_[name] = std::move(copy);
  }
  next->durable_names_ = next->names_;
  return next;
}

}  // namespace saerok
