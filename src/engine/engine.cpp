/// The composition root: wires adapters to ports and forwards. Policy lives in the parts. ◂
#include "saerok/engine.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "answer/answerer.h"
#include "answer/chat_reranker.h"
#include "answer/metered_model.h"
#include "base/posix_env.h"
#include "engine/ingestion.h"
#include "engine/library.h"
#include "engine/memory_calls.h"
#include "engine/snapshots.h"
#include "engine/store_check.h"
#include "engine/store_status.h"
#include "engine/word_list_file.h"
#include "engine/writers.h"
#include "models/make_models.h"
#include "models/model_catalogue.h"

namespace saerok {

std::string_view version() { return SAEROK_VERSION; }

namespace {

/// A model is loaded once and kept; a failure is kept too, so that it is not tried for each
/// question.
template <class Model>
struct Slot {
  std::unique_ptr<Model> model;
  std::string reason;
  bool is_tried = false;
};

/// The models of one configuration.
class Models {
 public:
  template <class Model, class Make>
  const Model* load(Slot<Model>& slot, const EngineOptions& options, const Make& make) {
    const std::lock_guard lock(mutex_);
    if (!slot.is_tried) {
      slot.is_tried = true;
      auto made = make(options.settings.models, options.models_directory, options.worker_program);
      if (made) slot.model = std::move(made).value();
      else slot.reason = made.error().message;
    }
    return slot.model.get();
  }

  template <class Model>
  void unload(Slot<Model>& slot) {
    const std::lock_guard lock(mutex_);
    slot = {};
  }

  Slot<Embedder> embedder;
  Slot<Embedder> indexing_embedder;  ///< Its own: a question would wait for a batch of notes.
  Slot<Reranker> reranker;
  Slot<LanguageModel> chat;

 private:
  std::mutex mutex_;
};

/// What a request is served by. A chat model that reranks does so under the request's own budget.
struct RequestModels {
  SearchModels search;
  const LanguageModel* chat = nullptr;
  std::string no_chat_reason;
  std::optional<MeteredModel> reranking_chat;  ///< The same model, counted while it reranks.
  std::unique_ptr<const Reranker> chat_reranker;
};

/// What a chat model was asked by two counts together.
ModelUse sum(ModelUse a, const ModelUse& b) {
  a.requests += b.requests;
  a.prompt_tokens += b.prompt_tokens;
  a.prompt_tokens_kept += b.prompt_tokens_kept;
  a.generated_tokens += b.generated_tokens;
  return a;
}

/// What a service takes for it.
double cost_of(const ModelUse& use, const ModelSettings& models) {
  if (models.chat_base_url.empty()) return 0;
  return (static_cast<double>(use.prompt_tokens) * double{models.price_prompt} +
          static_cast<double>(use.generated_tokens) * double{models.price_completion}) /
         kPricedTokens;
}

/// What there is to say of how a request was served beside what it says itself.
void add_warnings(const CollectionSnapshot& snapshot, const SearchModels& models, Report& report) {
  report.warnings.insert(report.warnings.end(), snapshot.warnings.begin(), snapshot.warnings.end());
  const std::vector<std::string> found_later = snapshot.backend->warnings();
  report.warnings.insert(report.warnings.end(), found_later.begin(), found_later.end());
  if (models.embedder == nullptr) return;
  std::string remark = models.embedder->remark();
  if (!remark.empty()) report.warnings.push_back(std::move(remark));
}

/// What engines on one store share, whatever their settings.
struct OpenStore {
  explicit OpenStore(const EngineOptions& options)
      : writers(posix_env(), options.store,
                options.settings.store.anywhere == Switch::on ? StorePlace::anywhere
                                                              : StorePlace::local_only),
        memory(writers) {}
  Writers writers;
  MemoryCalls memory;
};

}  // namespace

struct Engine::Impl {
  explicit Impl(EngineOptions given)
      : options(std::move(given)),
        store(std::make_shared<OpenStore>(options)),
        snapshots(std::make_shared<Snapshots>(posix_env(), options.store)),
        words(std::make_shared<WordListFile>(posix_env(), options.store,
                                             options.settings.index.words)),
        models(std::make_shared<Models>()) {}

  Impl(const Impl& other, Settings settings)
      : options(other.options),
        store(other.store),
        snapshots(other.snapshots),
        words(other.words),
        models(other.models) {
    const Settings& before = other.options.settings;
    if (settings.index.words != before.index.words) {
      words = std::make_shared<WordListFile>(posix_env(), options.store, settings.index.words);
    }
    if (settings.models != before.models) models = std::make_shared<Models>();
    options.settings = std::move(settings);
  }

  /// The settings say what a request leaves open.
  SearchMode mode_of(SearchMode asked) const {
    return asked == SearchMode::automatic ? options.settings.search.mode : asked;
  }

