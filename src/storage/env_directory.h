/// The Directory of segment files over an Env. A file is written under the temporary folder,
/// synced, renamed and its name synced, so that it is there in full or not at all. What is in the
/// files is the caller's business.
///
/// Folders of a store: seg/ has the files, tmp/ those being written, quarantine/ the damaged.
#pragma once

#include <string>

#include "base/env.h"
#include "saerok/storage.h"

namespace saerok {

/// Files that quarantine/ takes, the texts beside them included. All of it can be made again: a
/// disk that fails for good is not to fill another.
inline constexpr std::size_t kQuarantineFilesMax = 64;

class EnvDirectory final : public Directory {
 public:
  /// seg/ and tmp/ exist in the store's folder; `env` must outlive this.
  EnvDirectory(Env& env, const std::string& store)
      : env_(env),
        folder_(store + "/seg"),
        temporary_folder_(store + "/tmp"),
        quarantine_(store + "/quarantine") {}

  Status write(std::string_view name, std::span<const std::byte> bytes) override;
  Result<std::shared_ptr<const FileBytes>> open(std::string_view name) const override;
  Status remove(std::string_view name) override;
  Result<std::vector<std::string>> list() const override;
  Result<std::string> set_aside(std::string_view name, std::string_view reason) override;

 private:
  Result<std::string> path_of(std::string_view name) const;

  Env& env_;
  std::string folder_;
  std::string temporary_folder_;
  std::string quarantine_;
};

}  // namespace saerok
