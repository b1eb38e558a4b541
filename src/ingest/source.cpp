#include "ingest/source.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/json.h"
#include "base/unicode.h"
#include "ingest/ignore_rules.h"

namespace saerok {
namespace {

/// Smaller files are read, larger ones mapped. Reading 4 MiB takes about a millisecond.
constexpr std::uint64_t kCopiedBytesMax = 4ULL << 20;
constexpr std::uint64_t kIgnoreFileBytesMax = 1ULL << 20;
/// Deeper folders are reported: file systems end paths at 4,096 bytes, and scanning recurses.
constexpr int kFolderDepthMax = 500;
constexpr std::array kIgnoreFiles =
    std::to_array<const char*>({".gitignore", ".ignore", ".saerokignore"});

std::string system_reason() { return std::generic_category().message(errno); }

std::int64_t modified_ns(const struct stat& status) {
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

class CopiedFile final : public FileBytes {
 public:
  explicit CopiedFile(std::string bytes) : bytes_(std::move(bytes)) {}
  std::span<const std::byte> bytes() const override { return as_byte_span(bytes_); }

 private:
  std::string bytes_;
};

class MappedFile final : public FileBytes {
 public:
  MappedFile(void* address, std::size_t size) : address_(address), size_(size) {}
  ~MappedFile() override { munmap(address_, size_); }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::span<const std::byte> bytes() const override {
    return {static_cast<const std::byte*>(address_), size_};
  }

 private:
  void* address_;
  std::size_t size_;
};

Error read_error(const std::string& absolute) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable;
  const std::string what = errno == ENOENT ? "is gone since the scan" : system_reason();
  return {code, absolute + " cannot be read: " + what};
}

struct FolderId {
  dev_t device;
  ino_t inode;
  auto operator<=>(const FolderId&) const = default;
};

class Scanner {
 public:
  explicit Scanner(const CallContext& call) : call_(call) {}

  Result<ScanResult> run(const std::string& root) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(root.c_str(), nullptr),
                                                           &std::free);
    struct stat status{};
    if (!real || stat(real.get(), &status) != 0) {
      const bool is_missing = errno == ENOENT || errno == ENOTDIR;
      return Error{is_missing ? ErrorCode::not_found : ErrorCode::unavailable,
                   root + " cannot be indexed: " +
                       (is_missing ? "there is no such file or folder" : system_reason())};
    }
    const std::string absolute = real.get();
    if (S_ISREG(status.st_mode)) {
      const std::size_t slash = absolute.find_last_of('/');
      result_.root = slash == 0 ? "/" : absolute.substr(0, slash);
      result_.is_single_file = true;
      add_file(to_nfc(absolute.substr(slash + 1)), absolute, status);
      return std::move(result_);
    }
    if (!S_ISDIR(status.st_mode)) {
      return Error{ErrorCode::invalid_argument,
                   root + " cannot be indexed: it is neither a file nor a folder"};
    }
    result_.root = absolute;
    TRY(folder("", absolute, status, 0));
    if (!result_.issues.empty() && result_.issues[0].path.empty() && result_.files.empty()) {
      return Error{ErrorCode::unavailable,
                   root + " cannot be indexed: " + result_.issues[0].reason};
    }
    drop_doubles();
    return std::move(result_);
  }

 private:
  void issue(const std::string& path, std::string reason) {
    result_.issues.push_back({path, std::move(reason), false});
  }
  /// An issue that leaves open what is there.
  void blind_spot(const std::string& path, std::string reason) {
    result_.issues.push_back({path, std::move(reason), true});
  }

  void add_file(std::string path, const std::string& absolute, const struct stat& status) {
    result_.files.push_back({std::move(path), absolute, static_cast<std::uint64_t>(status.st_size),
                             modified_ns(status), static_cast<std::uint64_t>(status.st_dev),
                             static_cast<std::uint64_t>(status.st_ino)});
  }

  static std::string child(const std::string& folder, const std::string& name) {
    if (folder.empty()) return name;
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
  }

