/// The board and a comparison as JSON, in the shapes of docs/schema/lab_board.json and
/// lab_compare.json: for --json and for the page.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "lab/board.h"
#include "lab/compare.h"

namespace saerok::lab {

Json to_json(const Board& board, const std::vector<std::string>& warnings);

/// Nothing is explained: whoever searched again fills in "explained" of moved[].runs[].
Json to_json(const Comparison& comparison, const CompareRequest& request);

}  // namespace saerok::lab
