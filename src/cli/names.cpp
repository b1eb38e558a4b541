#include "cli/names.h"

namespace saerok {

std::string default_store(const Environment& environment) {
  const auto at = environment.find("SAEROK_STORE");
  if (at != environment.end() && !at->second.empty()) return at->second;
  return data_folder(environment);
}

std::string default_config_file(const Environment& environment) {
  return config_folder(environment) + "/config.toml";
}

std::string default_lab(const Environment& environment) {
  const auto at = environment.find("SAEROK_LAB");
  if (at != environment.end() && !at->second.empty()) return at->second;
  return data_folder(environment) + "/lab";
}

}  // namespace saerok
