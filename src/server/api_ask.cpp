// POST /v1/saerok/ask, streamed or whole, and the conversations that it may store.

#include <utility>

#include "server/context.h"
#include "server/problem.h"
#include "server/reply.h"
#include "wire/remembered_turns.h"
#include "wire/request_json.h"
#include "wire/response_json.h"

namespace saerok::server {
namespace {

constexpr std::chrono::minutes kLongest{30};
constexpr std::string_view kSettable[] = {"search.", "ask.", "answer."};

struct Ask {
  AskRequest request;
  std::string question;  ///< The last turn.
  std::optional<ConversationId> conversation;
  std::optional<TurnRange>
      replaced;  ///< Of the conversation; nothing: this comes after its last turn.
  bool remembers = false;
  SearchChoice search = SearchChoice::automatic;
};

/// What of a conversation a question takes the place of.
struct Replaced {
  bool is_last = false;               ///< Its last question, with the answer.
  std::optional<std::uint64_t> turn;  ///< That question, with all that came after it.
  bool is_any() const { return is_last || turn.has_value(); }
};

/// The turns that the question comes after. One that replaces others comes after what was before
/// those, and is their first question where the request has none.
Status go_on_with(std::vector<StoredTurn> stored, const Replaced& replaced, Ask& ask) {
  Conversation& said = ask.request.conversation;
  if (replaced.is_any()) {
    ask.replaced = replaced.turn ? exchanges_from(stored, *replaced.turn) : last_exchange(stored);
    if (!ask.replaced) {
      return Error{ErrorCode::failed_precondition,
                   replaced.turn ? "turn " + std::to_string(*replaced.turn) +
                                       " of the conversation is no question"
                                 : "the conversation has no question to ask again"};
    }
    if (said.empty()) said.push_back(stored[ask.replaced->begin].turn);
    stored.resize(ask.replaced->begin);
  }
  if (said.size() != 1) return {};  // None, or it is said what to have in mind.
  Conversation turns;
  for (StoredTurn& one : stored) turns.push_back(std::move(one.turn));
  turns.push_back(std::move(said.back()));
  said = std::move(turns);
  return {};
}

Result<Ask> read_ask(const Engine& engine, const Json& members) {
  RequestReader reader(members);
  Ask ask;
  const auto conversation = reader.optional_count("conversation_id", UINT64_MAX / 2);
  ask.remembers = reader.flag("remember", false);
  const Replaced replaced{.is_last = reader.flag("replaces_last_turn", false),
                          .turn = reader.optional_count("replaces_turn", UINT64_MAX / 2)};
  if (replaced.is_any() && !conversation) {
    reader.fail("conversation_id", "a number beside \"replaces_turn\" and \"replaces_last_turn\"");
  }
  TRY(reader.status());
  ask.search = TRY(search_choice_from(members));
  ask.request = TRY(ask_request_from(members));
  if (conversation) {
    ask.conversation = ConversationId{*conversation};
    auto stored = TRY(engine.conversation(ask.request.collection, *ask.conversation));
    TRY(go_on_with(std::move(stored), replaced, ask));
  }
  if (ask.request.conversation.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "there is no question; send {\"question\": \"…\"}, or a conversation that ends "
                 "with one"};
  }
  ask.question = ask.request.conversation.back().content;
  return ask;
}

Result<ConversationId> store(Engine& engine, const Ask& ask, const AskResponse& response) {
  const std::string& collection = ask.request.collection;
  const auto turns = turns_to_remember(ask.question, response);
  if (!ask.replaced) return engine.remember(collection, ask.conversation, turns);
  TRY(engine.replace_turns(collection, *ask.conversation, *ask.replaced, turns));
  return *ask.conversation;
}

/// The answer as JSON, with the conversation it was stored in. Storing it may fail: there is an
/// answer all the same.
Json finish(Engine& engine, const Ask& ask, AskResponse& response) {
  std::optional<ConversationId> conversation = ask.conversation;
  Status remembered;
  if (ask.remembers) {
    const auto stored = store(engine, ask, response);
    if (stored) {
      conversation = *stored;
    } else {
      remembered = stored.error();
      response.report.warnings.push_back("the conversation was not stored: " +
                                         stored.error().message);
    }
  }
  Json document = to_json(response);
  document["conversation_id"] =
      conversation ? Json(static_cast<std::uint64_t>(*conversation)) : Json(nullptr);
  if (!remembered) document["not_remembered"] = problem_document(remembered.error());
  return document;
}

Response stream(Engine& engine, const Ask& ask, Exchange& exchange) {
  const Response head = event_stream();
  exchange.begin_stream(head);
  const auto sink = [&](const AnswerEvent& now) {
    if (now.kind == AnswerEvent::Kind::sources) {
      exchange.send(event("sources", {{"sources", hits_to_json(*now.sources)}}));
    } else if (now.kind == AnswerEvent::Kind::reading) {
      exchange.send(event("reading", {{"read", now.read}, {"total", now.total}}));
    } else {
      exchange.send(event("text", {{"text", now.text}}));
    }
  };
  auto response = engine.ask(ask.request, sink, call_for(exchange, kLongest));
  if (response) {
    exchange.send(event("answer", finish(engine, ask, *response)));
  } else {
    exchange.send(event("error", problem_document(response.error())));
  }
  return head;
}

Result<Response> ask(Context& context, Exchange& exchange) {
  const Json members = TRY(members_of(exchange.request()));
  Engine engine =
      TRY(engine_for(*context.engine.get(), find_member(members, "settings"), kSettable));
  const Ask ask = TRY(read_ask(engine, members));
  if (ask.search != SearchChoice::automatic) {
    Settings settings = engine.settings();
    apply(ask.search, settings.ask);
    engine = engine.with_settings(std::move(settings));
  }
  if (wants_events(exchange.request())) return stream(engine, ask, exchange);
  AskResponse response = TRY(engine.ask(ask.request, {}, call_for(exchange, kLongest)));
  return reply(finish(engine, ask, response));
}

}  // namespace

void add_ask_routes(Router& router, Context& context) {
  router.add("POST", "/v1/saerok/ask",
             [&context](Exchange& exchange, const PathValues&) { return ask(context, exchange); });
  router.add("GET", "/v1/saerok/conversations",
             [&context](Exchange& exchange, const PathValues&) -> Result<Response> {
               const auto known =
                   TRY(context.engine.get()->conversations(collection_of(exchange.request())));
               return reply(to_json(known));
             });
  router.add("GET", "/v1/saerok/conversations/{id}",
             [&context](Exchange& exchange, const PathValues& values) -> Result<Response> {
               const ConversationId id{TRY(number_in(values, "id"))};
               const auto turns =
                   TRY(context.engine.get()->conversation(collection_of(exchange.request()), id));
               return reply(to_json(id, turns));
             });
  router.add(
      "DELETE", "/v1/saerok/conversations/{id}",
      [&context](Exchange& exchange, const PathValues& values) -> Result<Response> {
        const ConversationId id{TRY(number_in(values, "id"))};
        TRY(context.engine.get()->forget_conversation(collection_of(exchange.request()), id));
        return reply_nothing();
      });
}

}  // namespace saerok::server
