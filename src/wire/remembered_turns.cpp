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

}  // namespace saerok
