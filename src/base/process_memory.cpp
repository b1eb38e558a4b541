#include "base/process_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace saerok {
namespace {

std::uint64_t peak_of(int who) {
  rusage usage{};
  if (getrusage(who, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB.
}

}  // namespace

std::uint64_t resident_memory_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long long pages_in_all = 0;
  unsigned long long pages_resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &pages_in_all, &pages_resident);
  std::fclose(file);
  return read == 2 ? pages_resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::uint64_t peak_memory_bytes() { return peak_of(RUSAGE_SELF); }

std::uint64_t peak_child_memory_bytes() { return peak_of(RUSAGE_CHILDREN); }

}  // namespace saerok
