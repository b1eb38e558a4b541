#include "storage/env_directory.h"

#include "base/bytes.h"

namespace saerok {

Result<std::string> EnvDirectory::path_of(std::string_view name) const {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string_view::npos) {
    return Error{ErrorCode::invalid_argument,
                 "\"" + std::string(name) + "\" is not a plain file name"};
  }
  return folder_ + "/" + std::string(name);
}

Status EnvDirectory::write(std::string_view name, std::span<const std::byte> bytes) {
  const std::string path = TRY(path_of(name));
  if (TRY(env_.stat(path)).has_value()) {
    return Error{ErrorCode::failed_precondition,
                 path + " exists already; segment files are never written twice"};
  }
  Status written =
      write_file_durably(env_, path, temporary_folder_ + "/" + std::string(name), bytes);
  // If only the name could not be saved, the file is visible but may be gone after a power cut.
  if (!written) static_cast<void>(env_.remove(path));
  return written;
}

Result<std::shared_ptr<const FileBytes>> EnvDirectory::open(std::string_view name) const {
  return env_.map(TRY(path_of(name)));
}

Status EnvDirectory::remove(std::string_view name) { return env_.remove(TRY(path_of(name))); }

Result<std::string> EnvDirectory::set_aside(std::string_view name, std::string_view reason) {
  const std::string path = TRY(path_of(name));
  TRY(env_.make_directory(quarantine_));
  if (TRY(env_.list(quarantine_)).size() + 2 > kQuarantineFilesMax) {
    TRY(env_.remove(path));
    return std::string();
  }
  const std::string there = quarantine_ + "/" + std::string(name);
  TRY(env_.rename(path, there));
  // For people: without it the file is still out of the way.
  const std::string text = std::string(reason) + "\n";
  static_cast<void>(
      write_file_durably(env_, there + ".txt", temporary_folder_ + "/reason", as_byte_span(text)));
  TRY(env_.sync_directory(folder_));
  return there;
}

Result<std::vector<std::string>> EnvDirectory::list() const { return env_.list(folder_); }

}  // namespace saerok
