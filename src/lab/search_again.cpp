#include "lab/search_again.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include "saerok/config.h"
#include "saerok/settings_fields.h"

namespace saerok::lab {
namespace {

std::set<std::string, std::less<>> secret_names(Settings settings) {
  std::set<std::string, std::less<>> names;
  visit_settings(settings, [&](const auto& field, const auto&) {
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, SecretField>) {
      names.emplace(field.name);
    }
  });
  return names;
}

}  // namespace

Settings settings_of_run(const RunInfo& run, const Settings& own,
                         std::vector<std::string>& warnings) {
  Settings settings = own;
  const auto secrets = secret_names(own);
  for (const auto& [name, value] : run.settings) {
    if (secrets.contains(name)) continue;
    const Status status = set_setting(settings, name, value);
    if (!status) {
      warnings.push_back("run " + run.id + " is explained without its setting " + name + ": " +
                         status.error().message);
    }
  }
  return settings;
}

Result<SearchResponse> search_again(const Engine& engine, const RunInfo& run,
                                    const std::string& query, std::size_t hits,
                                    const CallContext& call) {
  if (run.kind == RunKind::ensemble) {
    return Error{ErrorCode::failed_precondition,
                 "run " + run.id +
                     " is an ensemble of other runs and searched nothing itself; "
                     "compare its parts to see why they found what they found"};
  }
  SearchRequest request;
  request.collection = run.collection;
  request.query = query;
  request.syntax = QuerySyntax::plain;
  // As deep as the run searched: a reranker or a limit of hits a document sees the same list.
  request.limit = run.depth;
  request.explain = true;
  auto response = engine.search(request, call);
  if (!response && response.error().code == ErrorCode::not_found) {
    return Error{ErrorCode::failed_precondition, "the index of run " + run.id +
                                                     " is no longer in the lab's store; the same "
                                                     "`saerok lab run` makes it again"};
  }
  if (!response) return response;
  std::set<std::string> documents;
  std::vector<Hit> kept;
  for (Hit& hit : response->hits) {
    if (kept.size() < hits && documents.insert(hit.document_id).second) {
      kept.push_back(std::move(hit));
    }
  }
  response->hits = std::move(kept);
  return response;
}

bool is_same_ranking(const SearchResponse& response, const std::vector<ScoredDocument>& recorded) {
  return std::equal(response.hits.begin(), response.hits.end(), recorded.begin(), recorded.end(),
                    [](const Hit& hit, const ScoredDocument& entry) {
                      return hit.document_id == entry.document;
                    });
}

}  // namespace saerok::lab
