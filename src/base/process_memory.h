/// How much memory this process and its children had at most.
#pragma once

#include <cstdint>

namespace saerok {

/// Resident bytes now; 0 where the system does not say.
std::uint64_t resident_memory_bytes();

/// Resident bytes at the highest point so far.
std::uint64_t peak_memory_bytes();

/// The same of the largest child that has ended; 0 before one has.
std::uint64_t peak_child_memory_bytes();

}  // namespace saerok
