#include "models/make_models.h"

#include <filesystem>

#include "models/llama_models.h"
#include "models/model_catalogue.h"
#include "models/openai_models.h"

namespace saerok {
namespace {

bool is_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".gguf");
}

RemoteModelOptions remote_options(const ModelSettings& settings, const std::string& base_url,
                                  const Secret& api_key, const std::string& model,
                                  const std::string& models_directory) {
  return {.base_url = base_url,
          .api_key = api_key,
          .model = model,
          .timeout_ms = settings.timeout_ms,
          .context_tokens = settings.context_tokens,
          .limits = {.requests_at_once = settings.requests_at_once,
                     .requests_per_minute = settings.requests_per_minute,
                     .tokens_per_day = settings.tokens_per_day,
                     .usage_file = models_directory + "/usage.json"}};
}

/// The file of an installed model of that kind, or the path itself.
Result<std::string> locate(const std::string& name, ModelKind kind,
                           const std::string& models_directory) {
  if (is_path(name)) return name;
  const ModelCatalogue catalogue(models_directory);
  const auto entry = catalogue.find(name);
  if (!entry && entry.error().code == ErrorCode::not_found) {
    if (kind == ModelKind::embed && name == "default") {
      return Error{ErrorCode::failed_precondition,
                   "no embedder is installed; run `saerok model add default` (91 MB download) to "
                   "add vector search"};
    }
    return Error{ErrorCode::failed_precondition,
                 entry.error().message + "; run `saerok model add FILE|URL`"};
  }
  if (!entry) return entry.error();
  if (entry->kind != kind) {
    return Error{ErrorCode::invalid_argument,
                 name + " is of kind " + std::string(name_of(entry->kind)) + ", not " +
                     std::string(name_of(kind)) + "; name another of `saerok model list`"};
  }
  const std::string path = catalogue.path_of(*entry);
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed || size != entry->size) {
    return Error{ErrorCode::corrupt, "the model " + name + " is damaged: " + path +
                                         (failed ? " is missing" : " has changed its size") +
                                         "; run `saerok model remove " + name +
                                         "` and add it again"};
  }
  return path;
}

LocalModelOptions local_options(const ModelSettings& settings, const std::string& name,
                                const std::string& path, const std::string& worker_program) {
  return {.path = path,
          .name = name,
          .worker_program = worker_program,
          .threads = settings.threads,
          .context_tokens = settings.context_tokens,
          .timeout_ms = settings.timeout_ms,
          .embed_with = settings.embed_with};
}

}  // namespace

Result<std::unique_ptr<Embedder>> make_embedder(const ModelSettings& settings,
                                                const std::string& models_directory,
                                                const std::string& worker_program) {
  if (!settings.embed_base_url.empty()) {
    return make_openai_embedder(remote_options(settings, settings.embed_base_url,
                                               settings.embed_api_key, settings.embed,
                                               models_directory));
  }
  if (settings.embed.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "no embedder is configured (models.embed is empty), so search is lexical only"};
  }
  const std::string path = TRY(locate(settings.embed, ModelKind::embed, models_directory));
  LocalModelOptions options = local_options(settings, settings.embed, path, worker_program);
  options.keeps_measurement = !is_path(settings.embed);
  return make_llama_embedder(std::move(options));
}

Result<std::unique_ptr<LanguageModel>> make_language_model(const ModelSettings& settings,
                                                           const std::string& models_directory,
                                                           const std::string& worker_program) {
  if (!settings.chat_base_url.empty()) {
    RemoteModelOptions options = remote_options(
        settings, settings.chat_base_url, settings.chat_api_key, settings.chat, models_directory);
    options.price_prompt = double{settings.price_prompt};
    options.price_completion = double{settings.price_completion};
    options.limits.price_per_day = double{settings.price_per_day};
    return make_openai_language_model(std::move(options));
  }
  if (settings.chat.empty()) {
    return Error{ErrorCode::not_found,
                 "no chat model is configured; add one with `saerok model add FILE|URL` and set "
                 "models.chat, or set models.chat_base_url"};
  }
  const std::string path = TRY(locate(settings.chat, ModelKind::chat, models_directory));
  return make_llama_language_model(local_options(settings, settings.chat, path, worker_program));
}

Result<std::unique_ptr<Reranker>> make_reranker(const ModelSettings& settings,
                                                const std::string& models_directory,
                                                const std::string& worker_program) {
  if (!settings.rerank_base_url.empty()) {
    return make_openai_reranker(remote_options(settings, settings.rerank_base_url,
                                               settings.rerank_api_key, settings.rerank,
                                               models_directory));
  }
  if (settings.rerank.empty()) {
    return Error{ErrorCode::not_found,
                 "no reranker is configured; add one with `saerok model add FILE|URL` and set "
                 "models.rerank, or set models.rerank_base_url"};
  }
  const std::string path = TRY(locate(settings.rerank, ModelKind::rerank, models_directory));
  return make_llama_reranker(local_options(settings, settings.rerank, path, worker_program));
}

}  // namespace saerok
