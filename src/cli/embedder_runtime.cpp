#include "cli/embedder_runtime.h"

#include "models/encoder_runtime.h"

namespace saerok {

std::string describe_embedder_runtime(const std::string& model_path,
                                      const CommandContext& context) {
  const auto runtime = describe_encoder_runtime(model_path, context.settings.models.embed_with);
  return runtime ? *runtime : "llama.cpp, because " + runtime.error().message;
}

std::optional<std::string> describe_configured_embedder(const CommandContext& context) {
  if (!context.settings.models.embed_base_url.empty()) return std::nullopt;
  const ModelCatalogue catalogue(context.models_directory());
  const auto entry = catalogue.find(context.settings.models.embed);
  if (!entry || entry->kind != ModelKind::embed) return std::nullopt;
  return describe_embedder_runtime(catalogue.path_of(*entry), context);
}

}  // namespace saerok
