#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/command.h"
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
  const Json json = TRY(read_given_json(text, file == "-" ? "the conversation on standard input" : file));
  Conversation conversation;
  bool is_well_formed = json.is_array() && !json.empty();
  for (std::size_t i = 0; is_well_formed && i < json.size(); ++i) {
    const auto role = find_text(json[i], "role");
    const auto content = find_text(json[i], "content");
    is_well_formed = role && content && (*role == "user" || *role == "assistant" || *role == "system");
    if (is_well_formed) conversation.push_back({*role, *content});
  }
  if (!is_well_formed) {
    return Error{ErrorCode::invalid_argument,
                 file + " is not a conversation: a JSON array of {\"role\": \"user\" or \"assistant\" "
                        "or \"system\", \"content\": text}"};
  }
  return conversation;
}

bool is_cited(const AskResponse& response, std::size_t source) {
  for (const Citation& citation : response.citations) {
    if (citation.marker == source + 1) return true;
  }
  return false;
}

void print_sources(const AskResponse& response, const Style& style) {
  if (response.sources.empty()) return;
  std::printf("\n%s%s%s\n", style.bold.c_str(), response.found ? "Sources" : "Nearest notes", style.reset.c_str());
  for (std::size_t i = 0; i < response.sources.size(); ++i) {
    if (response.found && !response.citations.empty() && !is_cited(response, i)) continue;
    std::printf("[%zu] %s\n", i + 1, (is_cited(response, i) ? describe_source : describe_place)(response.sources[i]).c_str());
    for (const Citation& citation : response.citations) {
      if (citation.marker != i + 1) continue;
      std::printf("    %slines %u-%u: “%s”%s\n", style.dim.c_str(), citation.lines.first,
                  citation.lines.last, citation.quote.c_str(), style.reset.c_str());
    }
    if (response.sources[i].explanation) print_hit(response.sources[i], style);
  }
}

Status run_ask(CommandContext& context, AskRequest request) {
  request.collection = context.options.collection;
  const Engine engine = TRY(context.open_engine());
  const bool json = context.options.json;
  const AnswerSink sink = [&](const AnswerEvent& event) {
    if (json || event.kind != AnswerEvent::Kind::text) return;
    std::fwrite(event.text.data(), 1, event.text.size(), stdout);
    std::fflush(stdout);
  };
  const auto response = engine.ask(request, sink, context.call());
  if (!response) {
    if (!json) std::printf("\n");
    return response.error();
  }
  if (json) {
    print_warnings(response->report);
    print_document(to_json(*response));
    return {};
  }
  const Style style = Style::of_standard_output();
  std::printf("\n");
  if (response->found && response->kind == AnswerKind::extractive) {
    std::printf("%s(sentences from the notes; no chat model wrote this)%s\n", style.dim.c_str(),
                style.reset.c_str());
  } else if (response->kind == AnswerKind::model) {
    std::printf("%s(written by %s)%s\n", style.dim.c_str(), response->model.c_str(), style.reset.c_str());
  }
  print_sources(*response, style);
  std::fflush(stdout);
  print_warnings(response->report);
  if (request.explain) print_stages(response->report);
  return {};
}

}  // namespace

void add_ask_command(CLI::App& app, CommandRun& chosen) {
  auto request = std::make_shared<AskRequest>();
  auto words = std::make_shared<std::vector<std::string>>();
  auto conversation_file = std::make_shared<std::string>();
  auto no_model = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "ask",
      "Answer a question from the notes, citing them.\n\n"
      "With a chat model (models.chat, or SAEROK_CHAT_BASE_URL) the answer is written by it; without "
      "one it is made of the best sentences of the notes and says so.");
  auto* question = command->add_option("QUESTION", *words, "The question")->type_name("");
  command->add_option("--conversation", *conversation_file,
                      "JSON array of {role, content}; - reads standard input")
      ->type_name("FILE")->excludes(question);
  command->add_option("--filter", request->filter, "Only documents that pass (docs/query.md)")
      ->type_name("EXPR");
  command->add_flag("--no-model", *no_model, "Do not use a chat model");
  command->add_flag("--explain", request->explain, "Show stages and how sources were scored");
  command->callback([=, &chosen] {
    chosen = [=](CommandContext& context) -> Status {
      request->use_model = !*no_model;
      std::string text;
      for (const std::string& word : *words) text += (text.empty() ? "" : " ") + word;
      if (!conversation_file->empty()) {
        request->conversation = TRY(read_conversation(*conversation_file));
      } else if (text.empty()) {
        return Error{ErrorCode::invalid_argument, "give a question, or --conversation FILE"};
      } else {
        request->conversation = {{"user", text}};
      }
      return run_ask(context, *request);
    };
  });
}

}  // namespace saerok
