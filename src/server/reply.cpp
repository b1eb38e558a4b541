#include "server/reply.h"

#include <algorithm>
#include <charconv>

#include "saerok/config.h"

namespace saerok::server {

Response reply(const Json& document, int status) {
  return {.status = status,
          .content_type = "application/json",
          .body = print_json(document) + "\n",
          .headers = {{"Cache-Control", "no-store"}}};
}

Response reply_nothing() { return {.status = 204, .content_type = "", .body = {}, .headers = {}}; }

Result<Json> members_of(const Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return json_from_query(request.query);
  return parse_request_body(request.body);
}

std::string collection_of(const Request& request) {
  const auto named = request.query.find("collection");
  return named == request.query.end() ? "default" : named->second;
}

Result<std::uint64_t> number_in(const PathValues& values, std::string_view name) {
  const std::string& text = values.find(name)->second;
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && rest == end) return number;
  return Error{ErrorCode::invalid_argument, "\"" + text + "\" is no number"};
}

CallContext call_for(const Exchange& exchange, std::chrono::milliseconds longest) {
  return {.stop = exchange.stop(), .deadline = std::chrono::steady_clock::now() + longest};
}

std::string event(std::string_view name, const Json& data) {
  return "event: " + std::string(name) + "\ndata: " + print_json(data) + "\n\n";
}

Response event_stream() {
  return {.status = 200,
          .content_type = "text/event-stream; charset=utf-8",
          .body = {},
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
}

bool wants_events(const Request& request) {
  return request.header("accept").find("text/event-stream") != std::string_view::npos;
}

Result<std::string> setting_text(std::string_view name, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return print_json(value);
  return Error{ErrorCode::invalid_argument, std::string(name) + " takes one number or text"};
}

Result<Engine> engine_for(const Engine& engine, const Json* settings,
                          std::span<const std::string_view> prefixes) {
  Settings changed = engine.settings();
  if (settings == nullptr || settings->is_null()) return engine.with_settings(std::move(changed));
  if (!settings->is_object()) {
    return Error{ErrorCode::invalid_argument, "\"settings\" is an object: {\"search.depth\": 50}"};
  }
  for (const auto& [name, value] : settings->items()) {
    const std::string full = setting_name(name);
    const bool is_allowed = std::ranges::any_of(
        prefixes, [&](std::string_view prefix) { return full.starts_with(prefix); });
    if (!is_allowed) {
      return Error{ErrorCode::invalid_argument,
                   "a request cannot set " + full + "; change it under settings"};
    }
    const std::string text = TRY(setting_text(full, value));
    TRY(set_setting(changed, full, text));
  }
  return engine.with_settings(std::move(changed));
}

}  // namespace saerok::server
