/// What a run over conversations decided, against what was right: a search, an answer without one,
/// or a question back.
#pragma once

#include <optional>
#include <span>

#include "lab/classification.h"
#include "lab/dataset.h"
#include "lab/run.h"

namespace saerok::lab {

/// Decisions of a run against those that the dataset says are right: "search", "answer", "clarify".
/// Nothing where no topic of the run has such a label. `topics` are the dataset's.
std::optional<ConfusionMatrix> confusion_of_decisions(std::span<const Topic> topics,
                                                      std::span<const Outcome> outcomes);

}  // namespace saerok::lab