  /// What a search in `mode` may need, loaded; `needs_embedding` where the query has no vector yet.
  SearchModels search_models(SearchMode mode, bool needs_embedding, const Backend& backend) const {
    SearchModels found;
    if (mode != SearchMode::lexical && needs_embedding && backend.chunks_with_vectors() > 0) {
      found.embedder = models->load(models->embedder, options, make_embedder);
      found.no_embedder_reason = models->embedder.reason;
    }
    // One that is not there is asked for too: the search then says why it did not rerank.
    const ModelSettings& named = options.settings.models;
    const bool is_configured = !named.rerank.empty() || !named.rerank_base_url.empty();
    if (is_configured && wants_reranking() && !reranks_by_chat()) {
      found.reranker = models->load(models->reranker, options, make_reranker);
      found.no_reranker_reason = models->reranker.reason;
    }
    return found;
  }

  bool wants_reranking() const { return options.settings.search.rerank_depth > 0; }
  bool reranks_by_chat() const { return options.settings.search.rerank_by != RerankBy::reranker; }

  void load_chat(RequestModels& found) const {
    const ModelSettings& named = options.settings.models;
    if (named.chat.empty() && named.chat_base_url.empty()) return;
    found.chat = models->load(models->chat, options, make_language_model);
    found.no_chat_reason = models->chat.reason;
  }

  /// Lets the chat model rerank where that is set.
  void use_chat_reranker(RequestModels& found) const {
    if (!wants_reranking() || !reranks_by_chat()) return;
    if (found.chat == nullptr) load_chat(found);
    if (found.chat == nullptr) {
      found.search.no_reranker_reason =
          found.no_chat_reason.empty()
              ? "search.rerank_by names the chat model, and there is none; set models.chat or "
                "models.chat_base_url"
              : found.no_chat_reason;
      return;
    }
    const SearchSettings& search = options.settings.search;
    found.chat_reranker = std::make_unique<ChatReranker>(
        found.reranking_chat.emplace(*found.chat), search.rerank_tokens,
        search.rerank_by == RerankBy::chat_pairs ? ChatRanking::pairs : ChatRanking::lists);
    found.search.reranker = found.chat_reranker.get();
  }

  Result<std::shared_ptr<const CollectionSnapshot>> snapshot(std::string_view collection,
                                                             const CallContext& call) const {
    return snapshots->get(collection, TRY(analyzer_settings()), call);
  }

  Result<AnalyzerSettings> analyzer_settings() const {
    const bool is_robust = options.settings.index.korean == KoreanSetting::robust;
    return AnalyzerSettings{is_robust ? KoreanAnalysis::robust : KoreanAnalysis::compact,
                            TRY(words->get())};
  }

  Result<Storage> open_to_read() const {
    return open_storage(posix_env(), options.store, OpenMode::read);
  }

