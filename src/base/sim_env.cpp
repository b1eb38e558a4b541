#include "base/sim_env.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/sim_inode.h"

namespace saerok {
namespace {

bool overlap(const LockRange& a, const LockRange& b) {
  return a.begin < b.begin + b.size && b.begin < a.begin + a.size;
}

Error missing(const std::string& path) {
  return {ErrorCode::not_found, "could not open " + path + ": there is no such file or folder"};
}

class SimBytes final : public FileBytes {
 public:
  explicit SimBytes(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::span<const std::byte> bytes() const override { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace

class SimFile final : public File {
 public:
  SimFile(SimEnv& env, std::shared_ptr<SimEnv::Inode> inode, std::string path, bool is_writable)
      : env_(env), inode_(std::move(inode)), path_(std::move(path)), is_writable_(is_writable) {}
  SimFile(const SimFile&) = delete;
  SimFile& operator=(const SimFile&) = delete;
  ~SimFile() override {
    const MutexLock lock(env_.mutex_);
    std::erase_if(inode_->locks, [&](const auto& held) { return held.owner == this; });
  }

  Result<std::size_t> read_at(std::span<std::byte> bytes, std::uint64_t offset) const override {
    const MutexLock lock(env_.mutex_);
    TRY(env_.check("read", path_));
    const auto& all = inode_->bytes;
    if (offset >= all.size()) return std::size_t{0};
    const std::size_t count = std::min(bytes.size(), all.size() - static_cast<std::size_t>(offset));
    std::memcpy(bytes.data(), all.data() + offset, count);
    return count;
  }

  Status write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    const MutexLock lock(env_.mutex_);
    ASSERT(is_writable_);
    Status checked = env_.check("write", path_);
    if (!checked && checked.error().code == ErrorCode::out_of_space) {
      bytes = bytes.first(bytes.size() / 2);
    } else if (!checked) {
      return checked;
    }
    if (checked) TRY(env_.check_room(*inode_, offset + bytes.size()));
    inode_->change({.offset = offset, .bytes = {bytes.begin(), bytes.end()}});
    return checked;
  }

  Status truncate(std::uint64_t size) override {
    const MutexLock lock(env_.mutex_);
    ASSERT(is_writable_);
    TRY(env_.check("truncate", path_));
    if (size == inode_->bytes.size()) return {};
    inode_->change({.offset = size, .bytes = {}, .is_truncation = true});
    if (size == 0) inode_->shared.clear();
    return {};
  }

  Status sync() override {
    const MutexLock lock(env_.mutex_);
    Status checked = env_.check("sync", path_);
    if (checked) {
      for (const auto& change : inode_->unsynced) {
        SimEnv::Inode::apply(change, inode_->durable_bytes);
      }
    }
    // After a failure the kernel holds the pages for clean: they are never written.
    inode_->unsynced.clear();
    return checked;
  }

  Result<std::uint64_t> size() const override {
    const MutexLock lock(env_.mutex_);
    TRY(env_.check("size", path_));
    return static_cast<std::uint64_t>(inode_->bytes.size());
  }

  Result<bool> lock(LockKind kind, LockRange range) override {
    const MutexLock lock(env_.mutex_);
    TRY(env_.check("lock", path_));
    if (kind != LockKind::none) {
      const LockKind other = strongest_of_others(range);
      const bool may_share = other == LockKind::shared && kind == LockKind::shared;
      if (other != LockKind::none && !may_share) return false;
    }
    release(range);
    if (kind != LockKind::none) inode_->locks.push_back({this, kind, range});
    return true;
  }

  Result<LockKind> probe_lock(LockRange range) const override {
    const MutexLock lock(env_.mutex_);
    TRY(env_.check("probe lock", path_));
    return strongest_of_others(range);
  }

  Status allocate(std::uint64_t size) override {
    const MutexLock lock(env_.mutex_);
    ASSERT(is_writable_);
    TRY(env_.check("allocate", path_));
    TRY(env_.check_room(*inode_, size));
    inode_->allocated = std::max(inode_->allocated, size);
    return {};
  }

  Result<void*> map_shared(std::uint64_t offset, std::size_t size) override {
    const MutexLock lock(env_.mutex_);
    TRY(env_.check("map shared", path_));
    ASSERT(inode_->bytes.size() >= offset + size);
    auto& region = inode_->shared[offset];
    ASSERT(region.empty() || region.size() == size);
    region.resize(size);
    return static_cast<void*>(region.data());
  }

 private:
  LockKind strongest_of_others(const LockRange& range) const {
    LockKind strongest = LockKind::none;
    for (const auto& held : inode_->locks) {
      if (held.owner == this || !overlap(held.range, range)) continue;
      strongest = std::max(strongest, held.kind);
    }
    return strongest;
  }

  /// Takes `range` out of what this file holds; a lock around it is cut in two.
  void release(const LockRange& range) {
    const std::uint64_t end = range.begin + range.size;
    std::vector<SimEnv::Inode::Lock> kept;
    for (const auto& held : inode_->locks) {
      if (held.owner != this || !overlap(held.range, range)) {
        kept.push_back(held);
        continue;
      }
      const std::uint64_t held_end = held.range.begin + held.range.size;
      if (held.range.begin < range.begin) {
        kept.push_back({this, held.kind, {held.range.begin, range.begin - held.range.begin}});
      }
      if (held_end > end) kept.push_back({this, held.kind, {end, held_end - end}});
    }
    inode_->locks = std::move(kept);
  }

  SimEnv& env_;
  std::shared_ptr<SimEnv::Inode> inode_;
  std::string path_;
  bool is_writable_;
};

SimEnv::SimEnv(std::uint64_t seed) : random_(seed) {
  const auto root = std::make_shared<Inode>();
  root->is_directory = true;
  names_["/"] = root;
  durable_names_["/"] = root;
}

SimEnv::~SimEnv() = default;

void SimEnv::inject(SimFault fault) {
  const MutexLock lock(mutex_);
  fault_ = std::move(fault);
  calls_ = 0;
  matching_calls_ = 0;
  log_.clear();
}

std::uint64_t SimEnv::calls() const {
  const MutexLock lock(mutex_);
  return calls_;
}

std::vector<std::string> SimEnv::log() const {
  const MutexLock lock(mutex_);
  return log_;
}

Status SimEnv::check(std::string_view call, const std::string& path) {
  ++calls_;
  log_.push_back(std::string(call) + " " + path);
  if (fault_.call == 0 || !log_.back().starts_with(fault_.only)) return {};
  ++matching_calls_;
  const bool is_later = fault_.is_sticky && matching_calls_ > fault_.call;
  if (matching_calls_ != fault_.call && !is_later) return {};
  return Error{fault_.code, "could not " + std::string(call) + " " + path + ": simulated fault"};
}

void SimEnv::apply(const NameChange& change, Names& names) {
  if (!change.from.empty()) {
    const auto found = names.find(change.from);
    // An earlier change may be lost: then the old name never led to this file.
    if (found != names.end() && found->second == change.inode) names.erase(found);
  }
  if (change.inode == nullptr) {
    names.erase(change.to);
  } else {
    names[change.to] = change.inode;
  }
}

void SimEnv::change_name(NameChange change) {
  apply(change, names_);
  unsynced_names_.push_back(std::move(change));
}

Result<std::unique_ptr<File>> SimEnv::open(const std::string& path, FileAccess access) {
  const MutexLock lock(mutex_);
  TRY(check("open", path));
  auto found = names_.find(path);
  if (found == names_.end()) {
    const bool may_create = access == FileAccess::create || access == FileAccess::create_new;
    if (!may_create || !names_.contains(parent_path(path))) return missing(path);
    change_name({.from = {}, .to = path, .inode = std::make_shared<Inode>()});
    found = names_.find(path);
  } else if (access == FileAccess::create_new) {
    return Error{ErrorCode::failed_precondition, "could not open " + path + ": it exists already"};
  }
  if (found->second->is_directory) {
    return Error{ErrorCode::failed_precondition, "could not open " + path + ": it is not a file"};
  }
  return std::unique_ptr<File>(
      std::make_unique<SimFile>(*this, found->second, path, access != FileAccess::read));
}

Result<std::shared_ptr<const FileBytes>> SimEnv::map(const std::string& path) {
  const MutexLock lock(mutex_);
  TRY(check("map", path));
  const auto found = names_.find(path);
  if (found == names_.end() || found->second->is_directory) return missing(path);
  return std::shared_ptr<const FileBytes>(std::make_shared<SimBytes>(found->second->bytes));
}

Status SimEnv::rename(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  TRY(check("rename", from));
  const auto found = names_.find(from);
  if (found == names_.end() || !names_.contains(parent_path(to))) return missing(from);
  ASSERT(!found->second->is_directory);
  change_name({.from = from, .to = to, .inode = found->second});
  return {};
}

Status SimEnv::remove(const std::string& path) {
  const MutexLock lock(mutex_);
  TRY(check("remove", path));
  if (!names_.contains(path)) return missing(path);
  change_name({.from = {}, .to = path, .inode = nullptr});
  return {};
}

Status SimEnv::sync_directory(const std::string& path) {
  const MutexLock lock(mutex_);
  Status checked = check("sync directory", path);
  if (!names_.contains(path)) return missing(path);
  std::vector<NameChange> others;
  for (auto& change : unsynced_names_) {
    const bool is_here = parent_path(change.to) == path ||
                         (!change.from.empty() && parent_path(change.from) == path);
    if (!is_here) {
      others.push_back(std::move(change));
    } else if (checked) {
      apply(change, durable_names_);
    }
  }
  if (checked) unsynced_names_ = std::move(others);
  return checked;
}

Status SimEnv::make_directory(const std::string& path) {
  const MutexLock lock(mutex_);
  TRY(check("make directory", path));
  const auto found = names_.find(path);
  if (found != names_.end()) {
    if (found->second->is_directory) return {};
    return Error{ErrorCode::failed_precondition,
                 "could not make the folder " + path + ": a file of that name is in the way"};
  }
  if (!names_.contains(parent_path(path))) return missing(path);
  auto folder = std::make_shared<Inode>();
  folder->is_directory = true;
  change_name({.from = {}, .to = path, .inode = std::move(folder)});
  return {};
}

Result<std::vector<std::string>> SimEnv::list(const std::string& path) {
  const MutexLock lock(mutex_);
  TRY(check("list", path));
  if (!names_.contains(path)) return missing(path);
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) {
    if (name != "/" && parent_path(name) == path) names.push_back(name.substr(name.rfind('/') + 1));
  }
  return names;
}

Result<std::optional<FileInfo>> SimEnv::stat(const std::string& path) {
  const MutexLock lock(mutex_);
  TRY(check("stat", path));
  const auto found = names_.find(path);
  if (found == names_.end()) return std::optional<FileInfo>();
  return std::optional<FileInfo>(
      FileInfo{found->second->bytes.size(), found->second->is_directory, found->second->taken()});
}

Result<FileSystemInfo> SimEnv::file_system(const std::string& path) {
  const MutexLock lock(mutex_);
  TRY(check("file system", path));
  if (!names_.contains(path)) return missing(path);
  constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;
  const std::uint64_t free_bytes =
      capacity_ ? *capacity_ - std::min(used_bytes(), *capacity_) : kPlenty;
  return FileSystemInfo{file_system_type_, free_bytes};
}

void SimEnv::set_file_system_type(std::string type) {
  const MutexLock lock(mutex_);
  file_system_type_ = std::move(type);
}

void SimEnv::set_capacity(std::optional<std::uint64_t> bytes) {
  const MutexLock lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t SimEnv::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [name, inode] : names_) used += inode->taken();
  return used;
}

Status SimEnv::check_room(const Inode& inode, std::uint64_t size) const {
  if (!capacity_ || size <= inode.taken()) return {};
  if (used_bytes() + (size - inode.taken()) <= *capacity_) return {};
  return Error{ErrorCode::out_of_space, "the simulated disk is full"};
}

std::string SimEnv::absolute_path(std::string_view path) const {
  std::string text = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string SimEnv::process_description() const { return "process 1 (simulated)"; }

void SimEnv::fill_random(std::span<std::byte> bytes) {
  const MutexLock lock(mutex_);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_.next());
}

void SimEnv::sleep_us(std::uint32_t) {}

void SimEnv::flip_bit(const std::string& path, std::uint64_t bit) {
  const MutexLock lock(mutex_);
  const auto found = names_.find(path);
  ASSERT(found != names_.end() && bit / 8 < found->second->bytes.size());
  const auto mask = static_cast<std::byte>(1u << (bit % 8));
  found->second->bytes[static_cast<std::size_t>(bit / 8)] ^= mask;
  found->second->durable_bytes = found->second->bytes;
  found->second->unsynced.clear();
}

}  // namespace saerok
