#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "cli/answer_output.h"
#include "cli/command.h"
#include "cli/conversations.h"
#include "cli/daemon_use.h"
#include "cli/hit_output.h"

namespace saerok {
namespace {

constexpr int kPollMs = 50;
/// A longer line is no question; what is too long even so, the search refuses with a sentence.
constexpr std::size_t kLineBytesMax = 1'048'576;
/// Turns that are kept in mind; older ones are neither searched with nor shown to a model.
constexpr std::size_t kTurnsMax = 64;

constexpr char kCommands[] =
    "/sources  what the last answer rests on\n"
    "/why      what was decided, searched for and done for it\n"
    "/new      begin a new conversation\n"
    "/quit     leave; so does the end of the input\n";

struct ChatOptions {
  AskRequest request;
  RememberOptions memory;
  SearchChoice search = SearchChoice::automatic;
};

/// Lines of standard input, with an eye on Ctrl-C.
class LineReader {
 public:
  /// The next line without its end; nothing at the end of the input and after a stop.
  std::optional<std::string> next(const std::stop_token& stop) {
    while (true) {
      const std::size_t end = held_.find('\n');
      if (end != std::string::npos) {
        std::string line = held_.substr(0, end);
        held_.erase(0, end + 1);
        if (line.ends_with('\r')) line.pop_back();
        return line;
      }
      if (at_end_ || held_.size() > kLineBytesMax) return rest();
      pollfd input{STDIN_FILENO, POLLIN, 0};
      const int ready = poll(&input, 1, kPollMs);
      if (stop.stop_requested()) return std::nullopt;
      if (ready > 0) fill();
    }
  }

 private:
  void fill() {
    char bytes[4'096];
    const ssize_t size = read(STDIN_FILENO, bytes, sizeof bytes);
    if (size <= 0) at_end_ = true;
    else held_.append(bytes, static_cast<std::size_t>(size));
  }
  std::optional<std::string> rest() {
    if (held_.empty()) return std::nullopt;
    return std::exchange(held_, {});
  }

  std::string held_;
  bool at_end_ = false;
};

class ChatSession {
 public:
  ChatSession(CommandContext& context, Engine& engine, ChatOptions options, OpenConversation open)
      : context_(context),
        engine_(engine),
        options_(std::move(options)),
        conversation_(std::move(open)),
        is_terminal_(is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO)) {}

  Status run() {
    if (is_terminal_) std::printf("Ask your notes; /help lists what else there is.\n");
    LineReader lines;
    while (true) {
      if (is_terminal_) {
        std::printf("%s> %s", style_.bold.c_str(), style_.reset.c_str());
        std::fflush(stdout);
      }
      const auto line = lines.next(context_.stop);
      if (!line) break;
      if (line->find_first_not_of(" \t") == std::string::npos) continue;
      if (*line == "/quit" || *line == "/exit") break;
      if (line->starts_with('/')) run_command(*line);
      else TRY(ask(*line));
    }
    if (is_terminal_) std::printf("\n");
    say_where_it_is();
    return {};
  }

 private:
  void run_command(const std::string& line) {
    if (line == "/new") {
      say_where_it_is();
      conversation_ = {};
      last_.reset();
    } else if (line == "/help") {
      std::printf("%s", kCommands);
    } else if (line != "/sources" && line != "/why") {
      std::printf("there is no %s\n%s", line.c_str(), kCommands);
    } else if (!last_) {
      std::printf("nothing has been asked yet\n");
    } else if (line == "/sources") {
      if (last_->sources.empty()) std::printf("the notes were not searched for it\n");
      print_sources(*last_, style_);
    } else {
      print_why(*last_, style_);
      std::fflush(stdout);
      print_stages(last_->report);
    }
    std::fflush(stdout);
  }

  /// A question that fails is said and the session goes on; only a store that cannot be written
  /// ends it.
  Status ask(const std::string& question) {
    AskRequest request = options_.request;
    request.explain = true;  // For /why.
    request.conversation = conversation_.turns;
    request.conversation.push_back({"user", question});
    // Looked for at every question: a daemon may come and go while people think.
    const auto daemon = find_daemon(context_);
    auto answer = daemon ? ask_daemon(*daemon, std::move(request)) : ask_engine(request);
    const bool was_stopped = context_.stop.stop_requested();
    if (was_stopped) context_.stop = context_.renew_stop();
    if (!answer) {
      std::printf("\n");
      std::fflush(stdout);
      std::fprintf(stderr, "saerok: %s\n", answer.error().message.c_str());
      return {};
    }
    AskResponse& response = answer->response;
    for (Hit& source : response.sources) source.explanation.reset();
    std::printf("\n");
    print_answer_notes(response, style_);
    if (response.found) print_cited_places(response);
    std::fflush(stdout);
    print_warnings(response.report);
    keep(question, response);
    if (daemon) {
      TRY(answer->remembered);
      conversation_.id = answer->conversation;
    } else if (options_.memory.stores()) {
      TRY(remember(engine_, options_.request.collection, question, response, conversation_));
    }
    last_ = std::move(response);
    return {};
  }

