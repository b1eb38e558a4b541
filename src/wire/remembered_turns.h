/// What is stored of a question and its answer, whoever asked.
#pragma once

#include <string>
#include <vector>

#include "saerok/memory.h"
#include "saerok/requests.h"

namespace saerok {

/// The question's turn and the answer's, of now.
std::vector<StoredTurn> turns_to_remember(const std::string& question,
                                          const AskResponse& response);

}  // namespace saerok
