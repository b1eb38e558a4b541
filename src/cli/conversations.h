/// Stored conversations on the command line: what is put into the store of a question and its
/// answer, which conversation "--continue" means, and whether the notes are searched for a turn.
/// What this is not: the storing (saerok/memory.h).
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "saerok/engine.h"
#include "wire/request_json.h"

namespace saerok {

/// What `--remember` and `--continue[=ID]` say.
struct RememberOptions {
  bool remember = false;
  std::string continued;  ///< An id, "last", or empty: none.

  bool stores() const { return remember || !continued.empty(); }
};

/// A conversation that is gone on with, or a new one.
struct OpenConversation {
  std::optional<ConversationId> id;  ///< Nothing: not stored yet.
  Conversation turns;
};

/// Errors: invalid_argument (no id), not_found (no such conversation, or none at all).
Result<OpenConversation> open_conversation(const Engine& engine, const std::string& collection,
                                           const RememberOptions& options);

/// Stores a question and what was answered, and notes the conversation's id. Errors: the store's.
Status remember(Engine& engine, const std::string& collection, const std::string& question,
                const AskResponse& response, OpenConversation& conversation);

/// --search and --no-search; the latter is returned.
CLI::Option* add_search_choice(CLI::App& command, SearchChoice& choice);

Result<ConversationId> parse_conversation_id(const std::string& text);

}  // namespace saerok
