/// ASSERT for programmer errors, on in release builds; DASSERT for hot loops, debug builds only.
/// Never for input: bad input is an Error.
#pragma once

namespace saerok {

/// Prints the failed claim with its place to standard error and aborts.
[[noreturn]] void assertion_failed(const char* claim, const char* file, int line);

}  // namespace saerok

#define ASSERT(claim) \
  ((claim) ? static_cast<void>(0) : ::saerok::assertion_failed(#claim, __FILE__, __LINE__))

#ifdef NDEBUG
#define DASSERT(claim) static_cast<void>(0)
#else
#define DASSERT(claim) ASSERT(claim)
#endif
