#include "saerok/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>
#include <sstream>
#include <type_traits>
#include <utility>

#include "saerok/settings_fields.h"

namespace saerok {
namespace {

std::string print_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

template <class T>
std::string range_of(const Field<T>& field) {
  if constexpr (std::is_floating_point_v<T>) {
    return print_number(field.min) + " to " + print_number(field.max);
  } else {
    return std::to_string(field.min) + " to " + std::to_string(field.max);
  }
}

std::string range_of(const ChoiceField& field) {
  std::string names;
  for (const std::string_view name : field.names) {
    if (!names.empty()) names += " | ";
    names += name;
  }
  return names;
}

Error bad_value(std::string_view name, std::string_view value, const std::string& range) {
  return Error{ErrorCode::invalid_argument, "setting " + std::string(name) + " cannot be \"" +
                                                std::string(value) + "\"; it takes " + range};
}

/// Parses `text` into the setting called `name`, if the visitor meets it.
struct Setter {
  std::string_view name;
  std::string_view text;
  bool found = false;
  Status outcome{};

  template <class T>
  void operator()(const Field<T>& field, T& value) {
    if (field.name != name) return;
    found = true;
    T parsed{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (!is_number || !(parsed >= field.min && parsed <= field.max)) {
      outcome = bad_value(name, text, range_of(field));
      return;
    }
    value = parsed;
  }
  void operator()(const TextField& field, std::string& value) {
    if (field.name != name) return;
    found = true;
    value = text;
  }
  void operator()(const SecretField& field, Secret& value) {
    if (field.name != name) return;
    found = true;
    value = Secret(std::string(text));
  }
  template <class Enum>
  void operator()(const ChoiceField& field, Enum& value) {
    if (field.name != name) return;
    found = true;
    const auto at = std::find(field.names.begin(), field.names.end(), text);
    if (at == field.names.end()) {
      outcome = bad_value(name, text, range_of(field));
      return;
    }
    value = static_cast<Enum>(at - field.names.begin());
  }
};

struct Lister {
  const SettingSources& sources;
  std::vector<SettingValue> rows;

  template <class T>
  void operator()(const Field<T>& field, const T& value) {
    if constexpr (std::is_floating_point_v<T>) {
      add(field.name, print_number(value), range_of(field), field.help);
    } else {
      add(field.name, std::to_string(value), range_of(field), field.help);
    }
  }
  void operator()(const TextField& field, const std::string& value) {
    add(field.name, value, "text", field.help);
  }
  void operator()(const SecretField& field, const Secret& value) {
    add(field.name, value.empty() ? "" : "(set)", "text", field.help);
  }
  template <class Enum>
  void operator()(const ChoiceField& field, const Enum& value) {
    add(field.name, std::string(field.names[static_cast<std::size_t>(value)]), range_of(field),
        field.help);
  }

 private:
  void add(std::string_view name, std::string value, std::string range, std::string_view help) {
    const auto source = sources.find(name);
    rows.push_back({std::string(name), std::move(value), std::move(range), std::string(help),
                    source == sources.end() ? "default" : source->second});
  }
};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  std::ostringstream stream;
  if (const auto* integer = node.as_integer()) stream << integer->get();
  else if (const auto* real = node.as_floating_point()) stream << real->get();
  else if (const auto* boolean = node.as_boolean()) stream << (boolean->get() ? "true" : "false");
  return stream.str();
}

Status apply_table(const toml::table& table, const std::string& prefix, const std::string& file,
                   Settings& settings, SettingSources& sources) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const std::string place = file + ":" + std::to_string(node.source().begin.line);
    if (const auto* inner = node.as_table()) {
      TRY(apply_table(*inner, name + ".", file, settings, sources));
      continue;
    }
    if (node.is_array() || node.is_date() || node.is_time() || node.is_date_time()) {
      return Error{ErrorCode::invalid_argument,
                   place + ": " + name + " takes one number or text, not a list or a date"};
    }
    if (Status set = set_setting(settings, name, text_of(node)); !set) {
      return Error{set.error().code, place + ": " + set.error().message};
    }
    sources[name] = place;
  }
  return {};
}

/// "k1" of "search.bm25.k1".
std::string_view last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::string setting_name(std::string_view name) {
  std::string found;
  for (const SettingValue& row : list_settings({}, {})) {
    if (row.name == name) return row.name;
    if (last_part(row.name) != name) continue;
    if (!found.empty()) return std::string(name);  // Two end so: the user has to say which.
    found = row.name;
  }
  return found.empty() ? std::string(name) : found;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& names) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(3, name.size() / 2);
  for (const std::string& candidate : names) {
    std::size_t distance = edit_distance(name, candidate);
    // "search.k1" for "search.bm25.k1": the end of a dotted name is what people remember.
    if (candidate.find('.') != std::string::npos && last_part(candidate) == last_part(name))
      distance = 1;
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

Status set_setting(Settings& settings, std::string_view name, std::string_view value) {
  const std::string full_name = setting_name(name);
  Setter setter{.name = full_name, .text = value};
  visit_settings(settings, setter);
  if (setter.found) return std::move(setter.outcome);
  std::vector<std::string> names;
  for (const SettingValue& row : list_settings(settings, {})) names.push_back(row.name);
  const std::string nearest = nearest_name(name, names);
  return Error{ErrorCode::invalid_argument,
               "there is no setting \"" + std::string(name) + "\"" +
                   (nearest.empty() ? "; `saerok doctor` lists them all"
                                    : "; did you mean " + nearest + "?")};
}

std::vector<SettingValue> list_settings(const Settings& settings, const SettingSources& sources) {
  Lister lister{.sources = sources, .rows = {}};
  visit_settings(settings, lister);
  return std::move(lister.rows);
}

Status apply_config_file(const std::string& file, Settings& settings, SettingSources& sources) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  try {
    const toml::table table = toml::parse_file(file);
    return apply_table(table, "", file, settings, sources);
  } catch (const toml::parse_error& problem) {
    return Error{ErrorCode::invalid_argument,
                 file + ":" + std::to_string(problem.source().begin.line) +
                     ": the config file is not valid TOML: " + std::string(problem.description())};
  }
}

Status apply_environment(const std::map<std::string, std::string>& environment, Settings& settings,
                         SettingSources& sources) {
  static constexpr std::pair<std::string_view, std::string_view> kVariables[] = {
      {"SAEROK_CHAT_BASE_URL", "models.chat_base_url"},
      {"SAEROK_CHAT_API_KEY", "models.chat_api_key"},
      {"SAEROK_CHAT_MODEL", "models.chat"},
      {"SAEROK_EMBED_BASE_URL", "models.embed_base_url"},
      {"SAEROK_EMBED_API_KEY", "models.embed_api_key"},
      {"SAEROK_EMBED_MODEL", "models.embed"},
      {"SAEROK_RERANK_BASE_URL", "models.rerank_base_url"},
      {"SAEROK_RERANK_API_KEY", "models.rerank_api_key"},
      {"SAEROK_RERANK_MODEL", "models.rerank"},
  };
  for (const auto& [variable, name] : kVariables) {
    const auto at = environment.find(std::string(variable));
    if (at == environment.end()) continue;
    TRY(set_setting(settings, name, at->second));
    sources[std::string(name)] = "$" + std::string(variable);
  }
  return {};
}

}  // namespace saerok
