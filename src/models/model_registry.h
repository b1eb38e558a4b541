/// models.json of a models folder, read and replaced whole, and the folder's lock. Behind
/// model_catalogue.h; nobody else uses it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/subprocess.h"
#include "models/model_catalogue.h"
#include "saerok/result.h"

namespace saerok {

struct ModelRegistry {
  std::vector<ModelEntry> models;                ///< By name.
  std::map<std::string, std::string> downloads;  ///< URL → the SHA-256 it first gave.

  const ModelEntry* find(std::string_view name) const;
  /// Adds, or replaces what has that name; returns the file that is no longer needed, if any.
  std::string put(ModelEntry entry);
};

/// Held while a models folder is changed; makes the folder. Released when it goes.
class ModelFolderLock {
 public:
  /// Waits for other processes. Errors: unavailable, cancelled, deadline_exceeded.
  static Result<ModelFolderLock> take(const std::string& directory, const CallContext& call);

 private:
  explicit ModelFolderLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

/// Empty where there is no list yet. Errors: corrupt, unavailable.
Result<ModelRegistry> read_registry(const std::string& directory);
/// Errors: unavailable, out_of_space.
Status write_registry(const std::string& directory, const ModelRegistry& registry);

/// "could not write /…: No space left on device", with the code that fits errno's `code`.
Error file_error(std::string_view what, const std::string& path, int code);

}  // namespace saerok
