/// How much memory this machine has.
#pragma once

#include <cstdint>
#include <string_view>

namespace saerok {

struct MachineMemory {
  std::uint64_t total = 0;      ///< Bytes; 0: not known.
  std::uint64_t available = 0;  ///< Without swapping, caches given up; 0: not known.
};

/// From the text of /proc/meminfo.
MachineMemory parse_machine_memory(std::string_view meminfo);
MachineMemory read_machine_memory();

}  // namespace saerok
