/// Takes from the model worker what it does not need, since a model file may be hostile and its
/// runtime is a large C++ program: privileges, core files, memory beyond the machine's, files but
/// its model's, sockets, new programs and processes, and signals to others. Linux only. On
/// libseccomp, because it knows the system calls of each processor; the .cpp alone includes it.
#pragma once

#include <string>

#include "saerok/result.h"

namespace saerok {

/// Before the model is read, and before there is a second thread: files are restricted by the
/// thread (worker_files.h). Those to come are bound as well, and for good. Refused calls give
/// EPERM, files EACCES. Errors: unavailable (a kernel without seccomp filters).
Status confine_worker(const std::string& model_file);

/// How this kernel confines the worker, for people. Errors: unavailable (it cannot, so that no
/// local model runs), with the reason.
Result<std::string> describe_confinement();

}  // namespace saerok
