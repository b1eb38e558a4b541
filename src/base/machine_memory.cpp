#include "base/machine_memory.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

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

}  // namespace

MachineMemory parse_machine_memory(std::string_view meminfo) {
  return {.total = kib_of(meminfo, "MemTotal:"), .available = kib_of(meminfo, "MemAvailable:")};
}

MachineMemory read_machine_memory() {
  std::ostringstream text;
  text << std::ifstream("/proc/meminfo").rdbuf();
  return parse_machine_memory(text.str());
}

}  // namespace saerok
