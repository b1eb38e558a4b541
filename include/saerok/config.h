/// Settings by name: from defaults, the config file, the environment and the command line, in that
/// order, each value remembering where it came from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/export.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {

/// The full name of a setting: `name` itself, or the only one that ends in ".name" ("k1" is
/// search.bm25.k1). Another name comes back as it is.
SAEROK_API std::string setting_name(std::string_view name);

/// Sets one setting, named as setting_name() takes it, from text. Errors: invalid_argument for an
/// unknown name (with the nearest known one), a value of the wrong type or out of range (with the
/// range).
SAEROK_API Status set_setting(Settings& settings, std::string_view name, std::string_view value);

/// One setting as text, for people: choices by name, secrets as "(set)" or "".
struct SettingValue {
  std::string name;
  std::string value;
  std::string range;  ///< "1 to 10000", "weighted_sum | reciprocal_rank", or "text".
  std::string help;
  std::string source;  ///< "default", or as given to SettingSources.
};

/// Where values that are not defaults came from, by setting name.
using SettingSources = std::map<std::string, std::string, std::less<>>;

/// Every setting in the order of visit_settings().
SAEROK_API std::vector<SettingValue> list_settings(const Settings& settings,
                                                   const SettingSources& sources);

/// Applies a TOML file: tables nest as the dots of setting names do. A file that does not exist
/// changes nothing. Errors: invalid_argument with file and line.
SAEROK_API Status apply_config_file(const std::string& file, Settings& settings,
                                    SettingSources& sources);

/// Writes settings into a TOML file, which is made if it is not there, and leaves every other line
/// as it is; a value of nothing takes the setting out. What was written is read back before it
/// replaces the file. `changes` is by full name; values as set_setting() takes them.
/// Errors: invalid_argument (a value, or a file that is no valid TOML), failed_precondition (the
/// file states the setting in a form that is not edited here), unavailable.
SAEROK_API Status change_config_file(
    const std::string& file, const std::map<std::string, std::optional<std::string>>& changes);

/// Applies SAEROK_{CHAT,EMBED,RERANK}_{BASE_URL,API_KEY,MODEL} where `environment` has them.
SAEROK_API Status apply_environment(const std::map<std::string, std::string>& environment,
                                    Settings& settings, SettingSources& sources);

/// The nearest of `names` by edit distance, or empty if none is near: for "did you mean".
SAEROK_API std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

}  // namespace saerok
