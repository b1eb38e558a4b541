/// Where things are by default: the table of docs/names.md, which a test compares with this file.
/// The models' folder is named by models/model_catalogue.h, because the library needs it too.
#pragma once

#include <string>

#include "base/environment.h"

namespace saerok {

inline constexpr char kDefaultCollection[] = "default";

/// $SAEROK_STORE, else `saerok` in the XDG data folder.
std::string default_store(const Environment& environment);
/// `saerok/config.toml` in the XDG config folder.
std::string default_config_file(const Environment& environment);
/// $SAEROK_LAB, else `saerok/lab` in the XDG data folder.
std::string default_lab(const Environment& environment);

}  // namespace saerok
