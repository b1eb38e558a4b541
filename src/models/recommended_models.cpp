#include "models/recommended_models.h"

namespace saerok {
namespace {

constexpr RecommendedModel kModels[] = {
    {"Qwen3-30B-A3B-Instruct-2507", "Apache-2.0", 18.6, 20.5, "fast for its size: 3B are active"},
    {"Midm-2.0-Base-Instruct (11.5B)", "MIT", 7.0, 8.5, "made for Korean"},
    {"kanana-1.5-8b-instruct-2505", "Apache-2.0", 4.9, 6.2, "made for Korean"},
    {"Qwen3-8B", "Apache-2.0", 5.0, 6.4, "Korean among a hundred languages"},
    {"Qwen3-4B-Instruct-2507", "Apache-2.0", 2.5, 3.6, "Korean among a hundred languages"},
    {"Midm-2.0-Mini-Instruct (2.3B)", "MIT", 1.5, 2.3, "made for Korean, runs on any laptop"},
    {"kanana-1.5-2.1b-instruct-2505", "Apache-2.0", 1.4, 2.2, "made for Korean"},
    {"Qwen3-1.7B", "Apache-2.0", 1.2, 2.0, "short answers only"},
};

/// Left to the system, the notes' index and the embedder.
constexpr double kReservedGb = 2.5;

}  // namespace

std::vector<RecommendedModel> recommend_chat_models(std::uint64_t memory_bytes) {
  const double free_gb = static_cast<double>(memory_bytes) / 1e9 - kReservedGb;
  std::vector<RecommendedModel> fitting;
  for (const RecommendedModel& model : kModels) {
    if (model.memory_gb <= free_gb) fitting.push_back(model);
  }
  return fitting;
}

}  // namespace saerok
