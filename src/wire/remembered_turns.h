/// What is stored of a question and its answer, whoever asked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "saerok/memory.h"
#include "saerok/requests.h"

namespace saerok {

/// The question's turn and the answer's, of now.
std::vector<StoredTurn> turns_to_remember(const std::string& question,
                                          const AskResponse& response);

/// The last question of a conversation with what was answered. Nothing where there is no question.
std::optional<TurnRange> last_exchange(std::span<const StoredTurn> turns);

}  // namespace saerok
