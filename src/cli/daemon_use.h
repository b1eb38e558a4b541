/// Commands that a running daemon answers: its models are warm, and it holds the store's lock while
/// it indexes. What a command prints is the same either way.
#pragma once

#include <optional>

#include "cli/command.h"
#include "saerok/requests.h"
#include "server/daemon_client.h"

namespace saerok {

/// The daemon that serves the store. Nothing where none does, and where the command has settings of
/// its own (--set, --config, the environment), which a daemon does not share.
std::optional<server::DaemonClient> find_daemon(const CommandContext& context);

Result<SearchResponse> search_with(const server::DaemonClient& daemon, const SearchRequest& request,
                                   const CallContext& call);

/// The answer and, where it was stored, its conversation.
struct DaemonAnswer {
  AskResponse response;
  std::optional<ConversationId> conversation;
};
struct DaemonQuestion {
  AskRequest request;
  bool remembers = false;
  std::optional<ConversationId> conversation;
  bool always_searches = false;
};
Result<DaemonAnswer> ask_with(const server::DaemonClient& daemon, const DaemonQuestion& question,
                              const AnswerSink& sink, const CallContext& call);

/// Relative roots are the command's.
Result<IngestReport> ingest_with(const server::DaemonClient& daemon, const std::string& collection,
                                 const IngestRequest& request, const ProgressSink& progress,
                                 const CallContext& call);

}  // namespace saerok
