/// The composition root: wires adapters to ports and forwards. Policy lives in the parts. ◂
#include "saerok/engine.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>

#include "answer/answerer.h"
#include "base/posix_env.h"
#include "engine/ingestion.h"
#include "engine/memory_calls.h"
#include "engine/snapshots.h"
#include "engine/store_status.h"
#include "models/make_models.h"
#include "models/model_catalogue.h"

namespace saerok {

std::string_view version() { return SAEROK_VERSION; }

AnalyzerSettings analyzer_settings(const IndexSettings& settings) {
  return {.korean = settings.korean == KoreanSetting::robust ? KoreanAnalysis::robust
                                                             : KoreanAnalysis::compact};
}

struct Engine::Impl {
  explicit Impl(EngineOptions given)
      : options(std::move(given)),
        snapshots(posix_env(), options.store),
        memory(posix_env(), options.store) {}

  /// A model is loaded once and kept; a failure is kept too, so that it is not tried for each question.
  template <class Model>
  struct Slot {
    std::unique_ptr<Model> model;
    std::string reason;
    bool is_tried = false;
  };

  template <class Model, class Make>
  const Model* load(Slot<Model>& slot, const Make& make) const {
    const std::lock_guard lock(models_mutex);
    if (!slot.is_tried) {
      slot.is_tried = true;
      auto made = make(options.settings.models, options.models_directory, options.worker_program);
      if (made) slot.model = std::move(made).value();
      else slot.reason = made.error().message;
    }
    return slot.model.get();
  }

  /// The settings say what a request leaves open.
  SearchMode mode_of(SearchMode asked) const {
    return asked == SearchMode::automatic ? options.settings.search.mode : asked;
  }

  /// What a search in `mode` may need, loaded; `needs_embedding` where the query has no vector yet.
  SearchModels search_models(SearchMode mode, bool needs_embedding, const Backend& backend) const {
    SearchModels models;
    if (mode != SearchMode::lexical && needs_embedding && backend.chunks_with_vectors() > 0) {
      models.embedder = load(embedder, make_embedder);
      models.no_embedder_reason = embedder.reason;
    }
    // A name without a service is asked for too: the search then says why it did not rerank.
    const ModelSettings& named = options.settings.models;
    const bool is_configured = !named.rerank.empty() || !named.rerank_base_url.empty();
    if (is_configured && options.settings.search.rerank_depth > 0) {
      models.reranker = load(reranker, [](const ModelSettings& settings, const std::string&,
                                          const std::string&) { return make_reranker(settings); });
      models.no_reranker_reason = reranker.reason;
    }
    return models;
  }

