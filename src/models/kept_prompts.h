/// Which of a chat model's sequences reads the next prompt, so that what is worth keeping is kept:
/// an answer's prompt holds a conversation and pages of notes, and between two answers the model is
/// asked for small things (decide, rewrite, expand) whose prompts begin otherwise. What this is
/// not: the memory of the model itself (llama_chat.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace saerok {

class KeptPrompts {
 public:
  /// Requests after which a long prompt that nothing went on from gives way to others: some
  /// conversation's turns, each with its steps.
  static constexpr std::uint64_t kForgottenAfter = 16;

  explicit KeptPrompts(std::size_t sequences) : sequences_(sequences) {}

  struct Choice {
    std::size_t sequence = 0;
    std::size_t same = 0;  ///< Tokens it has read already; less than the prompt's.
  };

  /// The sequence that has read most of `prompt`'s beginning, where that is worth something; else
  /// an empty one, or the one whose loss costs least. Requires a prompt that is not empty.
  Choice choose(std::span<const std::int32_t> prompt);

  /// Tokens that the sequence has read.
  std::vector<std::int32_t>& held(std::size_t sequence) { return sequences_[sequence].held; }

 private:
  struct Sequence {
    std::vector<std::int32_t> held;
    std::uint64_t used = 0;  ///< By which request, counted from 1.
  };
  bool is_forgotten(const Sequence& sequence) const {
    return sequence.used + kForgottenAfter < requests_;
  }

  std::vector<Sequence> sequences_;
  std::uint64_t requests_ = 0;
};

}  // namespace saerok
