#include "wire/response_json.h"

#include <chrono>
#include <cstdio>
#include <type_traits>
#include <variant>

#include "saerok/settings_fields.h"

namespace saerok {
namespace {

Json issues_to_json(const std::vector<FileIssue>& issues) {
  Json array = Json::array();
  for (const FileIssue& issue : issues) {
    array.push_back({{"root", issue.root}, {"path", issue.path}, {"reason", issue.reason}});
  }
  return array;
}

Json to_json(const Explanation& explanation) {
  Json children = Json::array();
  for (const Explanation& child : explanation.children) children.push_back(to_json(child));
  return {{"label", explanation.label}, {"value", explanation.value}, {"children", children}};
}

std::string print_date(Date date) {
  const std::chrono::year_month_day parts{std::chrono::sys_days(std::chrono::days(date.days))};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(parts.year()),
                static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
  return text;
}

/// Dates as "2024-03-01".
Json attribute_to_json(const AttributeValue& value) {
  if (const auto* date = std::get_if<Date>(&value)) return print_date(*date);
  return std::visit(
      [](const auto& plain) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(plain)>, Date>) return nullptr;
        else return plain;
      },
      value);
}

Json attributes_to_json(const std::vector<Attribute>& attributes) {
  Json array = Json::array();
  for (const Attribute& attribute : attributes) {
    array.push_back(Json::array({attribute.name, attribute_to_json(attribute.value)}));
  }
  return array;
}

Json to_json(const LineSpan& lines) { return Json::array({lines.first, lines.last}); }
Json to_json(const ByteSpan& bytes) { return Json::array({bytes.begin, bytes.end}); }

Json to_json(const Report& report) {
  Json stages = Json::array();
  for (const StageReport& stage : report.stages) {
    stages.push_back(
        {{"name", stage.name}, {"ms", stage.ms}, {"in", stage.in}, {"out", stage.out}});
  }
  return {{"stages", stages}, {"warnings", report.warnings}};
}

std::string_view name_of(SearchMode mode) { return kModeNames[static_cast<std::size_t>(mode)]; }

Json to_json(const QueryExpansion& expansion) {
  const char* use = expansion.use == QueryExpansion::Use::words     ? "words"
                    : expansion.use == QueryExpansion::Use::vectors ? "vectors"
                                                                    : "both";
  return {{"text", expansion.text}, {"weight", expansion.weight}, {"use", use}};
}

Json to_json(const ProposedFilter& proposed) {
  return {
      {"words", proposed.words}, {"filter", proposed.filter}, {"is_applied", proposed.is_applied}};
}

template <class T>
Json array_of(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(to_json(value));
  return array;
}

Json unsupported_to_json(const AskResponse& response) {
  Json array = Json::array();
  for (const UnsupportedSentence& sentence : response.unsupported) {
    array.push_back({{"text", response.answer.substr(sentence.span.begin, sentence.span.size())},
                     {"span", to_json(sentence.span)},
                     {"support", sentence.support}});
  }
  return array;
}

Json to_json(const VectorSpace& space) {
  return {{"tier", space.kind == SegmentKind::window_vectors ? "windows" : "chunks"},
          {"embedder", space.embedder},
          {"dimension", space.dimension},
          {"chunks", space.chunks},
          {"bytes", space.bytes}};
}

Json to_json(const CollectionStatus& status) {
  Json spaces = Json::array();
  for (const VectorSpace& space : status.spaces) spaces.push_back(to_json(space));
  return {{"name", status.name},
          {"roots", status.roots},
          {"named_roots", status.named_roots},
          {"files",
           {{"indexed", status.counts.sources_indexed},
            {"partial", status.counts.sources_partial},
            {"failed", status.counts.sources_failed},
            {"skipped", status.counts.sources_skipped}}},
          {"documents", status.counts.documents},
          {"chunks", status.counts.chunks},
          {"segments", status.segments},
          {"lexical_bytes", status.lexical_bytes},
          {"vector_bytes", status.vector_bytes},
          {"pending",
           {{"lexical", status.pending_lexical},
            {"chunk_vectors", status.pending_chunk_vectors},
            {"window_vectors", status.pending_window_vectors}}},
          {"analyzer", status.analyzer},
          {"embedder", status.embedder},
          {"dimension", status.dimension},
          {"spaces", std::move(spaces)},
          {"failed", issues_to_json(status.failed)},
          {"skipped", issues_to_json(status.skipped)}};
}

}  // namespace

