#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <memory>

#include "cli/command.h"
#include "cli/conversations.h"
#include "cli/daemon_use.h"
#include "cli/json_output.h"
#include "cli/terminal.h"

namespace saerok {
namespace {

std::string print_time(std::int64_t unix_s) {
  const auto time = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  if (localtime_r(&time, &parts) == nullptr) return "-";
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return std::string(text, size);
}

std::uint64_t number_of(ConversationId id) { return static_cast<std::uint64_t>(id); }

Status run_list(CommandContext& context) {
  const Engine engine = TRY(context.open_engine());
  const auto known = TRY(engine.conversations(context.options.collection));
  if (context.options.json) {
    print_document(to_json(known));
    return {};
  }
  if (known.empty()) std::printf("no conversations; `saerok ask --remember` stores one\n");
  for (const ConversationSummary& one : known) {
    std::printf("%6llu  %s  %3llu turns  %s\n", static_cast<unsigned long long>(one.id),
                print_time(one.changed_s).c_str(), static_cast<unsigned long long>(one.turns),
                one.title.c_str());
  }
  return {};
}

Status run_show(CommandContext& context, const std::string& text) {
  const ConversationId id = TRY(parse_conversation_id(text));
  const Engine engine = TRY(context.open_engine());
  const auto turns = TRY(engine.conversation(context.options.collection, id));
  if (context.options.json) {
    print_document(to_json(id, turns));
    return {};
  }
  const Style style = Style::of_standard_output();
  for (const StoredTurn& stored : turns) {
    const bool is_question = stored.turn.role == "user";
    std::printf("%s%s%s%s\n", is_question ? style.bold.c_str() : "", is_question ? "> " : "",
                stored.turn.content.c_str(), style.reset.c_str());
    for (const Citation& citation : stored.citations) {
      std::printf("%s[%u] %s:%u-%u “%s”%s\n", style.dim.c_str(), citation.marker,
                  citation.path.c_str(), citation.lines.first, citation.lines.last,
                  citation.quote.c_str(), style.reset.c_str());
    }
    if (!is_question) std::printf("\n");
  }
  return {};
}

/// What `saerok ask --conversation` reads, with what the answers rested on.
Status run_export(CommandContext& context, const std::string& text) {
  const ConversationId id = TRY(parse_conversation_id(text));
  const Engine engine = TRY(context.open_engine());
  print_document(turns_to_json(TRY(engine.conversation(context.options.collection, id))));
  return {};
}

Status run_delete(CommandContext& context, const std::string& text) {
  const ConversationId id = TRY(parse_conversation_id(text));
  const std::string& collection = context.options.collection;
  Engine engine = TRY(context.open_engine());
  const auto daemon = find_daemon_of_store(context);
  TRY(daemon ? forget_conversation_with(*daemon, collection, id, context.call())
             : engine.forget_conversation(collection, id));
  if (context.options.json) print_document({{"deleted", number_of(id)}});
  else std::printf("conversation %s is deleted\n", text.c_str());
  return {};
}

}  // namespace

void add_conversations_command(CLI::App& app, CommandRun& chosen) {
  CLI::App* command = app.add_subcommand(
      "conversations", "Conversations that `ask --remember` and `chat --remember` stored.");
  command->require_subcommand(1);
  auto* list = command->add_subcommand("list", "The conversations, last changed first");
  list->callback([&chosen] { chosen = run_list; });
  const auto add = [&](const char* name, const char* help, auto run) {
    auto id = std::make_shared<std::string>();
    auto* subcommand = command->add_subcommand(name, help);
    subcommand->add_option("ID", *id, "Number of the conversation")->type_name("")->required();
    subcommand->callback([id, run, &chosen] {
      chosen = [id, run](CommandContext& context) -> Status { return run(context, *id); };
    });
  };
  add("show", "Its turns with their citations", run_show);
  add("export", "Its turns as JSON, as `ask --conversation` reads them", run_export);
  add("delete", "Delete it from the store", run_delete);
}

}  // namespace saerok
