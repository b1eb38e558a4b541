/// Fetching one large file over HTTP so that an interrupted download goes on where it ended.
#pragma once

#include <string>

#include "models/model_catalogue.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

/// Downloads `url` to `part`, which may hold the beginning of an earlier attempt (its ETag stands
/// in `part`.etag). If the server's file has changed since, or it cannot go on, it begins anew. On
/// an error what has come stays, for the next attempt.
/// Errors: not_found (404), failed_precondition (401, 403), unavailable, out_of_space, cancelled,
/// deadline_exceeded.
Status download(const std::string& url, const std::string& part, const ModelProgress& progress,
                const CallContext& call);

}  // namespace saerok