std::string_view name_of(Decision decision) {
  switch (decision) {
    case Decision::search: return "search";
    case Decision::answer: return "answer";
    case Decision::clarify: return "clarify";
  }
  return "";
}

Json to_json(const Hit& hit) {
  Json highlights = Json::array();
  for (const Highlight& highlight : hit.highlights) {
    highlights.push_back(Json::array({highlight.begin, highlight.end}));
  }
  Json json = {{"rank", hit.rank},
               {"score", hit.score},
               {"root", hit.root},
               {"path", hit.path},
               {"document_id", hit.document_id},
               {"title", hit.title},
               {"heading_path", hit.heading_path},
               {"attributes", attributes_to_json(hit.attributes)},
               {"lines", to_json(hit.lines)},
               {"bytes", to_json(hit.bytes)},
               {"snippet", hit.snippet},
               {"highlights", highlights}};
  json["explanation"] = hit.explanation ? to_json(*hit.explanation) : Json(nullptr);
  return json;
}

Json hits_to_json(const std::vector<Hit>& hits) {
  Json array = Json::array();
  for (const Hit& hit : hits) array.push_back(to_json(hit));
  return array;
}

Json to_json(const Citation& citation) {
  return {{"marker", citation.marker},
          {"root", citation.root},
          {"path", citation.path},
          {"document_id", citation.document_id},
          {"heading_path", citation.heading_path},
          {"lines", to_json(citation.lines)},
          {"bytes", to_json(citation.bytes)},
          {"quote", citation.quote}};
}

Json to_json(const IngestReport& report) {
  return {{"files",
           {{"seen", report.files_seen},
            {"unchanged", report.files_unchanged},
            {"indexed", report.files_indexed},
            {"renamed", report.files_renamed},
            {"removed", report.files_removed}}},
          {"documents", {{"written", report.documents}, {"removed", report.documents_removed}}},
          {"chunks", report.chunks},
          {"text_bytes", report.text_bytes},
          {"failed", issues_to_json(report.failed)},
          {"skipped", issues_to_json(report.skipped)},
          {"notes", issues_to_json(report.notes)},
          {"vectors",
           {{"chunks", report.chunk_vectors},
            {"windows", report.window_vectors},
            {"pending_chunks", report.pending_chunk_vectors},
            {"pending_windows", report.pending_window_vectors},
            {"tokens", report.tokens_embedded}}},
          {"seconds", {{"text", report.text_seconds}, {"embed", report.embed_seconds}}},
          {"warnings", report.warnings}};
}

Json to_json(const SearchResponse& response) {
  return {{"query", response.query},
          {"searched_for", response.searched_for},
          {"mode", name_of(response.mode)},
          {"hits", hits_to_json(response.hits)},
          {"report", to_json(response.report)}};
}

Json to_json(const ModelUse& use) {
  return {{"requests", use.requests},
          {"prompt_tokens", use.prompt_tokens},
          {"prompt_tokens_kept", use.prompt_tokens_kept},
          {"generated_tokens", use.generated_tokens},
          {"cost", use.cost}};
}

Json to_json(const AskResponse& response) {
  const bool is_model = response.kind == AnswerKind::model;
  Json json = {{"decision", name_of(response.decision)},
               {"decided_by", response.decided_by},
               {"search_probability", response.search_probability},
               {"standalone_query", response.standalone_query},
               {"expansions", array_of(response.expansions)},
               {"proposed_filters", array_of(response.proposed_filters)},
               {"answer", response.answer},
               {"kind", is_model ? "model" : "extractive"},
               {"found", response.found},
               {"citations", array_of(response.citations)},
               {"citations_dropped", response.citations_dropped},
               {"unsupported", unsupported_to_json(response)},
               {"sources", hits_to_json(response.sources)},
               {"hits", hits_to_json(response.hits)},
               {"model_use", to_json(response.model_use)},
               {"report", to_json(response.report)}};
  json["decision_explanation"] =
      response.decision_explanation ? to_json(*response.decision_explanation) : Json(nullptr);
  json["model"] = is_model ? Json(response.model) : Json(nullptr);
  json["prompt_hash"] = is_model ? Json(response.prompt_hash) : Json(nullptr);
  return json;
}

