// What is in the store: status, files, documents for reading, labels, models; and forgetting.

#include <unistd.h>

#include <filesystem>

#include "base/machine_memory.h"
#include "base/process_memory.h"
#include "models/make_models.h"
#include "models/model_json.h"
#include "server/context.h"
#include "server/reply.h"
#include "wire/response_json.h"

namespace saerok::server {
namespace {

constexpr std::uint64_t kPageMax = 1'000;
constexpr std::size_t kQuoteBytesMax = std::size_t{1} << 20;
constexpr std::string_view kStateNames[] = {"indexed", "partial", "failed", "skipped"};

/// Whether the model can be had; nothing is loaded to find out.
template <class Made>
Json model_state(bool is_configured, const std::string& name, const Made& made) {
  if (!is_configured) return {{"name", ""}, {"state", "none"}, {"reason", ""}};
  return {{"name", name},
          {"state", made ? "ready" : "failed"},
          {"reason", made ? "" : made.error().message}};
}

Json models_state(const Context& context, const ModelSettings& settings) {
  const auto& directory = context.models_directory;
  const auto& worker = context.worker_program;
  return {{"chat", model_state(!settings.chat.empty() || !settings.chat_base_url.empty(),
                               settings.chat, make_language_model(settings, directory, worker))},
          {"embed", model_state(!settings.embed.empty() || !settings.embed_base_url.empty(),
                                settings.embed, make_embedder(settings, directory, worker))},
          {"rerank", model_state(!settings.rerank.empty() || !settings.rerank_base_url.empty(),
                                 settings.rerank, make_reranker(settings, directory, worker))}};
}

Json daemon_state(const Context& context) {
  const auto uptime = std::chrono::steady_clock::now() - context.started;
  const Watcher::State watcher = context.watcher ? context.watcher->state() : Watcher::State{};
  return {{"version", version()},
          {"pid", getpid()},
          {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
          {"auth", !context.token.empty()},
          {"port", context.port},
          {"watching", watcher.roots},
          {"watch_problem", watcher.problem},
          {"resident_bytes", resident_memory_bytes()},
          {"indexing", !context.jobs.is_idle()}};
}

Result<Response> status(Context& context) {
  const auto engine = context.engine.get();
  auto store = engine->status();
  // A daemon may be there before the first note is.
  if (!store && store.error().code == ErrorCode::not_found) {
    StoreStatus empty;
    empty.store = context.store;
    store = std::move(empty);
  }
  Json document = to_json(TRY(std::move(store)));
  document["daemon"] = daemon_state(context);
  document["models"] = models_state(context, engine->settings().models);
  return reply(document);
}

Result<Response> sources(Context& context, const Request& request) {
  const Json members = json_from_query(request.query);
  RequestReader reader(members);
  SourceQuery query;
  const bool has_state = reader.member("state") != nullptr;
  const std::size_t state = reader.choice("state", kStateNames, 0);
  if (has_state) query.state = static_cast<SourceState>(state);
  query.text = reader.text("query");
  query.offset = reader.count("offset", 0, UINT64_MAX / 2, 0);
  query.limit = reader.count("limit", 1, kPageMax, query.limit);
  TRY(reader.status());
  return reply(to_json(TRY(context.engine.get()->sources(collection_of(request), query))));
}

Result<Response> document(Context& context, const Request& request) {
  const Json members = json_from_query(request.query);
  RequestReader reader(members);
  const DocumentName name{.document_id = reader.text("document_id"),
                          .root = reader.text("root"),
                          .path = reader.text("path")};
  TRY(reader.status());
  return reply(to_json(TRY(context.engine.get()->document(collection_of(request), name))));
}

Result<Response> forget(Context& context, const Request& request) {
  const Json members = TRY(members_of(request));
  RequestReader reader(members);
  const std::string collection = reader.text("collection", "default");
  const std::string path = reader.text("path");
  TRY(reader.status());
  // A relative one would be taken from wherever the daemon happened to be started.
  if (!std::filesystem::path(path).is_absolute()) {
    return Error{ErrorCode::invalid_argument, "\"path\" is the absolute path of a file or folder"};
  }
  const Jobs::Room room(context.jobs);
  const ForgetReport report = TRY(context.engine.get()->forget(collection, path));
  watch_roots(context);
  return reply(to_json(report));
}

Result<LabelRecord> label_from(const Json& members) {
  RequestReader reader(members);
  LabelRecord label;
  label.question = reader.text("question");
  label.root = reader.text("root");
  label.path = reader.text("path");
  label.document_id = reader.text("document_id", label.path);
  label.quote = reader.text("quote", {}, kQuoteBytesMax);
  label.grade = static_cast<std::int32_t>(reader.count("grade", 0, 100, 1));
  if (label.question.empty())
    reader.fail("question", "the question that the passage was judged for");
  if (label.document_id.empty())
    reader.fail("document_id", "the document's id, or \"path\" its path");
  if (const Json* bytes = reader.member("bytes"); bytes != nullptr && !bytes->is_null()) {
    const bool is_span = bytes->is_array() && bytes->size() == 2 &&
                         (*bytes)[0].is_number_unsigned() && (*bytes)[1].is_number_unsigned();
    if (is_span) label.bytes = {(*bytes)[0].get<std::uint64_t>(), (*bytes)[1].get<std::uint64_t>()};
    if (!is_span || label.bytes.begin > label.bytes.end) {
      reader.fail("bytes", "[begin, end] of the passage in its file");
    }
  }
  TRY(reader.status());
  return label;
}

void add_label_routes(Router& router, Context& context) {
  router.add("GET", "/v1/saerok/labels",
             [&context](Exchange& exchange, const PathValues&) -> Result<Response> {
               const auto labels =
                   TRY(context.engine.get()->labels(collection_of(exchange.request())));
               return reply({{"labels", to_json(labels)}});
             });
  router.add("POST", "/v1/saerok/labels",
             [&context](Exchange& exchange, const PathValues&) -> Result<Response> {
               const Json members = TRY(members_of(exchange.request()));
               const LabelRecord label = TRY(label_from(members));
               const std::string collection = find_text(members, "collection").value_or("default");
               const LabelId id = TRY(context.engine.get()->add_label(collection, label));
               return reply({{"id", static_cast<std::uint64_t>(id)}}, 201);
             });
  router.add("DELETE", "/v1/saerok/labels/{id}",
             [&context](Exchange& exchange, const PathValues& values) -> Result<Response> {
               const LabelId id{TRY(number_in(values, "id"))};
               TRY(context.engine.get()->remove_label(collection_of(exchange.request()), id));
               return reply_nothing();
             });
}

}  // namespace

void add_library_routes(Router& router, Context& context) {
  router.add("GET", "/v1/saerok/status",
             [&context](Exchange&, const PathValues&) { return status(context); });
  router.add("GET", "/v1/saerok/sources", [&context](Exchange& exchange, const PathValues&) {
    return sources(context, exchange.request());
  });
  router.add("GET", "/v1/saerok/document", [&context](Exchange& exchange, const PathValues&) {
    return document(context, exchange.request());
  });
  router.add("POST", "/v1/saerok/sources/forget",
             [&context](Exchange& exchange, const PathValues&) {
               return forget(context, exchange.request());
             });
  router.add("GET", "/v1/saerok/collections",
             [&context](Exchange&, const PathValues&) -> Result<Response> {
               Json document = Json::array();
               if (const auto store = context.engine.get()->status()) {
                 document = to_json(*store)["collections"];
               }
               return reply({{"collections", std::move(document)}});
             });
  router.add("DELETE", "/v1/saerok/collections/{name*}",
             [&context](Exchange&, const PathValues& values) -> Result<Response> {
               const Jobs::Room room(context.jobs);
               TRY(context.engine.get()->forget_collection(values.at("name")));
               watch_roots(context);
               return reply_nothing();
             });
  router.add("GET", "/v1/saerok/models",
             [&context](Exchange&, const PathValues&) -> Result<Response> {
               const ModelCatalogue catalogue(context.models_directory);
               return reply(models_to_json(context.models_directory, TRY(catalogue.list()),
                                           recommend_chat_models(read_machine_memory().total)));
             });
  add_label_routes(router, context);
}

}  // namespace saerok::server
