#include "base/process_memory.h"

#include <sys/resource.h>

namespace saerok {
namespace {

std::uint64_t peak_of(int who) {
  rusage usage{};
  if (getrusage(who, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB.
}

}  // namespace

std::uint64_t peak_memory_bytes() { return peak_of(RUSAGE_SELF); }

std::uint64_t peak_child_memory_bytes() { return peak_of(RUSAGE_CHILDREN); }

}  // namespace saerok
