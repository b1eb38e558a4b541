/// Errors as RFC 9457 problem documents: what failed, on what, and what to do.
#pragma once

#include <string_view>

#include "base/json.h"
#include "saerok/result.h"
#include "server/exchange.h"

namespace saerok::server {

/// Refusals that no ErrorCode stands for.
enum class Refusal : std::uint8_t {
  unauthenticated,     ///< 401
  forbidden,           ///< 403
  method_not_allowed,  ///< 405
  wrong_host,          ///< 421
};

Response problem(const Error& error);
Response problem(Refusal refusal, std::string_view detail);
/// For what the listener refuses; the code goes by the status.
Response problem_of_status(int status, std::string_view detail);

/// The document alone, for events and jobs.
Json problem_document(const Error& error);

}  // namespace saerok::server
