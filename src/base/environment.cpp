#include "base/environment.h"

#include <unistd.h>

extern char** environ;

namespace saerok {
namespace {

std::string folder(const Environment& environment, const std::string& variable,
                   std::string_view below_home) {
  const auto at = environment.find(variable);
  if (at != environment.end() && at->second.starts_with('/')) return at->second + "/saerok";
  const auto home = environment.find("HOME");
  const std::string base = home == environment.end() || home->second.empty() ? "." : home->second;
  return base + "/" + std::string(below_home) + "/saerok";
}

}  // namespace

Environment read_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string data_folder(const Environment& environment) {
  return folder(environment, "XDG_DATA_HOME", ".local/share");
}

std::string config_folder(const Environment& environment) {
  return folder(environment, "XDG_CONFIG_HOME", ".config");
}

}  // namespace saerok