  /// It also stores what is to be remembered.
  Result<DaemonAnswer> ask_daemon(const server::DaemonClient& daemon, AskRequest request) {
    DaemonQuestion question{.request = std::move(request),
                            .remembers = options_.memory.stores(),
                            .conversation = conversation_.id,
                            .search = options_.search};
    // More than are kept in mind: all turns of the stored conversation, which the daemon reads
    // itself.
    Conversation& turns = question.request.conversation;
    if (conversation_.id && turns.size() > kTurnsMax + 1)
      turns.erase(turns.begin(), turns.end() - 1);
    return ask_with(daemon, question, print_text_sink(context_.options.quiet), context_.call());
  }

  Result<DaemonAnswer> ask_engine(const AskRequest& request) {
    return DaemonAnswer{.response = TRY(engine_.ask(
                            request, print_text_sink(context_.options.quiet), context_.call())),
                        .conversation = std::nullopt,
                        .remembered = {}};
  }

  /// A line a cited source; /sources has the quotations.
  void print_cited_places(const AskResponse& response) const {
    for (std::size_t i = 0; i < response.sources.size(); ++i) {
      for (const Citation& citation : response.citations) {
        if (citation.marker != i + 1) continue;
        std::printf("%s[%zu] %s%s\n", style_.dim.c_str(), i + 1,
                    describe_source(response.sources[i]).c_str(), style_.reset.c_str());
        break;
      }
    }
  }

  void keep(const std::string& question, const AskResponse& response) {
    Conversation& turns = conversation_.turns;
    turns.push_back({"user", question});
    turns.push_back({"assistant", response.answer});
    if (turns.size() > kTurnsMax) {
      turns.erase(turns.begin(), turns.end() - static_cast<std::ptrdiff_t>(kTurnsMax));
    }
  }

  void say_where_it_is() const {
    if (!conversation_.id) return;
    std::printf("conversation %llu; go on with `saerok chat --continue`\n",
                static_cast<unsigned long long>(*conversation_.id));
  }

  CommandContext& context_;
  Engine& engine_;
  ChatOptions options_;
  OpenConversation conversation_;
  bool is_terminal_;
  Style style_ = Style::of_standard_output();
  std::optional<AskResponse> last_;
};

Status run_chat(CommandContext& context, ChatOptions options) {
  if (context.options.json) {
    return Error{ErrorCode::invalid_argument,
                 "chat is for people; `saerok ask --json --conversation FILE` answers a turn in "
                 "JSON"};
  }
  options.request.collection = context.options.collection;
  apply(options.search, context.settings.ask);
  Engine engine = TRY(context.open_engine());
  // Said before the first question rather than after it.
  TRY(engine.status());
  OpenConversation open =
      TRY(open_conversation(engine, options.request.collection, options.memory));
  return ChatSession(context, engine, std::move(options), std::move(open)).run();
}

}  // namespace

void add_chat_command(CLI::App& app, CommandRun& chosen) {
  auto options = std::make_shared<ChatOptions>();
  auto no_model = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "chat",
      "Talk with your notes: a question a line, each answered with what was said before in "
      "mind.\n\n"
      "Ctrl-C ends an answer and keeps what was said; at the prompt it ends the session.\n\n" +
          std::string(kCommands));
  command
      ->add_option("--filter", options->request.filter, "Only documents that pass (docs/query.md)")
      ->type_name("EXPR");
  command->add_flag("--no-model", *no_model, "Do not use a chat model");
  command->add_flag("--apply-filters", options->request.apply_filters,
                    "Search only notes of the dates and tags that a question names");
  add_search_choice(*command, options->search);
  command->add_flag("--remember", options->memory.remember, "Store the conversation");
  command->add_flag("--continue{last}", options->memory.continued,
                    "Go on with a stored conversation: the last, or =ID");
  command->callback([=, &chosen] {
    chosen = [=](CommandContext& context) -> Status {
      options->request.use_model = !*no_model;
      return run_chat(context, *options);
    };
  });
}

}  // namespace saerok
