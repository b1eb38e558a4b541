#include "cli/names.h"

#include <unistd.h>

#include <string_view>

extern char** environ;

namespace saerok {
namespace {

std::string folder(const Environment& environment, const std::string& variable,
                   std::string_view below_home) {
  // The XDG specification: a relative value is to be ignored.
  if (const auto at = environment.find(variable); at != environment.end() && at->second.starts_with('/')) {
    return at->second;
  }
  const auto home = environment.find("HOME");
  const std::string base = home == environment.end() || home->second.empty() ? "." : home->second;
  return base + "/" + std::string(below_home);
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

std::string default_store(const Environment& environment) {
  if (const auto at = environment.find("SAEROK_STORE"); at != environment.end() && !at->second.empty()) {
    return at->second;
  }
  return folder(environment, "XDG_DATA_HOME", ".local/share") + "/saerok";
}

std::string default_config_file(const Environment& environment) {
  return folder(environment, "XDG_CONFIG_HOME", ".config") + "/saerok/config.toml";
}

std::string default_models_directory(const Environment& environment) {
  return folder(environment, "XDG_DATA_HOME", ".local/share") + "/saerok/models";
}

}  // namespace saerok
