#include "answer/standalone.h"

#include <algorithm>

#include "answer/decision_features.h"

namespace saerok {
namespace {

/// "Hello!", "고마워 ㅎㅎ": words that no later question means. Longer ones may hold a question.
bool says_nothing(const std::string& turn) {
  constexpr std::ptrdiff_t kBlanksMax = 3;
  return is_courtesy(turn) && turn.find('?') == std::string::npos &&
         std::count(turn.begin(), turn.end(), ' ') <= kBlanksMax;
}

}  // namespace

CarriedTurns carry_turns(const Conversation& conversation, std::size_t turns_max) {
  CarriedTurns carried;
  for (std::size_t i = conversation.size() - 1; i-- > 0 && carried.count < turns_max;) {
    if (conversation[i].role != "user" || says_nothing(conversation[i].content)) continue;
    carried.text = conversation[i].content + (carried.text.empty() ? "" : "\n") + carried.text;
    ++carried.count;
  }
  return carried;
}

}  // namespace saerok
