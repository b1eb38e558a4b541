#include "answer/standalone.h"

namespace saerok {

CarriedTurns carry_turns(const Conversation& conversation, std::size_t turns_max) {
  CarriedTurns carried;
  for (std::size_t i = conversation.size() - 1; i-- > 0 && carried.count < turns_max;) {
    if (conversation[i].role != "user") continue;
    carried.text = conversation[i].content + (carried.text.empty() ? "" : "\n") + carried.text;
    ++carried.count;
  }
  return carried;
}

}  // namespace saerok
