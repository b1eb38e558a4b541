/// Responses as JSON, in the shapes that docs/schema describes: the same from the command line
/// (--json) and over HTTP.
#pragma once

#include "base/json.h"
#include "saerok/memory.h"
#include "saerok/requests.h"
#include "saerok/result.h"

namespace saerok {

std::string_view name_of(Decision decision);

Json to_json(const Citation& citation);
Json to_json(const Hit& hit);
Json hits_to_json(const std::vector<Hit>& hits);
Json to_json(const IngestReport& report);
Json to_json(const SearchResponse& response);
Json to_json(const AskResponse& response);
Json to_json(const StoreStatus& status);
Json to_json(const ForgetReport& report);
Json to_json(const CheckReport& report);
Json to_json(const Error& error);

/// {"conversations": […]}, and {"id", "turns": […]}.
Json to_json(const std::vector<ConversationSummary>& conversations);
Json to_json(ConversationId id, const std::vector<StoredTurn>& turns);
Json turns_to_json(const std::vector<StoredTurn>& turns);
Json to_json(const SourceList& list);
Json to_json(const DocumentText& document);
Json to_json(const LabelRecord& label);
Json to_json(const std::vector<LabelRecord>& labels);

}  // namespace saerok
