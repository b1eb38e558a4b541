#include "base/core_dumps.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <string>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace saerok {
namespace {

Error failed() {
  return {ErrorCode::unavailable,
          std::string("core dumps cannot be switched off: ") + std::strerror(errno)};
}

}  // namespace

Status forbid_core_dumps() {
  const rlimit nothing{0, 0};
  if (setrlimit(RLIMIT_CORE, &nothing) != 0) return failed();
#ifdef __linux__
  // Where cores are piped to a program the limit does not count.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed();
#endif
  return {};
}

}  // namespace saerok
