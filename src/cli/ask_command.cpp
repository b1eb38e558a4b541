#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/answer_output.h"
#include "cli/command.h"
#include "cli/conversations.h"
#include "cli/daemon_use.h"
#include "cli/hit_output.h"
#include "cli/json_output.h"

namespace saerok {
namespace {

Result<Conversation> read_conversation(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return Error{ErrorCode::not_found, "cannot read the conversation " + file};
    text.assign(std::istreambuf_iterator<char>(stream), {});
  }
  const Json json =
      TRY(read_given_json(text, file == "-" ? "the conversation on standard input" : file));
  Conversation conversation;
  bool is_well_formed = json.is_array() && !json.empty();
  for (std::size_t i = 0; is_well_formed && i < json.size(); ++i) {
    const auto role = find_text(json[i], "role");
    const auto content = find_text(json[i], "content");
    is_well_formed =
        role && content && (*role == "user" || *role == "assistant" || *role == "system");
    if (is_well_formed) conversation.push_back({*role, *content});
  }
  if (!is_well_formed) {
    return Error{ErrorCode::invalid_argument,
                 file +
                     " is not a conversation: a JSON array of {\"role\": \"user\" or \"assistant\" "
                     "or \"system\", \"content\": text}"};
  }
  return conversation;
}

struct AskOptions {
  AskRequest request;
  RememberOptions memory;
  std::string question;  ///< Empty: the conversation of a file ends with it.
  SearchChoice search = SearchChoice::automatic;
};

void print_response(const AskResponse& response, bool explain) {
  const Style style = Style::of_standard_output();
  std::printf("\n");
  print_answer_notes(response, style);
  print_sources(response, style);
  if (explain) {
    std::printf("\n");
    print_why(response, style);
  }
  std::fflush(stdout);
  print_warnings(response.report);
  if (explain) print_stages(response.report);
}

/// What was said before a stop stays; the command has not done what it was asked to.
Status stopped_or_done(const CommandContext& context) {
  if (!context.stop.stop_requested()) return {};
  return Error{ErrorCode::cancelled, "stopped; the answer ends where it was"};
}

/// The daemon also stores what is to be remembered.
Result<DaemonAnswer> ask_daemon(const server::DaemonClient& daemon, const AskOptions& options,
                                const OpenConversation& conversation, const AnswerSink& sink,
                                const CallContext& call) {
  DaemonQuestion question{.request = options.request,
                          .remembers = options.memory.stores(),
                          .conversation = conversation.id,
                          .search = options.search};
  // Of a stored conversation it knows the turns.
  if (conversation.id) question.request.conversation = {{"user", options.question}};
  return ask_with(daemon, question, sink, call);
}

Result<DaemonAnswer> ask_engine(Engine& engine, const AskOptions& options,
                                OpenConversation conversation, const AnswerSink& sink,
                                const CallContext& call) {
  DaemonAnswer answer{.response = TRY(engine.ask(options.request, sink, call)),
                      .conversation = conversation.id,
                      .remembered = {}};
  if (!options.memory.stores()) return answer;
  answer.remembered =
      remember(engine, options.request.collection, options.question, answer.response, conversation);
  answer.conversation = conversation.id;
  return answer;
}

Status run_ask(CommandContext& context, AskOptions options) {
  AskRequest& request = options.request;
  request.collection = context.options.collection;
  apply(options.search, context.settings.ask);
  Engine engine = TRY(context.open_engine());
  const OpenConversation conversation =
      TRY(open_conversation(engine, request.collection, options.memory));
  if (!options.question.empty()) {
    request.conversation = conversation.turns;
    request.conversation.push_back({"user", options.question});
  }
  const bool json = context.options.json;
  const AnswerSink sink = json ? AnswerSink() : print_text_sink(context.options.quiet);
  const auto daemon = find_daemon(context);
  const auto answer = daemon ? ask_daemon(*daemon, options, conversation, sink, context.call())
                             : ask_engine(engine, options, conversation, sink, context.call());
  if (!answer) {
    if (!json) std::printf("\n");
    return answer.error();
  }
  TRY(answer->remembered);
  const AskResponse& response = answer->response;
  if (json) {
    print_warnings(response.report);
    Json document = to_json(response);
    document["conversation_id"] = answer->conversation
                                      ? Json(static_cast<std::uint64_t>(*answer->conversation))
                                      : Json(nullptr);
    print_document(document);
    context.has_printed_document = true;
    return stopped_or_done(context);
  }
  print_response(response, request.explain);
  if (answer->conversation) {
    std::printf("\nconversation %llu; go on with --continue\n",
                static_cast<unsigned long long>(*answer->conversation));
  }
  return stopped_or_done(context);
}

}  // namespace

void add_ask_command(CLI::App& app, CommandRun& chosen) {
  auto options = std::make_shared<AskOptions>();
  AskRequest* const request = &options->request;  // Lives as long as the options do.
  auto words = std::make_shared<std::vector<std::string>>();
  auto conversation_file = std::make_shared<std::string>();
  auto no_model = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("ask",
                         "Answer a question from the notes, citing them.\n\n"
                         "With a chat model (models.chat, or SAEROK_CHAT_BASE_URL) the answer is "
                         "written by it; without "
                         "one it is made of the best sentences of the notes and says so.");
  auto* question = command->add_option("QUESTION", *words, "The question")->type_name("");
  command
      ->add_option("--conversation", *conversation_file,
                   "JSON array of {role, content}; - reads standard input")
      ->type_name("FILE")
      ->excludes(question);
  command->add_option("--filter", request->filter, "Only documents that pass (docs/query.md)")
      ->type_name("EXPR");
  command->add_flag("--no-model", *no_model, "Do not use a chat model");
  command->add_flag("--explain", request->explain,
                    "Show what was decided, the stages and how sources were scored");
  command->add_flag("--apply-filters", request->apply_filters,
                    "Search only notes of the dates and tags that the question names");
  CLI::Option* no_search = add_search_choice(*command, options->search);
  command->add_flag("--retrieve-only", request->retrieve_only, "Find sources, write no answer")
      ->excludes(no_search);
  command->add_option("--hits", request->hits, "Ranked hits to show in --json beside the sources")
      ->type_name("N");
  auto* remembers = command->add_flag("--remember", options->memory.remember,
                                      "Store question and answer as a conversation");
  auto* continues = command->add_flag("--continue{last}", options->memory.continued,
                                      "Go on with a stored conversation: the last, or =ID");
  remembers->excludes("--conversation");
  continues->excludes("--conversation");
  command->callback([=, &chosen] {
    chosen = [=](CommandContext& context) -> Status {
      options->request.use_model = !*no_model;
      std::string text;
      for (const std::string& word : *words) text += (text.empty() ? "" : " ") + word;
      if (!conversation_file->empty()) {
        options->request.conversation = TRY(read_conversation(*conversation_file));
      } else if (text.empty()) {
        return Error{ErrorCode::invalid_argument, "give a question, or --conversation FILE"};
      } else {
        options->question = text;
      }
      return run_ask(context, *options);
    };
  });
}

}  // namespace saerok
