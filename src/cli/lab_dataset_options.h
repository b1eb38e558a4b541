/// The options by which a command of the lab is told its dataset. What this is not: opening it
/// (lab/dataset.h).
#pragma once

#include "lab/dataset.h"

namespace CLI {
class App;
}

namespace saerok {

/// DATASET, --split, --queries, --qrels, --conversations, --corpus and --column. `request` must
/// outlive the parsing.
void add_dataset_options(CLI::App& command, lab::DatasetRequest& request);

}  // namespace saerok