  EngineOptions options;
  mutable Snapshots snapshots;
  MemoryCalls memory;
  mutable std::mutex models_mutex;
  mutable Slot<Embedder> embedder;
  mutable Slot<Reranker> reranker;
  mutable Slot<LanguageModel> chat;
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const Settings& Engine::settings() const { return impl_->options.settings; }

Result<Engine> Engine::open(EngineOptions options) {
  if (options.store.empty()) {
    return Error{ErrorCode::invalid_argument, "the store has no folder; name one with --store DIR"};
  }
  if (options.models_directory.empty()) {
    options.models_directory = default_models_directory(read_environment());
  }
  std::error_code error;
  const auto absolute = std::filesystem::absolute(options.store, error);
  if (!error) options.store = absolute.lexically_normal().string();
  return Engine(std::make_unique<Impl>(std::move(options)));
}

Result<IngestReport> Engine::ingest(std::string_view collection, const IngestRequest& request,
                                    const ProgressSink& progress, const CallContext& call) {
  const IngestionModels models{
      .make_embedder = [this] {
        const Embedder* embedder = impl_->load(impl_->embedder, make_embedder);
        return std::pair(embedder, impl_->embedder.reason);
      }};
  const Ingestion ingestion{.env = posix_env(),
                            .store = impl_->options.store,
                            .settings = impl_->options.settings.index,
                            .analyzer = analyzer_settings(impl_->options.settings.index),
                            .models = models};
  return saerok::ingest(ingestion, collection, request, progress, call);
}

Result<SearchResponse> Engine::search(const SearchRequest& request, const CallContext& call) const {
  const auto snapshot = TRY(impl_->snapshots.get(
      request.collection, analyzer_settings(impl_->options.settings.index), call));
  SearchRequest search_request = request;
  search_request.mode = impl_->mode_of(request.mode);
  const SearchModels models = impl_->search_models(
      search_request.mode, request.query_vector.empty(), *snapshot->backend);
  SearchResponse response =
      TRY(saerok::search(search_request, impl_->options.settings.search, *snapshot->backend,
                         *snapshot->analyzer, models, call));
  auto& warnings = response.report.warnings;
  warnings.insert(warnings.end(), snapshot->warnings.begin(), snapshot->warnings.end());
  return response;
}

Result<AskResponse> Engine::ask(const AskRequest& request, const AnswerSink& sink,
                                const CallContext& call) const {
  const Settings& settings = impl_->options.settings;
  const auto snapshot =
      TRY(impl_->snapshots.get(request.collection, analyzer_settings(settings.index), call));
  AnswerModels models;
  AskRequest ask_request = request;
  ask_request.mode = impl_->mode_of(request.mode);
  models.search = impl_->search_models(ask_request.mode, true, *snapshot->backend);
  const bool has_chat = !settings.models.chat.empty() || !settings.models.chat_base_url.empty();
  if (request.use_model && has_chat) {
    models.chat = impl_->load(impl_->chat, make_language_model);
    models.no_chat_reason = impl_->chat.reason;
  }
  AskResponse response = TRY(answer(ask_request, settings, *snapshot->backend, *snapshot->analyzer,
                                    models, sink, call));
  auto& warnings = response.report.warnings;
  warnings.insert(warnings.end(), snapshot->warnings.begin(), snapshot->warnings.end());
  return response;
}

Result<StoreStatus> Engine::status() const {
  const Storage storage = TRY(open_storage(posix_env(), impl_->options.store, OpenMode::read));
  return read_status(storage, impl_->options.store);
}

Result<ForgetReport> Engine::forget(std::string_view collection, std::string_view path) {
  Storage storage = TRY(open_existing_storage(posix_env(), impl_->options.store));
  return forget_sources(storage, collection, path);
}

Status Engine::forget_collection(std::string_view collection) {
  Storage storage = TRY(open_existing_storage(posix_env(), impl_->options.store));
  return saerok::forget_collection(storage, collection);
}

Result<LabelId> Engine::add_label(std::string_view collection, const LabelRecord& label) {
  return impl_->memory.add_label(collection, label);
}

Result<std::vector<LabelRecord>> Engine::labels(std::string_view collection) const {
  return impl_->memory.labels(collection);
}

Status Engine::remove_label(std::string_view collection, LabelId label) {
  return impl_->memory.remove_label(collection, label);
}

Result<std::vector<ConversationSummary>> Engine::conversations(std::string_view collection) const {
  return impl_->memory.conversations(collection);
}

Result<std::vector<StoredTurn>> Engine::conversation(std::string_view collection,
                                                     ConversationId conversation) const {
  return impl_->memory.conversation(collection, conversation);
}

Result<ConversationId> Engine::remember(std::string_view collection,
                                        std::optional<ConversationId> conversation,
                                        const std::vector<StoredTurn>& turns) {
  return impl_->memory.remember(collection, conversation, turns);
}

Status Engine::forget_conversation(std::string_view collection, ConversationId conversation) {
  return impl_->memory.forget_conversation(collection, conversation);
}

Result<CheckReport> Engine::check_store(const CallContext& call) const {
  const Storage storage = TRY(open_storage(posix_env(), impl_->options.store, OpenMode::read));
  return saerok::check_store(storage, call);
}

}  // namespace saerok
