#include "base/posix_env.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>

#include "base/assert.h"
#include "base/file_system_type.h"

namespace saerok {
namespace {

Error failure(std::string_view verb, const std::string& path, int code) {
  std::string message = "could not " + std::string(verb) + " " + path + ": ";
  switch (code) {
    case ENOENT:
    case ENOTDIR: return {ErrorCode::not_found, message + "there is no such file or folder"};
    case EEXIST: return {ErrorCode::failed_precondition, message + "it exists already"};
    case ENOSPC:
      return {ErrorCode::out_of_space, message + "the disk is full; free some space and try again"};
    case EDQUOT:
      return {ErrorCode::out_of_space,
              message + "your disk quota is used up; free some space and try again"};
    case EACCES:
    case EPERM:
      return {ErrorCode::failed_precondition, message + "permission denied; check who owns it"};
    case EROFS: return {ErrorCode::failed_precondition, message + "the file system is read-only"};
    default: return {ErrorCode::unavailable, message + std::strerror(code)};
  }
}

/// Repeats a system call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Mapping final : public FileBytes {
 public:
  Mapping(void* data, std::size_t size) : data_(data), size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() override {
    if (size_ > 0) ::munmap(data_, size_);
  }
  std::span<const std::byte> bytes() const override {
    return {static_cast<const std::byte*>(data_), size_};
  }
  void* data() const { return data_; }

 private:
  void* data_;
  std::size_t size_;
};

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path, bool is_writable)
      : descriptor_(descriptor), path_(std::move(path)), is_writable_(is_writable) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  Result<std::size_t> read_at(std::span<std::byte> bytes, std::uint64_t offset) const override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto at = static_cast<off_t>(offset + done);
      const ssize_t count = uninterrupted(
          [&] { return ::pread(descriptor_, bytes.data() + done, bytes.size() - done, at); });
      if (count < 0) return failure("read", path_, errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Status write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto at = static_cast<off_t>(offset + done);
      const ssize_t count = uninterrupted(
          [&] { return ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, at); });
      if (count < 0) return failure("write to", path_, errno);
      if (count == 0) return failure("write to", path_, ENOSPC);
      done += static_cast<std::size_t>(count);
    }
    return {};
  }

  Status truncate(std::uint64_t size) override {
    const auto end = static_cast<off_t>(size);
    if (uninterrupted([&] { return ::ftruncate(descriptor_, end); }) != 0) {
      return failure("change the size of", path_, errno);
    }
    return {};
  }

  Status sync() override {
    // EINTR is not retried: after any failure the kernel may have dropped the pages.
    if (::fsync(descriptor_) != 0) return failure("save (fsync)", path_, errno);
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat info{};
    if (::fstat(descriptor_, &info) != 0) return failure("look at", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Result<bool> lock(LockKind kind, LockRange range) override {
    struct flock request = describe(kind, range);
    const int locked = uninterrupted([&] { return ::fcntl(descriptor_, F_OFD_SETLK, &request); });
    if (locked == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    return failure("lock", path_, errno);
  }

  Result<LockKind> probe_lock(LockRange range) const override {
    struct flock request = describe(LockKind::exclusive, range);
    if (uninterrupted([&] { return ::fcntl(descriptor_, F_OFD_GETLK, &request); }) != 0) {
      return failure("look at the locks of", path_, errno);
    }
    if (request.l_type == F_UNLCK) return LockKind::none;
    return request.l_type == F_WRLCK ? LockKind::exclusive : LockKind::shared;
  }

  Status allocate(std::uint64_t size) override {
    const auto bytes = static_cast<off_t>(size);
    if (uninterrupted([&] { return ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, bytes); }) !=
        0) {
      return failure("take room for", path_, errno);
    }
    return {};
  }

  Result<void*> map_shared(std::uint64_t offset, std::size_t size) override {
    const int protection = is_writable_ ? PROT_READ | PROT_WRITE : PROT_READ;
    void* data =
        ::mmap(nullptr, size, protection, MAP_SHARED, descriptor_, static_cast<off_t>(offset));
    if (data == MAP_FAILED) return failure("map", path_, errno);
    mappings_.push_back(std::make_unique<Mapping>(data, size));
    return data;
  }

 private:
  static struct flock describe(LockKind kind, LockRange range) {
    struct flock request{};
    request.l_type = static_cast<short>(kind == LockKind::none     ? F_UNLCK
                                        : kind == LockKind::shared ? F_RDLCK
                                                                   : F_WRLCK);
    request.l_whence = SEEK_SET;
    request.l_start = static_cast<off_t>(range.begin);
    request.l_len = static_cast<off_t>(range.size);
    return request;
  }

  int descriptor_;
  std::string path_;
  bool is_writable_;
  std::vector<std::unique_ptr<Mapping>> mappings_;
};

/// A file of /proc as far as it can be read; empty if it cannot.
std::string read_up_to(const char* path, std::size_t size_max) {
  const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
  std::string text;
  if (descriptor < 0) return text;
  constexpr std::size_t kStep = 1 << 16;
  while (text.size() < size_max) {
    const std::size_t had = text.size();
    text.resize(had + kStep);
    const ssize_t count =
        uninterrupted([&] { return ::read(descriptor, text.data() + had, kStep); });
    text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count <= 0) break;
  }
  ::close(descriptor);
  return text;
}

