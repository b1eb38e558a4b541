#include "wire/remembered_turns.h"

#include "base/clock.h"

namespace saerok {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

std::vector<StoredTurn> turns_to_remember(const std::string& question,
                                          const AskResponse& response) {
  const std::int64_t now_s = wall_clock_ns() / kNanosecondsPerSecond;
  StoredTurn asked, answered;
  asked.turn = {"user", question};
  asked.created_s = now_s;
  answered.turn = {"assistant", response.answer};
  answered.created_s = now_s;
  answered.standalone_query = response.standalone_query;
  answered.model = response.model;
  answered.prompt_hash = response.prompt_hash;
  answered.citations = response.citations;
  return {asked, answered};
}

std::optional<TurnRange> last_exchange(std::span<const StoredTurn> turns) {
  for (std::size_t begin = turns.size(); begin > 0; --begin) {
    if (turns[begin - 1].turn.role == "user") return TurnRange{begin - 1, turns.size()};
  }
  return std::nullopt;
}

std::optional<TurnRange> exchanges_from(std::span<const StoredTurn> turns, std::uint64_t begin) {
  if (begin >= turns.size() || turns[begin].turn.role != "user") return std::nullopt;
  return TurnRange{begin, turns.size()};
}

}  // namespace saerok