  EngineOptions options;
  std::shared_ptr<OpenStore> store;
  std::shared_ptr<Snapshots> snapshots;
  std::shared_ptr<WordListFile> words;
  std::shared_ptr<Models> models;
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const Settings& Engine::settings() const { return impl_->options.settings; }

Engine Engine::with_settings(Settings settings) const {
  return Engine(std::make_unique<Impl>(*impl_, std::move(settings)));
}

Result<Engine> Engine::open(EngineOptions options) {
  if (options.store.empty()) {
    return Error{ErrorCode::invalid_argument, "the store has no folder; name one with --store DIR"};
  }
#ifdef __x86_64__
  // What search is compiled for (search/CMakeLists.txt); a sentence in place of a signal.
  if (!__builtin_cpu_supports("popcnt")) {
    return Error{ErrorCode::failed_precondition,
                 "saerok needs a processor that counts bits (POPCNT), as those since 2008 do"};
  }
#endif
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
  Models& loaded = *impl_->models;
  const IngestionModels models{.make_embedder = [&] {
    const Embedder* embedder = loaded.load(loaded.indexing_embedder, impl_->options, make_embedder);
    return std::pair(embedder, loaded.indexing_embedder.reason);
  }};
  const std::lock_guard indexing(impl_->store->writers.indexing());
  // It is of no use between two runs, and holds memory.
  const auto unload = [&](void*) { loaded.unload(loaded.indexing_embedder); };
  const std::unique_ptr<void, decltype(unload)> unloader(&loaded, unload);
  const auto storage = TRY(impl_->store->writers.get(Writers::IfMissing::create));
  const Ingestion ingestion{.storage = *storage,
                            .settings = impl_->options.settings.index,
                            .analyzer = TRY(impl_->analyzer_settings()),
                            .models = models};
  return saerok::ingest(ingestion, collection, request, progress, call);
}

Result<SearchResponse> Engine::search(const SearchRequest& request, const CallContext& call) const {
  const auto snapshot = TRY(impl_->snapshot(request.collection, call));
  SearchRequest search_request = request;
  search_request.mode = impl_->mode_of(request.mode);
  RequestModels models;
  models.search =
      impl_->search_models(search_request.mode, request.query_vector.empty(), *snapshot->backend);
  impl_->use_chat_reranker(models);
  SearchResponse response =
      TRY(saerok::search(search_request, impl_->options.settings.search, *snapshot->backend,
                         *snapshot->analyzer, models.search, call));
  add_warnings(*snapshot, models.search, response.report);
  return response;
}

Result<AskResponse> Engine::ask(const AskRequest& request, const AnswerSink& sink,
                                const CallContext& call) const {
  const Settings& settings = impl_->options.settings;
  const auto snapshot = TRY(impl_->snapshot(request.collection, call));
  RequestModels found;
  AskRequest ask_request = request;
  ask_request.mode = impl_->mode_of(request.mode);
  found.search = impl_->search_models(ask_request.mode, true, *snapshot->backend);
  // Who wants no model in the answer wants none to wait for before it.
  if (request.use_model) {
    impl_->load_chat(found);
    impl_->use_chat_reranker(found);
  }
  const AnswerModels models{found.search, found.chat, found.no_chat_reason};
  AskResponse response = TRY(
      answer(ask_request, settings, *snapshot->backend, *snapshot->analyzer, models, sink, call));
  if (found.reranking_chat)
    response.model_use = sum(response.model_use, found.reranking_chat->use());
  response.model_use.cost = cost_of(response.model_use, settings.models);
  add_warnings(*snapshot, models.search, response.report);
  return response;
}

Result<StoreStatus> Engine::status() const {
  const Storage storage = TRY(impl_->open_to_read());
  return read_status(storage, impl_->options.store);
}

Result<std::map<std::string, std::vector<std::string>>> Engine::named_roots() const {
  std::map<std::string, std::vector<std::string>> roots;
  const auto storage = impl_->open_to_read();
  if (!storage && storage.error().code == ErrorCode::not_found) return roots;
  if (!storage) return storage.error();
  for (const CollectionRecord& record : TRY(storage->truth->collections())) {
    roots[record.name] = TRY(storage->truth->named_roots(record.id));
  }
  return roots;
}

Result<SourceList> Engine::sources(std::string_view collection, const SourceQuery& query) const {
  return list_sources(TRY(impl_->open_to_read()), collection, query);
}

Result<DocumentText> Engine::document(std::string_view collection, const DocumentName& name) const {
  return read_document(TRY(impl_->open_to_read()), collection, name);
}

Result<ForgetReport> Engine::forget(std::string_view collection, std::string_view path) {
  const std::lock_guard indexing(impl_->store->writers.indexing());
  return impl_->store->writers.take_out(
      [&](Storage& storage) { return forget_sources(storage, collection, path); });
}

Status Engine::forget_collection(std::string_view collection) {
  const std::lock_guard indexing(impl_->store->writers.indexing());
  return impl_->store->writers.take_out(
      [&](Storage& storage) { return saerok::forget_collection(storage, collection); });
}

Result<LabelId> Engine::add_label(std::string_view collection, const LabelRecord& label) {
  return impl_->store->memory.add_label(collection, label);
}

Result<std::vector<LabelRecord>> Engine::labels(std::string_view collection) const {
  return impl_->store->memory.labels(collection);
}

Status Engine::remove_label(std::string_view collection, LabelId label) {
  return impl_->store->memory.remove_label(collection, label);
}

Result<std::vector<ConversationSummary>> Engine::conversations(std::string_view collection) const {
  return impl_->store->memory.conversations(collection);
}

Result<std::vector<StoredTurn>> Engine::conversation(std::string_view collection,
                                                     ConversationId conversation) const {
  return impl_->store->memory.conversation(collection, conversation);
}

Result<ConversationId> Engine::remember(std::string_view collection,
                                        std::optional<ConversationId> conversation,
                                        const std::vector<StoredTurn>& turns) {
  return impl_->store->memory.remember(collection, conversation, turns);
}

Status Engine::replace_turns(std::string_view collection, ConversationId conversation,
                             TurnRange last, const std::vector<StoredTurn>& turns) {
  return impl_->store->memory.replace_turns(collection, conversation, last, turns);
}

Status Engine::forget_conversation(std::string_view collection, ConversationId conversation) {
  return impl_->store->memory.forget_conversation(collection, conversation);
}

Result<CheckReport> Engine::check_store(const CallContext& call) const {
  const Storage storage = TRY(impl_->open_to_read());
  return saerok::check_store(posix_env(), storage, call);
}

Result<CheckReport> Engine::repair_store(const CallContext& call) {
  const std::lock_guard indexing(impl_->store->writers.indexing());
  const auto storage = TRY(impl_->store->writers.get(Writers::IfMissing::fail));
  return saerok::repair_store(posix_env(), *storage, call);
}

}  // namespace saerok