int open_flags(FileAccess access) {
  switch (access) {
    case FileAccess::read: return O_RDONLY;
    case FileAccess::write: return O_RDWR;
    case FileAccess::create: return O_RDWR | O_CREAT;
    case FileAccess::create_new: return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

class PosixEnv final : public Env {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, FileAccess access) override {
    // O_NOFOLLOW: a link planted in the store must not lead a write elsewhere.
    const int flags = open_flags(access) | O_CLOEXEC | O_NOFOLLOW;
    const int descriptor = uninterrupted([&] { return ::open(path.c_str(), flags, 0600); });
    if (descriptor < 0) return failure("open", path, errno);
    struct stat info{};
    if (::fstat(descriptor, &info) == 0 && !S_ISREG(info.st_mode)) {
      ::close(descriptor);
      return Error{ErrorCode::failed_precondition, "could not open " + path + ": it is not a file"};
    }
    return std::unique_ptr<File>(
        std::make_unique<PosixFile>(descriptor, path, access != FileAccess::read));
  }

  Result<std::shared_ptr<const FileBytes>> map(const std::string& path) override {
    const int descriptor =
        uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW); });
    if (descriptor < 0) return failure("open", path, errno);
    struct stat info{};
    const int looked = ::fstat(descriptor, &info);
    const int look_error = errno;
    const auto size = static_cast<std::size_t>(info.st_size);
    void* data = nullptr;
    if (looked == 0 && size > 0) {
      data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    }
    const int map_error = errno;
    ::close(descriptor);
    if (looked != 0) return failure("look at", path, look_error);
    if (data == MAP_FAILED) return failure("map", path, map_error);
    return std::shared_ptr<const FileBytes>(std::make_shared<Mapping>(data, size));
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return failure("rename to " + to + " the file", from, errno);
    }
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return failure("remove", path, errno);
    return {};
  }

  Status sync_directory(const std::string& path) override {
    const int descriptor =
        uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (descriptor < 0) return failure("open the folder", path, errno);
    const int synced = ::fsync(descriptor);
    const int code = errno;
    ::close(descriptor);
    if (synced != 0) return failure("save (fsync) the folder", path, code);
    return {};
  }

  Status make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) == 0) return {};
    if (errno != EEXIST) return failure("make the folder", path, errno);
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
    return Error{ErrorCode::failed_precondition,
                 "could not make the folder " + path + ": a file of that name is in the way"};
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    DIR* folder = ::opendir(path.c_str());
    if (folder == nullptr) return failure("list", path, errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(folder)) {  // NOLINT: the stream is this thread's own
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    const int code = errno;
    ::closedir(folder);
    if (code != 0) return failure("list", path, code);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::optional<FileInfo>> stat(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileInfo>();
      return failure("look at", path, errno);
    }
    constexpr std::uint64_t kBlock = 512;  // Of st_blocks, whatever the file system's is.
    return std::optional<FileInfo>(FileInfo{static_cast<std::uint64_t>(info.st_size),
                                            S_ISDIR(info.st_mode),
                                            static_cast<std::uint64_t>(info.st_blocks) * kBlock});
  }

  Result<FileSystemInfo> file_system(const std::string& path) override {
    struct statfs info{};
    if (uninterrupted([&] { return ::statfs(path.c_str(), &info); }) != 0) {
      return failure("look at the file system of", path, errno);
    }
    FileSystemInfo found;
    found.type = file_system_type(static_cast<std::uint32_t>(info.f_type));
    found.free_bytes =
        static_cast<std::uint64_t>(info.f_bavail) * static_cast<std::uint64_t>(info.f_frsize);
    struct stat where{};
    if (found.type == kFuseType && ::stat(path.c_str(), &where) == 0) {
      // Of a kind that /proc shows only in parts: its size is not known before the end.
      constexpr std::uint64_t kMountsBytesMax = 4 << 20;
      found.type = fuse_type(read_up_to("/proc/self/mountinfo", kMountsBytesMax),
                             major(where.st_dev), minor(where.st_dev));
    }
    return found;
  }

  std::string absolute_path(std::string_view path) const override {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(std::filesystem::path(path), error);
    std::string text = error ? std::string(path) : absolute.lexically_normal().string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    return text;
  }

  std::string process_description() const override {
    constexpr std::size_t kCommandBytesMax = 200;
    std::string command;
    const int descriptor = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
      command.resize(kCommandBytesMax);
      const ssize_t count = ::read(descriptor, command.data(), command.size());
      command.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      ::close(descriptor);
    }
    while (!command.empty() && command.back() == '\0') command.pop_back();
    std::replace(command.begin(), command.end(), '\0', ' ');
    std::replace(command.begin(), command.end(), '\n', ' ');
    return "process " + std::to_string(::getpid()) + (command.empty() ? "" : " (" + command + ")");
  }

  void fill_random(std::span<std::byte> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
      ASSERT(count > 0 || errno == EINTR);
      if (count > 0) done += static_cast<std::size_t>(count);
    }
  }

  void sleep_us(std::uint32_t microseconds) override {
    timespec left{};
    left.tv_sec = microseconds / 1'000'000;
    left.tv_nsec = static_cast<long>(microseconds % 1'000'000) * 1'000;
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
};

}  // namespace

Env& posix_env() {
  static PosixEnv env;
  return env;
}

}  // namespace saerok
