#include "models/model_registry.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "base/bytes.h"
#include "base/json.h"
#include "models/gguf.h"

namespace saerok {
namespace {

constexpr std::size_t kRegistryBytesMax = 16u << 20;

std::string registry_path(const std::string& directory) { return directory + "/models.json"; }

/// A name inside the folder and nowhere else.
bool is_plain_file_name(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && name.front() != '.';
}

std::optional<ModelEntry> read_entry(const Json& json) {
  ModelEntry entry;
  entry.name = find_text(json, "name").value_or("");
  entry.file = find_text(json, "file").value_or("");
  entry.sha256 = find_text(json, "sha256").value_or("");
  entry.size = find_count(json, "size").value_or(0);
  entry.license = find_text(json, "license").value_or("");
  entry.source = find_text(json, "source").value_or("");
  const std::string kind = find_text(json, "kind").value_or("");
  constexpr ModelKind kKinds[] = {ModelKind::embed, ModelKind::chat, ModelKind::rerank};
  const auto* known = std::find_if(std::begin(kKinds), std::end(kKinds), [&](ModelKind known_kind) {
    return name_of(known_kind) == kind;
  });
  if (known == std::end(kKinds)) return std::nullopt;
  entry.kind = *known;
  if (entry.name.empty() || !is_plain_file_name(entry.file)) return std::nullopt;
  return entry;
}

Json to_json(const ModelEntry& entry) {
  return {{"name", entry.name},     {"file", entry.file}, {"kind", name_of(entry.kind)},
          {"sha256", entry.sha256}, {"size", entry.size}, {"license", entry.license},
          {"source", entry.source}};
}

Status write_text(const std::string& path, std::string_view text) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return file_error("could not write", path, errno);
  while (!text.empty()) {
    const ssize_t put = write(file.get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return file_error("could not write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fsync(file.get()) != 0) return file_error("could not write", path, errno);
  return {};
}

}  // namespace

Error file_error(std::string_view what, const std::string& path, int code) {
  ErrorCode kind = ErrorCode::unavailable;
  if (code == ENOSPC || code == EDQUOT) kind = ErrorCode::out_of_space;
  if (code == ENOENT) kind = ErrorCode::not_found;
  return {kind, std::string(what) + " " + path + ": " + std::strerror(code)};
}

const ModelEntry* ModelRegistry::find(std::string_view name) const {
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&](const ModelEntry& entry) { return entry.name == name; });
  return found == models.end() ? nullptr : &*found;
}

std::string ModelRegistry::put(ModelEntry entry) {
  std::string replaced;
  std::erase_if(models, [&](const ModelEntry& other) {
    if (other.name != entry.name) return false;
    if (other.file != entry.file) replaced = other.file;
    return true;
  });
  models.push_back(std::move(entry));
  std::sort(models.begin(), models.end(),
            [](const ModelEntry& a, const ModelEntry& b) { return a.name < b.name; });
  return replaced;
}

Result<ModelFolderLock> ModelFolderLock::take(const std::string& directory,
                                              const CallContext& call) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return file_error("could not make the models folder", directory, failed.value());
  const std::string path = directory + "/.lock";
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0) return file_error("could not open", path, errno);
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return file_error("could not lock", path, errno);
    TRY(call.check());
    poll(nullptr, 0, 20);
  }
  return ModelFolderLock(std::move(file));
}

Result<ModelRegistry> read_registry(const std::string& directory) {
  const std::string path = registry_path(directory);
  const auto file = ModelFile::open(path);
  if (!file && file.error().code == ErrorCode::not_found) return ModelRegistry();
  if (!file) return file.error();
  const std::string what = "the list of models " + path;
  const std::string advice = "; delete it and add the models again";
  const auto json = parse_json(
      as_text(file->bytes().first(std::min(file->bytes().size(), kRegistryBytesMax))), what);
  if (!json) return Error{ErrorCode::corrupt, json.error().message + advice};
  ModelRegistry registry;
  const Json* models = find_member(*json, "models");
  if (models == nullptr || !models->is_array()) {
    return Error{ErrorCode::corrupt, what + " has no \"models\"" + advice};
  }
  for (const Json& model : *models) {
    auto entry = read_entry(model);
    if (!entry) return Error{ErrorCode::corrupt, what + " has a senseless entry" + advice};
    registry.put(*std::move(entry));
  }
  const Json* downloads = find_member(*json, "downloads");
  if (downloads != nullptr && downloads->is_object()) {
    for (const auto& [url, sha256] : downloads->items()) {
      if (sha256.is_string()) registry.downloads[url] = sha256.get<std::string>();
    }
  }
  return registry;
}

Status write_registry(const std::string& directory, const ModelRegistry& registry) {
  Json models = Json::array();
  for (const ModelEntry& entry : registry.models) models.push_back(to_json(entry));
  const Json json{{"models", std::move(models)}, {"downloads", registry.downloads}};
  const std::string path = registry_path(directory);
  TRY(write_text(path + ".part", print_json_pretty(json) + "\n"));
  if (rename((path + ".part").c_str(), path.c_str()) != 0) {
    return file_error("could not write", path, errno);
  }
  return {};
}

}  // namespace saerok
