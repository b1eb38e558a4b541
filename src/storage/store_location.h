/// Where a store may stand: on a disk of this machine, and not in a folder that a program copies to
/// other machines. SQLite's WAL needs memory that all its processes share and locks that hold, and
/// its files must never be copied apart from each other; elsewhere the store is damaged one day.
#pragma once

#include <string>

#include "base/env.h"

namespace saerok {

enum class StorePlace : std::uint8_t {
  local_only,
  anywhere,  ///< The user has said that it is all right (store.anywhere).
};

/// `folder` is absolute, and may be missing yet. Errors: failed_precondition, saying what to do.
Status check_store_location(Env& env, const std::string& folder);

}  // namespace saerok
