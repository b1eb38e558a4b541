/// The real Env: Linux system calls, with locks of open file descriptions (F_OFD_SETLK), which the
/// kernel drops when the process dies and which a close() of another descriptor cannot lose.
#pragma once

#include "base/env.h"

namespace saerok {

/// One for the whole process; it has no state.
Env& posix_env();

}  // namespace saerok
