#include "server/daemon_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"

namespace saerok::server {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenFileBytesMax = 256;

Error failed(const std::string& what) {
  return Error{ErrorCode::unavailable, "cannot " + what + ": " + std::strerror(errno)};
}

std::string runtime_folder(const Environment& environment) {
  const auto at = environment.find("XDG_RUNTIME_DIR");
  if (at != environment.end() && at->second.starts_with('/')) return at->second + "/saerok";
  return "/tmp/saerok-" + std::to_string(geteuid());
}

/// A new one is the user's alone; one that is there keeps its mode.
Status make_store_folder(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  std::error_code error;
  if (std::filesystem::exists(folder, error)) return {};
  std::filesystem::create_directories(folder, error);
  return chmod(folder.c_str(), 0700) == 0 ? Status{} : Status{failed("make " + folder)};
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

DaemonFiles daemon_files(const std::string& store, const Environment& environment) {
  std::array<char, 20> name{};
  std::snprintf(name.data(), name.size(), "%016llx",
                static_cast<unsigned long long>(hash64(store)));
  const std::string base = runtime_folder(environment) + "/" + name.data();
  return {.token = store + "/token", .lock = store + "/daemon.lock", .socket = base + ".sock"};
}

Status make_runtime_folder(const DaemonFiles& files) {
  const std::string folder = std::filesystem::path(files.socket).parent_path().string();
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make " + folder);
  // In /tmp anybody may have made it first.
  struct stat info{};
  if (lstat(folder.c_str(), &info) != 0) return failed("look at " + folder);
  if (S_ISDIR(info.st_mode) && info.st_uid == geteuid() && (info.st_mode & 077) == 0) return {};
  return Error{ErrorCode::unavailable,
               folder + " is not a folder of yours alone; remove it, or set XDG_RUNTIME_DIR"};
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  std::size_t filled = 0;
  while (filled < bytes) {
    const ssize_t got = getrandom(random.data() + filled, bytes - filled, 0);
    ASSERT(got > 0 || errno == EINTR);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  std::string text;
  for (const unsigned char byte : random) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Result<Secret> read_token(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    if (errno == ENOENT) {
      return Error{ErrorCode::not_found, "there is no " + file + "; `saerok serve` makes it"};
    }
    return failed("read " + file);
  }
  std::array<char, kTokenFileBytesMax> buffer{};
  struct stat info{};
  const bool is_private = fstat(fd, &info) == 0 && (info.st_mode & 077) == 0;
  const ssize_t size = read(fd, buffer.data(), buffer.size());
  close(fd);
  if (!is_private) {
    return Error{ErrorCode::failed_precondition,
                 file +
                     " may be read by others; make it yours alone with chmod 600, or remove it "
                     "to get a new token"};
  }
  std::string token(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  while (!token.empty() && token.back() == '\n') token.pop_back();
  if (token.size() == 2 * kTokenBytes && is_hex(token)) return Secret(std::move(token));
  return Error{ErrorCode::failed_precondition,
               file + " holds no token; remove it to get a new one"};
}

Result<Secret> read_or_make_token(const std::string& file) {
  auto known = read_token(file);
  if (known || known.error().code != ErrorCode::not_found) return known;
  TRY(make_store_folder(file));
  Secret token(random_hex(kTokenBytes));
  const std::string text = token.reveal() + "\n";
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed("make " + file);
  const bool is_written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(fd) != 0 || !is_written) return failed("write " + file);
  return token;
}

Result<DaemonLock> DaemonLock::take(const std::string& file) {
  TRY(make_store_folder(file));
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed("make " + file);
  DaemonLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed("lock " + file);
  return Error{ErrorCode::failed_precondition,
               "a daemon serves this store already; `saerok open` opens its page"};
}

DaemonLock::~DaemonLock() {
  if (fd_ >= 0) close(fd_);
}

DaemonLock::DaemonLock(DaemonLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

}  // namespace saerok::server
