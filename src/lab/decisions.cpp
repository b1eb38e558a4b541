#include "lab/decisions.h"

#include <array>
#include <unordered_map>

#include "lab/run_json.h"

namespace saerok::lab {

std::optional<ConfusionMatrix> confusion_of_decisions(std::span<const Topic> topics,
                                                      std::span<const Outcome> outcomes) {
  std::unordered_map<std::string_view, Decision> truths;
  for (const Topic& topic : topics) {
    if (topic.decision) truths.emplace(topic.id, *topic.decision);
  }
  std::vector<ClassChoice> choices;
  for (const Outcome& outcome : outcomes) {
    const auto truth = truths.find(outcome.topic);
    if (truth == truths.end()) continue;
    choices.push_back({.truth = name_of(truth->second), .predicted = name_of(outcome.decision)});
  }
  if (choices.empty()) return std::nullopt;
  const std::array<std::string_view, 3> classes = {
      name_of(Decision::search), name_of(Decision::answer), name_of(Decision::clarify)};
  return confusion_of(choices, classes);
}

}  // namespace saerok::lab
