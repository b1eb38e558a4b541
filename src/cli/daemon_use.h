/// Commands that a running daemon answers: its models are warm, and it holds the store's lock while
/// it indexes. What a command prints is the same either way.
#pragma once

#include <optional>

#include "cli/command.h"
#include "saerok/memory.h"
#include "saerok/requests.h"
#include "server/daemon_client.h"
#include "wire/request_json.h"

namespace saerok {

/// The daemon that serves the store. Nothing where none does, and where the command has settings of
/// its own (--set, --config, the environment), which a daemon does not share.
std::optional<server::DaemonClient> find_daemon(const CommandContext& context);
/// The same for a change that no setting has a part in: whatever settings the command has.
std::optional<server::DaemonClient> find_daemon_of_store(const CommandContext& context);

Result<SearchResponse> search_with(const server::DaemonClient& daemon, const SearchRequest& request,
                                   const CallContext& call);

/// The answer and, where it was stored, its conversation.
struct DaemonAnswer {
  AskResponse response;
  std::optional<ConversationId> conversation;
  Status remembered;  ///< Why it could not be stored, where it was to be.
};
struct DaemonQuestion {
  AskRequest request;
  bool remembers = false;
  /// A stored one that this goes on with. Its turns count where the request has none but the
  /// question.
  std::optional<ConversationId> conversation;
  SearchChoice search = SearchChoice::automatic;
};
/// A stop ends the answer where it is.
Result<DaemonAnswer> ask_with(const server::DaemonClient& daemon, const DaemonQuestion& question,
                              const AnswerSink& sink, const CallContext& call);

/// Relative roots are the command's.
Result<IngestReport> ingest_with(const server::DaemonClient& daemon, const std::string& collection,
                                 const IngestRequest& request, const ProgressSink& progress,
                                 const CallContext& call);

/// What the engine's calls of these names do. A stop ends the waiting for it; it may still be done.
Result<ForgetReport> forget_with(const server::DaemonClient& daemon, const std::string& collection,
                                 const std::string& absolute_path, const CallContext& call);
Status forget_collection_with(const server::DaemonClient& daemon, const std::string& collection,
                              const CallContext& call);
Status forget_conversation_with(const server::DaemonClient& daemon, const std::string& collection,
                                ConversationId conversation, const CallContext& call);
Result<LabelId> add_label_with(const server::DaemonClient& daemon, const std::string& collection,
                               const LabelRecord& label, const CallContext& call);
Status remove_label_with(const server::DaemonClient& daemon, const std::string& collection,
                         LabelId label, const CallContext& call);

}  // namespace saerok
