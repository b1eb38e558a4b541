#include "models/worker_files.h"

#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <set>
#include <string_view>
#include <vector>

#include "base/subprocess.h"

namespace saerok {
namespace {

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kReadBelow = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/// All accesses of the first version; each later one added a bit or two.
constexpr std::uint64_t kAccessesOfVersion1 = (std::uint64_t{1} << 13) - 1;
/// Moving between folders (2), truncating (3), devices (5).
constexpr std::uint64_t kAddedIn2 = std::uint64_t{1} << 13;
constexpr std::uint64_t kAddedIn3 = std::uint64_t{1} << 14;
constexpr std::uint64_t kAddedIn5 = std::uint64_t{1} << 15;

/// What a runtime asks of the system: libraries, the size of caches, cores and memory, a time zone.
/// /proc/self is this process's own folder: the others' are not in it.
constexpr std::array kSystem{"/lib",
                             "/lib64",
                             "/usr/lib",
                             "/usr/lib64",
                             "/usr/local/lib",
                             "/etc/ld.so.cache",
                             "/etc/localtime",
                             "/usr/share/zoneinfo",
                             "/dev/null",
                             "/dev/urandom",
                             "/dev/random",
                             "/proc/self",
                             "/proc/cpuinfo",
                             "/proc/meminfo",
                             "/proc/stat",
                             "/proc/sys/vm",
                             "/proc/sys/kernel",
                             "/sys/devices/system",
                             "/sys/fs/cgroup",
                             "/sys/kernel/mm"};

Error failed(const char* what) {
  return {ErrorCode::unavailable, std::string("the model worker could not be confined: ") + what +
                                      ": " + std::strerror(errno)};
}

std::uint64_t accesses_of(int version) {
  std::uint64_t accesses = kAccessesOfVersion1;
  if (version >= 2) accesses |= kAddedIn2;
  if (version >= 3) accesses |= kAddedIn3;
  if (version >= 5) accesses |= kAddedIn5;
  return accesses;
}

int add_folder(dl_phdr_info* library, std::size_t, void* folders) {
  const std::string_view path = library->dlpi_name;
  const std::size_t end = path.rfind('/');
  if (end != std::string_view::npos && end > 0) {
    static_cast<std::set<std::string>*>(folders)->emplace(path.substr(0, end));
  }
  return 0;
}

Status allow(const FileDescriptor& rules, const std::string& path) {
  const FileDescriptor opened(open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info{};
  if (opened.get() < 0 || fstat(opened.get(), &info) != 0) return {};
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(info.st_mode) ? kReadBelow : kReadFile;
  rule.parent_fd = opened.get();
  if (syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return failed(path.c_str());
  }
  return {};
}

}  // namespace

int landlock_version() {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

Status restrict_files(std::span<const std::string> files) {
  const int version = landlock_version();
  if (version == 0) return {};
  // Only this member: a kernel of the first version knows no other.
  const std::uint64_t handled = accesses_of(version);
  const FileDescriptor rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (rules.get() < 0) return failed("Landlock");
  std::set<std::string> readable(kSystem.begin(), kSystem.end());
  dl_iterate_phdr(add_folder, &readable);
  readable.insert(files.begin(), files.end());
  for (const std::string& path : readable) TRY(allow(rules, path));
  if (syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return failed("Landlock");
  return {};
}

std::vector<std::string> parts_of_model(const std::string& model) {
  // …-00001-of-00003.gguf
  constexpr std::string_view kPattern = "-00000-of-00000.gguf";
  constexpr std::size_t kDigits = 5;
  if (model.size() <= kPattern.size()) return {model};
  const std::string_view ending = std::string_view(model).substr(model.size() - kPattern.size());
  const bool is_part = std::ranges::equal(ending, kPattern, [](char is, char wanted) {
    return wanted == '0' ? is >= '0' && is <= '9' : is == wanted;
  });
  if (!is_part) return {model};
  int count = 0;
  std::from_chars(ending.data() + 10, ending.data() + 10 + kDigits, count);
  std::vector<std::string> parts = {model};
  const std::string stem = model.substr(0, model.size() - kPattern.size());
  for (int part = 1; part <= count; ++part) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "-%05d-of-%05d.gguf", part, count);
    if (const std::string path = stem + name.data(); path != model) parts.push_back(path);
  }
  return parts;
}

}  // namespace saerok
