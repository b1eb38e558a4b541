/// The process's environment, and the folders that the XDG specification derives from it.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace saerok {

using Environment = std::map<std::string, std::string>;

/// The process's environment. Not safe beside a thread that changes it.
Environment read_environment();

/// `saerok` in the XDG data folder. A relative XDG_DATA_HOME is ignored, as the specification says;
/// without a home the working folder stands in for it.
std::string data_folder(const Environment& environment);
/// The same in the XDG config folder.
std::string config_folder(const Environment& environment);

}  // namespace saerok
