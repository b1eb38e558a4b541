/// Making a folder that what is written goes into, with those above it.
#pragma once

#include <string>

#include "base/env.h"
#include "base/posix_env.h"
#include "saerok/result.h"

namespace saerok::lab {

/// `folder` must be absolute. No error where it exists.
inline Status make_folders(const std::string& folder) {
  Env& env = posix_env();
  const auto info = TRY(env.stat(folder));
  if (info && info->is_directory) return {};
  const std::string parent = parent_path(folder);
  if (!info && parent != folder) TRY(make_folders(parent));
  return env.make_directory(folder);
}

}  // namespace saerok::lab
