/// The façade: what a program uses saerok through. The command line, the server and the lab use
/// nothing else.
///
///   Engine engine = TRY(Engine::open({.store = "notes.saerok"}));
///   IngestReport report = TRY(engine.ingest("default", {.roots = {"notes/"}}, progress, call));
///   SearchResponse found = TRY(engine.search({.query = "how are segments merged?"}, call));
///
/// Searching needs no lock and may run beside a writer in another process; writing takes the
/// store's lock for as long as it lasts. Safe from several threads unless a function says
/// otherwise.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/export.h"
#include "saerok/memory.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {

struct EngineOptions {
  std::string store;             ///< Folder of the store; made by the first write.
  std::string models_directory;  ///< Folder of local models; empty: the default of docs/names.md.
  /// Program that runs local models in a process of its own; empty: the running saerok binary,
  /// else `saerok` on the PATH.
  std::string worker_program;
  Settings settings;
};

class SAEROK_API Engine {
 public:
  /// Does not create or lock anything. Errors: invalid_argument, corrupt, failed_precondition (a
  /// store made by a newer saerok).
  static Result<Engine> open(EngineOptions options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Makes the collection hold what `roots` hold: new, changed, renamed and deleted files are
  /// noticed. Text first (committed, lexically searchable), then vectors. What was reported through
  /// `progress` as done survives any interruption; a cancelled call returns the report so far with
  /// a warning, not an error, once text is being embedded.
  /// Errors: invalid_argument, not_found (a root), failed_precondition (another writer; an index
  /// made with another analyser or embedder), unavailable, out_of_space, cancelled.
  Result<IngestReport> ingest(std::string_view collection, const IngestRequest& request,
                              const ProgressSink& progress, const CallContext& call);

  /// Errors: not_found (no such collection), invalid_argument (filter), and, where nothing at all
  /// could be retrieved, the first failure.
  Result<SearchResponse> search(const SearchRequest& request, const CallContext& call) const;

  /// As search(). A chat model that fails makes an extractive answer with a warning.
  Result<AskResponse> ask(const AskRequest& request, const AnswerSink& sink,
                          const CallContext& call) const;

  Result<StoreStatus> status() const;

  /// What the user gave to be indexed, by collection: absolute paths of folders and files. Empty
  /// where there is no store yet.
  Result<std::map<std::string, std::vector<std::string>>> named_roots() const;

  /// Files of a collection with what became of each. Errors: not_found (collection).
  Result<SourceList> sources(std::string_view collection, const SourceQuery& query) const;

  /// Errors: not_found (collection, document).
  Result<DocumentText> document(std::string_view collection, const DocumentName& name) const;

  /// Forgets every source at or below `path`. Errors: not_found.
  Result<ForgetReport> forget(std::string_view collection, std::string_view path);
  Status forget_collection(std::string_view collection);

  /// A person's judgements of passages (`saerok lab label`); writing takes the store's lock.
  /// Errors: not_found (collection, label), failed_precondition (another writer).
  Result<LabelId> add_label(std::string_view collection, const LabelRecord& label);
  Result<std::vector<LabelRecord>> labels(std::string_view collection) const;
  Status remove_label(std::string_view collection, LabelId label);

  /// Stored conversations; ask() itself stores none. Errors as above.
  Result<std::vector<ConversationSummary>> conversations(std::string_view collection) const;
  Result<std::vector<StoredTurn>> conversation(std::string_view collection,
                                               ConversationId conversation) const;
  /// Appends to `conversation`, or begins one where that is nothing. Returns its id.
  Result<ConversationId> remember(std::string_view collection,
                                  std::optional<ConversationId> conversation,
                                  const std::vector<StoredTurn>& turns);
  /// Puts others in the place of a conversation's last turns. Errors also: failed_precondition (it
  /// has changed meanwhile).
  Status replace_turns(std::string_view collection, ConversationId conversation, TurnRange last,
                       const std::vector<StoredTurn>& turns);
  Status forget_conversation(std::string_view collection, ConversationId conversation);

  /// Reads the database, every segment and every chunk back and compares counts, checksums and
  /// fingerprints.
  Result<CheckReport> check_store(const CallContext& call) const;

  /// The same, and takes damaged segments out of use; what they held is made again from the stored
  /// text by the next ingest(). `problems` are those that remain.
  /// Errors: also failed_precondition (another writer).
  Result<CheckReport> repair_store(const CallContext& call);

  const Settings& settings() const;

  /// An engine on the same store with other settings. What is open and loaded is shared with this
  /// one as far as the settings allow, so that one may be made for a single request.
  Engine with_settings(Settings settings) const;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The program's version, for example "0.1.0".
SAEROK_API std::string_view version();

}  // namespace saerok
