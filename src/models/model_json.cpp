#include "models/model_json.h"

#include <utility>

namespace saerok {

Json to_json(const ModelEntry& entry) {
  return {{"name", entry.name},     {"file", entry.file}, {"kind", name_of(entry.kind)},
          {"sha256", entry.sha256}, {"size", entry.size}, {"license", entry.license},
          {"source", entry.source}};
}

Json models_to_json(const std::string& directory, const std::vector<ModelEntry>& installed,
                    const std::vector<RecommendedModel>& recommended) {
  Json models = Json::array();
  for (const ModelEntry& entry : installed) models.push_back(to_json(entry));
  Json suggestions = Json::array();
  for (const RecommendedModel& model : recommended) {
    suggestions.push_back({{"name", model.name},
                           {"license", model.license},
                           {"size_gb", model.size_gb},
                           {"note", model.note}});
  }
  return {{"directory", directory},
          {"models", std::move(models)},
          {"recommended_chat", std::move(suggestions)}};
}

}  // namespace saerok
