/// The Directory of segment files over an Env. A file is written under the temporary folder,
/// synced, renamed and its name synced, so that it is there in full or not at all. What is in the
/// files is the caller's business.
#pragma once

#include <string>

#include "base/env.h"
#include "saerok/storage.h"

namespace saerok {

class EnvDirectory final : public Directory {
 public:
  /// Both folders must exist, in one file system; `env` must outlive this.
  EnvDirectory(Env& env, std::string folder, std::string temporary_folder)
      : env_(env), folder_(std::move(folder)), temporary_folder_(std::move(temporary_folder)) {}

  Status write(std::string_view name, std::span<const std::byte> bytes) override;
  Result<std::shared_ptr<const FileBytes>> open(std::string_view name) const override;
  Status remove(std::string_view name) override;
  Result<std::vector<std::string>> list() const override;

 private:
  Result<std::string> path_of(std::string_view name) const;

  Env& env_;
  std::string folder_;
  std::string temporary_folder_;
};

}  // namespace saerok
