/// A core file of a process holds every note, key and token that it had in memory, in a place and
/// with readers that nobody chose.
#pragma once

#include "saerok/result.h"

namespace saerok {

/// For the rest of the process: no core file, also not through a program that the kernel hands
/// cores to, and on Linux no look into its memory by other programs of the same user (a debugger).
/// Errors: unavailable.
Status forbid_core_dumps();

}  // namespace saerok
