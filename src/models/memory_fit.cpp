#include "models/memory_fit.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/worker_files.h"

namespace saerok {
namespace {

constexpr std::uint64_t kKib = 1'024;

std::uint64_t kib_of(std::string_view meminfo, std::string_view name) {
  const std::size_t at = meminfo.find(name);
  if (at == std::string_view::npos) return 0;
  std::string_view rest = meminfo.substr(at + name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  std::uint64_t count = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), count);
  return count * kKib;
}

std::string gigabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

}  // namespace

MachineMemory parse_machine_memory(std::string_view meminfo) {
  return {.total = kib_of(meminfo, "MemTotal:"), .available = kib_of(meminfo, "MemAvailable:")};
}

MachineMemory read_machine_memory() {
  std::ostringstream text;
  text << std::ifstream("/proc/meminfo").rdbuf();
  return parse_machine_memory(text.str());
}

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
