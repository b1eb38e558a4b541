#include "base/env.h"

namespace saerok {

Result<std::string> read_whole_file(Env& env, const std::string& path, std::uint64_t size_max) {
  const auto file = TRY(env.open(path, FileAccess::read));
  const std::uint64_t size = TRY(file->size());
  if (size > size_max) {
    return Error{ErrorCode::corrupt, path + " is larger than such a file can be"};
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  const std::size_t read = TRY(file->read_at(std::as_writable_bytes(std::span(text)), 0));
  text.resize(read);
  return text;
}

Status write_file_durably(Env& env, const std::string& path, const std::string& temporary_path,
                          std::span<const std::byte> bytes) {
  const auto write = [&]() -> Status {
    const auto file = TRY(env.open(temporary_path, FileAccess::create));
    TRY(file->truncate(0));
    TRY(file->write_at(bytes, 0));
    return file->sync();
  };
  if (Status written = write(); !written) {
    // The half-written file has no meaning; if it cannot be removed now, the next opening does.
    static_cast<void>(env.remove(temporary_path));
    return written;
  }
  if (Status renamed = env.rename(temporary_path, path); !renamed) {
    static_cast<void>(env.remove(temporary_path));
    return renamed;
  }
  return env.sync_directory(parent_path(path));
}

}  // namespace saerok
