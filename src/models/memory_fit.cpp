#include "models/memory_fit.h"

#include <cstdio>
#include <filesystem>

#include "models/worker_files.h"

namespace saerok {
namespace {

std::string gigabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

}  // namespace

Status check_weights(const std::string& path, const MachineMemory& memory) {
  std::uint64_t weights = 0;
  for (const std::string& part : parts_of_model(path)) {
    std::error_code failed;
    const std::uint64_t size = std::filesystem::file_size(part, failed);
    if (!failed) weights += size;
  }
  if (memory.total == 0 || weights <= memory.total) return {};
  return Error{ErrorCode::failed_precondition,
               "the model " + path + " takes " + gigabytes(weights) +
                   " of memory and this machine has " + gigabytes(memory.total) +
                   "; name a smaller one (`saerok model list` says what fits)"};
}

Result<std::uint32_t> prompts_that_fit(const ChatMemory& needed, const MachineMemory& memory) {
  const std::uint64_t prompt = needed.bytes_per_token * needed.tokens;
  if (memory.total > 0 && needed.weights + prompt > memory.total) {
    const std::uint64_t left = memory.total > needed.weights ? memory.total - needed.weights : 0;
    const std::uint64_t tokens = needed.bytes_per_token > 0 ? left / needed.bytes_per_token : 0;
    return Error{ErrorCode::failed_precondition,
                 "the chat model takes " + gigabytes(needed.weights) + " of memory and " +
                     gigabytes(prompt) + " more for " + std::to_string(needed.tokens) +
                     " tokens, and this machine has " + gigabytes(memory.total) +
                     "; lower models.context_tokens to " + std::to_string(tokens) +
                     " or less, or name a smaller model"};
  }
  const bool fits_twice = memory.available > 0 && needed.weights + 2 * prompt <= memory.available;
  return fits_twice ? 2 : 1;
}

}  // namespace saerok
