// Settings as data: each with its kind, range and help, so that a form can be made of them.

#include <map>
#include <set>
#include <type_traits>
#include <utility>

#include "saerok/settings_fields.h"
#include "server/context.h"
#include "server/problem.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

/// When a change counts.
std::string_view applies(std::string_view name) {
  if (name.starts_with("serve.")) return "restart";
  const bool is_of_chunks = name == "index.korean" || name.starts_with("index.chunk_") ||
                            name == "index.window_sentences" || name.starts_with("models.embed");
  return is_of_chunks ? "rebuild" : "now";
}

struct Describer {
  const SettingSources& sources;
  const std::map<std::string, std::string>& defaults;
  Json rows = Json::array();

  template <class T>
  void operator()(const Field<T>& field, const T& value) {
    const bool is_real = std::is_floating_point_v<T>;
    Json row = {{"kind", is_real ? "real" : "integer"}, {"min", field.min}, {"max", field.max}};
    // A float is shown as it was written, .4 and not .4000000059604645.
    if constexpr (std::is_floating_point_v<T>) {
      row["min"] = short_number(field.min);
      row["max"] = short_number(field.max);
      row["value"] = short_number(value);
    } else {
      row["value"] = value;
    }
    add(field.name, field.help, std::move(row));
  }
  void operator()(const TextField& field, const std::string& value) {
    add(field.name, field.help, {{"kind", "text"}, {"value", value}});
  }
  void operator()(const SecretField& field, const Secret& value) {
    add(field.name, field.help, {{"kind", "secret"}, {"value", value.empty() ? "" : "(set)"}});
  }
  template <class Enum>
  void operator()(const ChoiceField& field, const Enum& value) {
    Json choices = Json::array();
    for (const std::string_view name : field.names) choices.push_back(name);
    const std::string_view shown = field.names[static_cast<std::size_t>(value)];
    add(field.name, field.help,
        {{"kind", "choice"}, {"choices", std::move(choices)}, {"value", shown}});
  }

 private:
  static double short_number(float value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", static_cast<double>(value));
    return std::stod(text);
  }
  void add(std::string_view name, std::string_view help, Json row) {
    const auto source = sources.find(name);
    Json& value = row["value"];
    const std::string& wanted = defaults.at(std::string(name));
    row["name"] = name;
    row["help"] = help;
    if (value.is_number_integer()) row["default"] = std::stoll(wanted);
    else if (value.is_number()) row["default"] = std::stod(wanted);
    else row["default"] = wanted;
    row["is_changed"] = row["value"] != row["default"];
    row["source"] = source == sources.end() ? "default" : source->second;
    row["applies"] = applies(name);
    rows.push_back(std::move(row));
  }
};

Response list(Context& context) {
  const SettingSources sources = context.engine.sources();
  std::map<std::string, std::string> defaults;
  for (const SettingValue& row : list_settings({}, {})) defaults[row.name] = row.value;
  Describer describer{.sources = sources, .defaults = defaults};
  const auto engine = context.engine.get();
  const Settings& settings = engine->settings();
  visit_settings(settings, describer);
  return reply({{"settings", std::move(describer.rows)}});
}

Result<Response> change(Context& context, const Request& request) {
  const Json members = TRY(members_of(request));
  std::set<std::string> known;
  for (const SettingValue& row : list_settings({}, {})) known.insert(row.name);
  std::map<std::string, std::optional<std::string>> changes;
  for (const auto& [given, value] : members.items()) {
    const std::string name = setting_name(given);
    if (!known.contains(name)) {
      Settings scratch;  // For its "did you mean".
      TRY(set_setting(scratch, given, ""));
    }
    // Else any program of the machine could have a service's key sent to an address of its own, or
    // say who else may ask from the next start on.
    const bool is_open_to_all = context.token.empty() && request.carrier != Carrier::unix_socket;
    if (is_open_to_all && (name.starts_with("models.") || name.starts_with("serve."))) {
      return problem(Refusal::forbidden,
                     name +
                         " cannot be changed from a page without a token (--no-auth); change it "
                         "in the config file");
    }
    if (value.is_null()) changes[name] = std::nullopt;
    else changes[name] = TRY(setting_text(name, value));
  }
  TRY(context.engine.change(changes));
  return list(context);
}

}  // namespace

void add_setting_routes(Router& router, Context& context) {
  router.add(
      "GET", "/v1/saerok/settings",
      [&context](Exchange&, const PathValues&) -> Result<Response> { return list(context); });
  router.add("PATCH", "/v1/saerok/settings", [&context](Exchange& exchange, const PathValues&) {
    return change(context, exchange.request());
  });
}

}  // namespace saerok::server
