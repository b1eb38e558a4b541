#include "base/core_dumps.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace saerok {
namespace {

constexpr int kForbidden = 0;

/// In a process of its own: it cannot be taken back.
int after_forbidding() {
  if (!forbid_core_dumps()) return 1;
  rlimit core{1, 1};
  if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0) return 2;
  if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 3;
  return kForbidden;
}

TEST(CoreDumps, AreForbiddenToTheProcessForGood) {
  EXPECT_EXIT(_exit(after_forbidding()), testing::ExitedWithCode(kForbidden), "");
}

}  // namespace
}  // namespace saerok
