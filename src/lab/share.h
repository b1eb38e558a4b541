/// A run as one JSON file, to give to others: everything of its folder but the machine's paths.
/// What is taken in is checked whole before anything is written. Not a backup of the lab.
#pragma once

#include <string>
#include <string_view>

#include "lab/run.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

/// Most bytes of a shared run, unpacked: 100,000 questions with a hundred hits each.
inline constexpr std::uint64_t kSharedRunBytesMax = 1'000'000'000;

/// The run as text. Errors: not_found, corrupt, failed_precondition (the run was interrupted).
Result<std::string> print_shared_run(const RunStore& store, std::string_view id);

/// Writes that to `file`, packed where its name ends in .gz or .zst; it must not exist unless it is
/// a shared run. Errors: also failed_precondition, unavailable, out_of_space.
Status export_run(const RunStore& store, std::string_view id, const std::string& file);

/// Adds a shared run, plain or as .gz or .zst, under its own id, or under the next free number of
/// its dataset where that id is taken. Returns the id. After an error there is no trace of it.
/// Errors: not_found (the file), invalid_argument (what is wrong in it), unavailable, out_of_space.
Result<std::string> import_run(const RunStore& store, const std::string& file,
                               const CallContext& call);

}  // namespace saerok::lab
