/// What is installed, and what could be, as JSON: docs/schema/model_list.json and model_entry.json.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "models/model_catalogue.h"
#include "models/recommended_models.h"

namespace saerok {

Json to_json(const ModelEntry& entry);
Json models_to_json(const std::string& directory, const std::vector<ModelEntry>& installed,
                    const std::vector<RecommendedModel>& recommended);

}  // namespace saerok
