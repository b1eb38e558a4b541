#include "cli/conversations.h"

#include <charconv>

#include "wire/remembered_turns.h"

namespace saerok {
Result<ConversationId> parse_conversation_id(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && rest == end) return ConversationId{number};
  return Error{ErrorCode::invalid_argument,
               "\"" + text +
                   "\" is no number of a conversation; `saerok conversations list` shows "
                   "them"};
}

Result<OpenConversation> open_conversation(const Engine& engine, const std::string& collection,
                                           const RememberOptions& options) {
  OpenConversation open;
  if (options.continued.empty()) return open;
  if (options.continued == "last") {
    const auto known = TRY(engine.conversations(collection));
    if (known.empty()) {
      return Error{ErrorCode::not_found,
                   "there is no conversation to go on with; `saerok ask --remember` stores one"};
    }
    open.id = known.front().id;
  } else {
    open.id = TRY(parse_conversation_id(options.continued));
  }
  for (StoredTurn& stored : TRY(engine.conversation(collection, *open.id))) {
    open.turns.push_back(std::move(stored.turn));
  }
  return open;
}

CLI::Option* add_search_choice(CLI::App& command, SearchChoice& choice) {
  CLI::Option* always = command.add_flag_callback(
      "--search", [&choice] { choice = SearchChoice::always; },
      "Search the notes whatever a question looks like");
  return command
      .add_flag_callback(
          "--no-search", [&choice] { choice = SearchChoice::never; },
          "Answer by the chat model alone, without looking into the notes")
      ->excludes(always);
}

Status remember(Engine& engine, const std::string& collection, const std::string& question,
                const AskResponse& response, OpenConversation& conversation) {
  conversation.id =
      TRY(engine.remember(collection, conversation.id, turns_to_remember(question, response)));
  return {};
}

}  // namespace saerok
