/// Takes from the model worker what it does not need, since a model file may be hostile and its
/// runtime is a large C++ program. Linux only: no_new_privs, no core files, and after the model is
/// loaded a seccomp filter that refuses sockets, new programs and changes to files.
/// On libseccomp, because it knows the system calls of each processor; the .cpp alone includes it.
#pragma once

#include "saerok/result.h"

namespace saerok {

/// Before the model is loaded. Errors: unavailable.
Status drop_privileges();

/// After it: for all threads, those to come included. Refused calls give EPERM.
/// Errors: unavailable (a kernel without seccomp).
Status refuse_system_calls();

}  // namespace saerok
