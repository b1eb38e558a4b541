#include "models/kept_prompts.h"

#include <algorithm>

namespace saerok {
namespace {

/// More than the words of a chat template that all prompts begin with.
constexpr std::size_t kWorthTokens = 32;

/// Tokens of the prompt that were read already. Its last one is read anew in any case: its scores
/// are needed.
std::size_t shared(const std::vector<std::int32_t>& held, std::span<const std::int32_t> prompt) {
  const auto end = std::mismatch(held.begin(), held.end(), prompt.begin(), prompt.end() - 1);
  return static_cast<std::size_t>(end.first - held.begin());
}

}  // namespace

KeptPrompts::Choice KeptPrompts::choose(std::span<const std::int32_t> prompt) {
  ++requests_;
  const auto shares_less = [&](const Sequence& a, const Sequence& b) {
    return shared(a.held, prompt) < shared(b.held, prompt);
  };
  // What was forgotten costs nothing, whatever its length.
  const auto costs_less = [&](const Sequence& a, const Sequence& b) {
    const std::size_t a_cost = is_forgotten(a) ? 0 : a.held.size();
    const std::size_t b_cost = is_forgotten(b) ? 0 : b.held.size();
    return a_cost != b_cost ? a_cost < b_cost : a.used < b.used;
  };
  auto chosen = std::max_element(sequences_.begin(), sequences_.end(), shares_less);
  const std::size_t same = shared(chosen->held, prompt);
  const bool goes_on = same >= kWorthTokens ||
                       (same > 0 && same * 2 >= std::min(chosen->held.size(), prompt.size()));
  if (!goes_on) chosen = std::min_element(sequences_.begin(), sequences_.end(), costs_less);
  chosen->used = requests_;
  return {static_cast<std::size_t>(chosen - sequences_.begin()), shared(chosen->held, prompt)};
}

}  // namespace saerok