  Status folder(const std::string& path, const std::string& absolute, const struct stat& status,
                int depth) {
    TRY(call_.check());
    // Only real folders get here twice by links; a link to a folder that is also met in its own
    // place is reported by whichever name comes first.
    if (!entered_.insert({status.st_dev, status.st_ino}).second) return {};
    if (depth > kFolderDepthMax) {
      blind_spot(path, "nested more than 500 folders deep; not read");
      return {};
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(opendir(absolute.c_str()), &closedir);
    if (!listing) {
      blind_spot(path, "the folder cannot be read: " + system_reason());
      return {};
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(listing.get())) names.emplace_back(entry->d_name);
    if (errno != 0) blind_spot(path, "the folder cannot be read to its end: " + system_reason());
    std::ranges::sort(names);
    // A store inside the folder that it indexes would find itself.
    if (has(names, "FORMAT") && has(names, "truth.db")) return {};
    const std::size_t rules_before = rules_.size();
    add_rules(path, absolute, names);
    for (const std::string& name : names) TRY(entry(path, absolute, name, depth));
    rules_.truncate(rules_before);
    return {};
  }

  Status entry(const std::string& folder_path, const std::string& folder_absolute,
               const std::string& name, int depth) {
    if (name.starts_with('.') || name == "node_modules") return {};
    const std::string absolute = child(folder_absolute, name);
    const std::string shown = is_valid_utf8(name) ? to_nfc(name) : replace_invalid_utf8(name).text;
    const std::string path = child(folder_path, shown);
    struct stat status{};
    if (stat(absolute.c_str(), &status) != 0) {
      if (errno == ENOENT) {
        issue(path, "a link to something that does not exist");
      } else if (errno == ELOOP) {
        issue(path, "a link that leads to itself");
      } else {
        blind_spot(path, "cannot be read: " + system_reason());
      }
      return {};
    }
    const bool is_folder = S_ISDIR(status.st_mode);
    if (rules_.is_ignored(path, is_folder ? EntryKind::folder : EntryKind::file)) {
      ++result_.ignored_count;
      return {};
    }
    if (is_folder) return folder(path, absolute, status, depth + 1);
    if (S_ISREG(status.st_mode)) {
      add_file(path, absolute, status);
    } else {
      issue(path, "neither a file nor a folder (a socket, pipe or device); not read");
    }
    return {};
  }

  static bool has(const std::vector<std::string>& sorted_names, const char* name) {
    return std::ranges::binary_search(sorted_names, name);
  }

  void add_rules(const std::string& path, const std::string& absolute,
                 const std::vector<std::string>& names) {
    for (const char* const name : kIgnoreFiles) {
      if (!has(names, name)) continue;
      if (const auto content = read_small(path, absolute, name)) {
        rules_.add_file(path, *content);
      }
    }
    if (has(names, ".obsidian")) add_obsidian_rules(path, absolute);
  }

  std::optional<std::string> read_small(const std::string& path, const std::string& absolute,
                                        const std::string& name) {
    SourceFile file;
    file.absolute = child(absolute, name);
    const auto content = read_source(file);
    if (!content) {
      issue(child(path, name), "the ignore file cannot be read: " + content.error().message);
      return std::nullopt;
    }
    const std::string_view text = as_text((*content)->bytes());
    if (text.size() > kIgnoreFileBytesMax) {
      issue(child(path, name), "the ignore file is larger than 1 MiB; it is not used");
      return std::nullopt;
    }
    return std::string(text);
  }

  /// Obsidian keeps its excluded files in .obsidian/app.json under userIgnoreFilters.
  void add_obsidian_rules(const std::string& path, const std::string& absolute) {
    const std::string name = ".obsidian/app.json";
    struct stat status{};
    if (stat(child(absolute, name).c_str(), &status) != 0) return;  // Defaults: nothing excluded.
    const auto content = read_small(path, absolute, name);
    if (!content) return;
    const Result<Json> settings = parse_json(*content, child(path, name));
    if (!settings) {
      issue(child(path, name), settings.error().message);
      return;
    }
    const Json* filters = find_member(*settings, "userIgnoreFilters");
    if (filters == nullptr || !filters->is_array()) return;
    for (const Json& filter : *filters) {
      if (!filter.is_string()) continue;
      const auto& text = filter.get_ref<const std::string&>();
      if (!rules_.add_obsidian_filter(path, text)) {
        issue(child(path, name), "the excluded-files pattern " + text +
                                     " is a regular expression, which is not supported; put a "
                                     "pattern into .saerokignore instead");
      }
    }
  }

  /// Two spellings of one name (NFC and NFD) can stand side by side; the first one is kept.
  void drop_doubles() {
    auto& files = result_.files;
    std::ranges::stable_sort(files, {}, &SourceFile::path);
    std::vector<SourceFile> kept;
    kept.reserve(files.size());
    for (SourceFile& file : files) {
      if (!kept.empty() && kept.back().path == file.path) {
        issue(file.path, "another file has the same name in another Unicode form; rename one");
      } else {
        kept.push_back(std::move(file));
      }
    }
    files = std::move(kept);
  }

  const CallContext& call_;
  ScanResult result_;
  IgnoreRules rules_;
  std::set<FolderId> entered_;
};

}  // namespace

bool ScanResult::covers(std::string_view path) const {
  if (is_single_file) return files.size() == 1 && files[0].path == path;
  return subfolder.empty() || path.starts_with(subfolder + "/");
}

void ScanResult::make_part_of(const std::string& outer) {
  const std::string inner = to_nfc(root.substr(outer == "/" ? 1 : outer.size() + 1));
  for (SourceFile& file : files) file.path = inner + "/" + file.path;
  for (ScanIssue& issue : issues) issue.path = inner + (issue.path.empty() ? "" : "/") + issue.path;
  if (!is_single_file) subfolder = inner;
  root = outer;
}

bool ScanResult::is_unreadable(std::string_view path) const {
  return std::ranges::any_of(issues, [&](const ScanIssue& issue) {
    if (!issue.hides_files || !path.starts_with(issue.path)) return false;
    return issue.path.empty() || path.size() == issue.path.size() || path[issue.path.size()] == '/';
  });
}

Result<ScanResult> scan_root(const std::string& root, const CallContext& call) {
  return Scanner(call).run(root);
}

Result<std::unique_ptr<FileBytes>> read_source(const SourceFile& source) {
  const std::string& absolute = source.absolute;
  // O_NONBLOCK: opening a pipe that took a file's place must not wait for its writer.
  const Descriptor file(open(absolute.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.number() < 0 || fstat(file.number(), &status) != 0) return read_error(absolute);
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorCode::invalid_argument, absolute + " is not a regular file"};
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > kCopiedBytesMax) {
    void* const address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (address == MAP_FAILED) return read_error(absolute);
    madvise(address, size, MADV_SEQUENTIAL);
    return std::unique_ptr<FileBytes>(std::make_unique<MappedFile>(address, size));
  }
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = read(file.number(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return read_error(absolute);
    if (got == 0) break;  // Shortened meanwhile: what is left is what there is.
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return std::unique_ptr<FileBytes>(std::make_unique<CopiedFile>(std::move(bytes)));
}

}  // namespace saerok
