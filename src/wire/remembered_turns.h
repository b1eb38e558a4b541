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
std::vector<StoredTurn> turns_to_remember(const std::string& question, const AskResponse& response);

/// The last question of a conversation with what was answered. Nothing where there is no question.
std::optional<TurnRange> last_exchange(std::span<const StoredTurn> turns);

/// The question that is the turn `begin`, counted from 0, with all that came after it. Nothing
/// where that turn is no question.
std::optional<TurnRange> exchanges_from(std::span<const StoredTurn> turns, std::uint64_t begin);

}  // namespace saerok
