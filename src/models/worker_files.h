/// Which files the model worker may read: its model, the libraries of its runtime and what the
/// system says of processor and memory. By Landlock, where the kernel has it; without privileges,
/// for good.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "saerok/result.h"

namespace saerok {

/// Landlock's version in the running kernel; 0: none.
int landlock_version();

/// From now on the calling thread, and those that it starts, open nothing for reading but `files`
/// (those that are not there are passed over), the folders of the libraries that are loaded now and
/// of the system's, /dev/null, random numbers, and what the system says of this process and of the
/// machine; and nothing for writing. Refused calls give EACCES. Does nothing without Landlock.
/// Requires no_new_privs. Errors: unavailable.
Status restrict_files(std::span<const std::string> files);

/// `model`, and its other parts where its name says that it is the first of several
/// ("name-00001-of-00003.gguf").
std::vector<std::string> parts_of_model(const std::string& model);

}  // namespace saerok
