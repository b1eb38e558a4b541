#include "wire/response_from_json.h"

#include <algorithm>
#include <utility>

#include "saerok/settings_fields.h"

namespace saerok {
namespace {

const Json& member(const Json& object, std::string_view name) {
  static const Json kNothing;
  const Json* found = find_member(object, name);
  return found == nullptr ? kNothing : *found;
}

std::string text(const Json& object, std::string_view name) {
  return find_text(object, name).value_or("");
}
double number(const Json& object, std::string_view name) {
  return find_number(object, name).value_or(0);
}
std::uint64_t count(const Json& object, std::string_view name) {
  return find_count(object, name).value_or(0);
}
bool flag(const Json& object, std::string_view name) {
  const Json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts(const Json& array) {
  std::vector<std::string> texts;
  if (!array.is_array()) return texts;
  for (const Json& value : array) {
    if (value.is_string()) texts.push_back(value.get<std::string>());
  }
  return texts;
}

/// [first, second].
template <class Pair, class Number>
Pair pair_of(const Json& array) {
  Pair pair{};
  const bool is_pair = array.is_array() && array.size() == 2 && array[0].is_number_unsigned() &&
                       array[1].is_number_unsigned();
  if (is_pair) pair = {array[0].get<Number>(), array[1].get<Number>()};
  return pair;
}
LineSpan lines(const Json& array) { return pair_of<LineSpan, std::uint32_t>(array); }
ByteSpan bytes(const Json& array) { return pair_of<ByteSpan, std::uint64_t>(array); }

std::optional<Explanation> explanation(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  Explanation node{.label = text(json, "label"), .value = number(json, "value"), .children = {}};
  for (const Json& child : member(json, "children")) {
    if (auto inner = explanation(child)) node.children.push_back(*std::move(inner));
  }
  return node;
}

Hit hit(const Json& json) {
  Hit hit;
  hit.rank = static_cast<std::uint32_t>(count(json, "rank"));
  hit.score = number(json, "score");
  hit.root = text(json, "root");
  hit.path = text(json, "path");
  hit.document_id = text(json, "document_id");
  hit.title = text(json, "title");
  hit.heading_path = texts(member(json, "heading_path"));
  hit.lines = lines(member(json, "lines"));
  hit.bytes = bytes(member(json, "bytes"));
  hit.snippet = text(json, "snippet");
  for (const Json& highlight : member(json, "highlights")) {
    hit.highlights.push_back(pair_of<Highlight, std::uint32_t>(highlight));
  }
  for (const Json& attribute : member(json, "attributes")) {
    if (!attribute.is_array() || attribute.size() != 2 || !attribute[0].is_string()) continue;
    const Json& value = attribute[1];
    AttributeValue taken;
    if (value.is_boolean()) taken = value.get<bool>();
    else if (value.is_number_integer()) taken = value.get<std::int64_t>();
    else if (value.is_number()) taken = value.get<double>();
    else if (value.is_string()) taken = value.get<std::string>();
    hit.attributes.push_back({attribute[0].get<std::string>(), std::move(taken)});
  }
  hit.explanation = explanation(member(json, "explanation"));
  return hit;
}

Report report(const Json& json) {
  Report report;
  for (const Json& stage : member(json, "stages")) {
    report.stages.push_back({.name = text(stage, "name"),
                             .ms = number(stage, "ms"),
                             .in = count(stage, "in"),
                             .out = count(stage, "out")});
  }
  report.warnings = texts(member(json, "warnings"));
  return report;
}

SearchMode mode(const std::string& name) {
  const auto at = std::ranges::find(kModeNames, name);
  return at == std::end(kModeNames) ? SearchMode::automatic
                                    : static_cast<SearchMode>(at - std::begin(kModeNames));
}

Decision decision(const std::string& name) {
  if (name == "answer") return Decision::answer;
  return name == "clarify" ? Decision::clarify : Decision::search;
}

Citation citation(const Json& json) {
  Citation citation;
  citation.marker = static_cast<std::uint32_t>(count(json, "marker"));
  citation.root = text(json, "root");
  citation.path = text(json, "path");
  citation.document_id = text(json, "document_id");
  citation.heading_path = texts(member(json, "heading_path"));
  citation.lines = lines(member(json, "lines"));
  citation.bytes = bytes(member(json, "bytes"));
  citation.quote = text(json, "quote");
  return citation;
}

QueryExpansion expansion(const Json& json) {
  const std::string use = text(json, "use");
  return {.use = use == "words"     ? QueryExpansion::Use::words
                 : use == "vectors" ? QueryExpansion::Use::vectors
                                    : QueryExpansion::Use::both,
          .text = text(json, "text"),
          .weight = static_cast<float>(number(json, "weight"))};
}

std::vector<FileIssue> issues(const Json& array) {
  std::vector<FileIssue> issues;
  if (!array.is_array()) return issues;
  for (const Json& issue : array) {
    issues.push_back({text(issue, "root"), text(issue, "path"), text(issue, "reason")});
  }
  return issues;
}

}  // namespace

std::vector<Hit> hits_from(const Json& json) {
  std::vector<Hit> hits;
  if (!json.is_array()) return hits;
  for (const Json& one : json) hits.push_back(hit(one));
  return hits;
}

SearchResponse search_response_from(const Json& json) {
  SearchResponse response;
  response.query = text(json, "query");
  response.searched_for = text(json, "searched_for");
  response.mode = mode(text(json, "mode"));
  response.hits = hits_from(member(json, "hits"));
  response.report = report(member(json, "report"));
  return response;
}

AskResponse ask_response_from(const Json& json) {
  AskResponse response;
  response.decision = decision(text(json, "decision"));
  response.decided_by = text(json, "decided_by");
  response.search_probability = number(json, "search_probability");
  response.decision_explanation = explanation(member(json, "decision_explanation"));
  response.standalone_query = text(json, "standalone_query");
  for (const Json& one : member(json, "expansions")) response.expansions.push_back(expansion(one));
  for (const Json& one : member(json, "proposed_filters")) {
    response.proposed_filters.push_back(
        {text(one, "words"), text(one, "filter"), flag(one, "is_applied")});
  }
  response.answer = text(json, "answer");
  response.kind = text(json, "kind") == "model" ? AnswerKind::model : AnswerKind::extractive;
  response.model = text(json, "model");
  response.found = flag(json, "found");
  for (const Json& one : member(json, "citations")) response.citations.push_back(citation(one));
  response.citations_dropped = static_cast<std::uint32_t>(count(json, "citations_dropped"));
  for (const Json& one : member(json, "unsupported")) {
    response.unsupported.push_back({bytes(member(one, "span")), number(one, "support")});
  }
  response.sources = hits_from(member(json, "sources"));
  response.hits = hits_from(member(json, "hits"));
  response.prompt_hash = text(json, "prompt_hash");
  const Json& use = member(json, "model_use");
  response.model_use = {static_cast<std::uint32_t>(count(use, "requests")),
                        count(use, "prompt_tokens"), count(use, "prompt_tokens_kept"),
                        count(use, "generated_tokens"), number(use, "cost")};
  response.report = report(member(json, "report"));
  return response;
}

IngestReport ingest_report_from(const Json& json) {
  IngestReport report;
  const Json& files = member(json, "files");
  report.files_seen = count(files, "seen");
  report.files_unchanged = count(files, "unchanged");
  report.files_indexed = count(files, "indexed");
  report.files_renamed = count(files, "renamed");
  report.files_removed = count(files, "removed");
  const Json& documents = member(json, "documents");
  report.documents = count(documents, "written");
  report.documents_removed = count(documents, "removed");
  report.chunks = count(json, "chunks");
  report.text_bytes = count(json, "text_bytes");
  report.failed = issues(member(json, "failed"));
  report.skipped = issues(member(json, "skipped"));
  report.notes = issues(member(json, "notes"));
  const Json& vectors = member(json, "vectors");
  report.chunk_vectors = count(vectors, "chunks");
  report.window_vectors = count(vectors, "windows");
  report.pending_chunk_vectors = count(vectors, "pending_chunks");
  report.pending_window_vectors = count(vectors, "pending_windows");
  report.tokens_embedded = count(vectors, "tokens");
  const Json& seconds = member(json, "seconds");
  report.text_seconds = number(seconds, "text");
  report.embed_seconds = number(seconds, "embed");
  report.warnings = texts(member(json, "warnings"));
  return report;
}

}  // namespace saerok
