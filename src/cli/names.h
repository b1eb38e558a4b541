/// Where things are by default: the table of docs/names.md, which a test compares with this file.
#pragma once

#include <map>
#include <string>

namespace saerok {

using Environment = std::map<std::string, std::string>;

/// The process's environment.
Environment read_environment();

inline constexpr char kDefaultCollection[] = "default";

/// $SAEROK_STORE, else `saerok` in the XDG data folder.
std::string default_store(const Environment& environment);
/// `saerok/config.toml` in the XDG config folder.
std::string default_config_file(const Environment& environment);
/// `saerok/models` in the XDG data folder.
std::string default_models_directory(const Environment& environment);

}  // namespace saerok
