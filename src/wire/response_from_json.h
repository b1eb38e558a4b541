/// Responses read back from the JSON of response_json.h: what a command prints that a daemon
/// answered for it. Members that are missing or of another type are taken as empty, as an older
/// daemon may know fewer.
#pragma once

#include "base/json.h"
#include "saerok/requests.h"

namespace saerok {

SearchResponse search_response_from(const Json& json);
AskResponse ask_response_from(const Json& json);
IngestReport ingest_report_from(const Json& json);
std::vector<Hit> hits_from(const Json& json);

}  // namespace saerok