Json to_json(const StoreStatus& status) {
  Json collections = Json::array();
  for (const CollectionStatus& collection : status.collections) {
    collections.push_back(to_json(collection));
  }
  return {
      {"store", status.store}, {"store_bytes", status.store_bytes}, {"collections", collections}};
}

Json to_json(const ForgetReport& report) {
  return {{"files", report.files}, {"documents", report.documents}};
}

Json to_json(const CheckReport& report) {
  return {{"segments_checked", report.segments_checked},
          {"chunks_checked", report.chunks_checked},
          {"reserve_bytes", report.reserve_bytes},
          {"has_page_checksums", report.has_page_checksums},
          {"problems", report.problems},
          {"set_aside", report.set_aside}};
}

Json to_json(const Error& error) {
  return {{"error", {{"code", saerok::name_of(error.code)}, {"message", error.message}}}};
}

Json to_json(const std::vector<ConversationSummary>& conversations) {
  Json array = Json::array();
  for (const ConversationSummary& one : conversations) {
    array.push_back({{"id", static_cast<std::uint64_t>(one.id)},
                     {"title", one.title},
                     {"created_s", one.created_s},
                     {"changed_s", one.changed_s},
                     {"turns", one.turns}});
  }
  return {{"conversations", std::move(array)}};
}

Json turns_to_json(const std::vector<StoredTurn>& turns) {
  Json array = Json::array();
  for (const StoredTurn& stored : turns) {
    Json turn = {{"role", stored.turn.role},
                 {"content", stored.turn.content},
                 {"created_s", stored.created_s}};
    if (stored.turn.role == "assistant") {
      Json citations = Json::array();
      for (const Citation& citation : stored.citations) citations.push_back(to_json(citation));
      turn["standalone_query"] = stored.standalone_query;
      turn["model"] = stored.model.empty() ? Json(nullptr) : Json(stored.model);
      turn["prompt_hash"] = stored.prompt_hash.empty() ? Json(nullptr) : Json(stored.prompt_hash);
      turn["citations"] = citations;
    }
    array.push_back(std::move(turn));
  }
  return array;
}

Json to_json(ConversationId id, const std::vector<StoredTurn>& turns) {
  return {{"id", static_cast<std::uint64_t>(id)}, {"turns", turns_to_json(turns)}};
}

std::string_view name_of(SourceState state) {
  switch (state) {
    case SourceState::indexed: return "indexed";
    case SourceState::partial: return "partial";
    case SourceState::failed: return "failed";
    case SourceState::skipped: return "skipped";
  }
  return "";
}

Json to_json(const SourceList& list) {
  Json array = Json::array();
  for (const SourceRecord& source : list.sources) {
    array.push_back({{"root", source.root},
                     {"path", source.path},
                     {"state", name_of(source.state)},
                     {"reason", source.reason},
                     {"size", source.size},
                     {"modified_ns", source.modified_ns}});
  }
  return {{"sources", std::move(array)}, {"total", list.total}};
}

Json to_json(const DocumentText& document) {
  Json chunks = Json::array();
  for (const Chunk& chunk : document.chunks) {
    chunks.push_back({{"ordinal", chunk.ordinal},
                      {"heading_path", chunk.heading_path},
                      {"lines", to_json(chunk.source_lines)},
                      {"bytes", to_json(chunk.source_bytes)},
                      {"text", chunk.text}});
  }
  return {{"root", document.root},
          {"path", document.path},
          {"document_id", document.document_id},
          {"title", document.title},
          {"attributes", attributes_to_json(document.attributes)},
          {"chunks", std::move(chunks)},
          {"is_truncated", document.is_truncated}};
}

Json to_json(const LabelRecord& label) {
  return {{"id", static_cast<std::uint64_t>(label.id)},
          {"question", label.question},
          {"root", label.root},
          {"path", label.path},
          {"document_id", label.document_id},
          {"bytes", to_json(label.bytes)},
          {"quote", label.quote},
          {"grade", label.grade},
          {"created_s", label.created_s}};
}

Json to_json(const std::vector<LabelRecord>& labels) { return array_of(labels); }

}  // namespace saerok
