/// Whether a model fits into the machine's memory, asked before it is loaded: a machine that swaps
/// helps nobody. What this is not: the limit that the worker is held to (worker_confinement.h).
#pragma once

#include <cstdint>
#include <string>

#include "base/machine_memory.h"
#include "saerok/result.h"

namespace saerok {

/// `path`, with its other parts, against all of the machine's memory. What cannot be measured fits.
/// Errors: failed_precondition, with both sizes and what to do.
Status check_weights(const std::string& path, const MachineMemory& memory);

/// What a chat model takes.
struct ChatMemory {
  std::uint64_t weights = 0;          ///< Bytes.
  std::uint64_t bytes_per_token = 0;  ///< Of what it keeps of one prompt.
  std::uint32_t tokens = 0;           ///< Of one prompt.
};

/// How many prompts to keep side by side: 2 where they fit into what is available, else 1.
/// Errors: failed_precondition where not even one fits into the machine; the message says how many
/// tokens would.
Result<std::uint32_t> prompts_that_fit(const ChatMemory& needed, const MachineMemory& memory);

}  // namespace saerok
