/// Requests that came as JSON or as the query of a URL: read, checked, and refused with the name of
/// the member that is wrong. Unknown members are ignored, as clients of other versions send some.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {

constexpr std::size_t kJsonDepthMax = 64;
constexpr std::size_t kQueryBytesMax = 32'768;
constexpr std::uint64_t kHitsMax = 1'000;
constexpr std::size_t kTurnsMax = 1'000;

/// An object of at most kJsonDepthMax levels; an empty text is an empty object. Errors:
/// invalid_argument.
Result<Json> parse_request_body(std::string_view text);

/// Typed members of a request. Each call checks one; error() has the first that was wrong.
class RequestReader {
 public:
  explicit RequestReader(const Json& object) : object_(object) {}

  std::string text(std::string_view name, std::string_view fallback = {},
                   std::size_t bytes_max = kQueryBytesMax);
  bool flag(std::string_view name, bool fallback);
  std::uint64_t count(std::string_view name, std::uint64_t min, std::uint64_t max,
                      std::uint64_t fallback);
  std::optional<std::uint64_t> optional_count(std::string_view name, std::uint64_t max);
  /// One of the names; its index.
  std::size_t choice(std::string_view name, std::span<const std::string_view> names,
                     std::size_t fallback);
  /// An array of texts.
  std::vector<std::string> texts(std::string_view name, std::size_t count_max);
  const Json* member(std::string_view name) const { return find_member(object_, name); }
  void fail(std::string_view name, std::string_view wanted);

  Status status() const { return status_; }

 private:
  const Json* present(std::string_view name) const;

  const Json& object_;
  Status status_;
};

/// {"query", "mode", "limit", "filter", "explain", "collection", "query_vector"}.
Result<SearchRequest> search_request_from(const Json& json);

/// {"question", "conversation", "collection", "filter", "mode", "use_model", "explain",
/// "apply_filters", "hits", "retrieve_only", "standalone_query"}. The question becomes the last
/// turn; without one the conversation must end with it.
Result<AskRequest> ask_request_from(const Json& json);

/// A URL's query as the object that the same request would be in a body: numbers and truth values
/// where the text is one. {"explain": "1"} is true.
Json json_from_query(const std::map<std::string, std::string, std::less<>>& query);

/// What whoever asks a question says about searching the notes: over HTTP as "search", on the
/// command line as --search and --no-search. In place of the setting ask.decide, which it becomes.
enum class SearchChoice : std::uint8_t { automatic, always, never };

/// Errors: invalid_argument, also where `never` stands beside what only a search has use for.
Result<SearchChoice> search_choice_from(const Json& json);
std::string_view name_of(SearchChoice choice);
void apply(SearchChoice choice, AskSettings& settings);

Json to_json(const SearchRequest& request);
Json to_json(const AskRequest& request);

}  // namespace saerok
