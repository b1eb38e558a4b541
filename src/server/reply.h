/// Small things that every route does alike.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/json.h"
#include "saerok/call_context.h"
#include "saerok/engine.h"
#include "saerok/result.h"
#include "server/exchange.h"
#include "server/router.h"
#include "wire/request_json.h"

namespace saerok::server {

Response reply(const Json& document, int status = 200);
/// 204.
Response reply_nothing();

/// The members of a request: of the body, else of the URL's query. Errors: invalid_argument.
Result<Json> members_of(const Request& request);

/// `collection` of the query, else "default".
std::string collection_of(const Request& request);

/// The number that stands in the path. Errors: invalid_argument.
Result<std::uint64_t> number_in(const PathValues& values, std::string_view name);

/// Stops with the request, and after so long.
CallContext call_for(const Exchange& exchange, std::chrono::milliseconds longest);

/// "event: NAME\ndata: …\n\n".
std::string event(std::string_view name, const Json& data);
/// The head of an event stream.
Response event_stream();
bool wants_events(const Request& request);

/// Settings of a request beside the engine's: {"search.depth": 50}. Only those whose names begin
/// with one of the prefixes. Errors: invalid_argument.
Result<Engine> engine_for(const Engine& engine, const Json* settings,
                          std::span<const std::string_view> prefixes);

/// A JSON value as set_setting() reads it. Errors: invalid_argument (an array or object).
Result<std::string> setting_text(std::string_view name, const Json& value);

}  // namespace saerok::server
