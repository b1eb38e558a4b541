#include "answer/answerer.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "answer/decision.h"
#include "answer/metered_model.h"
#include "answer/model_steps.h"
#include "answer/standalone.h"
#include "answer/support.h"
#include "answer/write_answer.h"
#include "base/clock.h"
#include "base/trace.h"
#include "base/unicode.h"
#include "search/question_filter.h"
#include "search/select.h"

namespace saerok {
namespace {

/// Hits looked at for one source: near-duplicates and neighbours take no place of their own.
constexpr std::uint32_t kHitsForSource = 3;

Status check_request(const AskRequest& request) {
  if (request.conversation.empty() || request.conversation.back().role != "user") {
    return Error{ErrorCode::invalid_argument,
                 "the conversation must end with a turn of role \"user\": the question"};
  }
  if (request.conversation.back().content.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Error{ErrorCode::invalid_argument, "the question is empty"};
  }
  return {};
}

/// The request's report: search's stages between our own.
void append(Report& to, Report from) {
  std::move(from.stages.begin(), from.stages.end(), std::back_inserter(to.stages));
  std::move(from.warnings.begin(), from.warnings.end(), std::back_inserter(to.warnings));
}

/// Everything that the steps share.
struct Ask {
  const AskRequest& request;
  const Settings& settings;
  const Backend& backend;
  const Analyzer& analyzer;
  const AnswerModels& models;
  const AnswerSink& sink;
  const LanguageModel* chat = nullptr;  ///< Null also where the request wants none.

  AnswerNeeds needs() const { return {request, settings, backend, analyzer, sink}; }
  const std::string& question() const { return request.conversation.back().content; }
};

Status decide(const Ask& ask, Trace& trace, AskResponse& response) {
  response.decided_by = "nothing";
  if (ask.settings.ask.decide == DecideBy::nothing) return {};
  if (ask.settings.ask.decide == DecideBy::never) {
    response.decision = Decision::answer;
    response.search_probability = 0;
    return {};
  }
  TRY(trace.begin("decide"));
  GateOutcome gate = TRY(
      run_gate(ask.request.conversation, ask.settings, ask.backend, ask.analyzer, trace.call()));
  response.decided_by = "gate";
  response.decision = gate.decision;
  response.search_probability = gate.search_probability;
  if (ask.request.explain) response.decision_explanation = std::move(gate.explanation);
  trace.count(gate.looked_at, gate.decision == Decision::search ? 1 : 0);
  const bool asks_model =
      ask.settings.ask.decide == DecideBy::model && gate.is_unsure && ask.chat != nullptr;
  if (!asks_model) return {};
  const auto decision = decide_with_model({*ask.chat, ask.settings.ask.model_step_ms},
                                          ask.request.conversation, trace.call());
  TRY(trace.call().check());
  if (decision) {
    response.decided_by = "model";
    response.decision = *decision;
    trace.count(gate.looked_at, *decision == Decision::search ? 1 : 0);
  } else {
    trace.warn("decided without the chat model: " + decision.error().message);
  }
  return {};
}

/// Makes the question stand by itself, in the request that will be searched with.
Status rewrite(const Ask& ask, Trace& trace, SearchRequest& search, AskResponse& response) {
  if (!ask.request.standalone_query.empty()) {
    response.standalone_query = ask.request.standalone_query;
    search.query = response.standalone_query;
    return {};
  }
  TRY(trace.begin("rewrite"));
  const AskSettings& settings = ask.settings.ask;
  const Conversation& conversation = ask.request.conversation;
  const CarriedTurns carried = settings.rewrite == RewriteBy::nothing || settings.carry_weight <= 0
                                   ? CarriedTurns{}
                                   : carry_turns(conversation, settings.carried_turns);
  response.standalone_query = ask.question();
  if (carried.count > 0) {
    response.standalone_query = carried.text + "\n" + ask.question();
    search.embedded_text = response.standalone_query;
    search.expansions.push_back({QueryExpansion::Use::words, carried.text, settings.carry_weight});
  }
  trace.count(conversation.size(), 1 + carried.count);
  const bool asks_model =
      settings.rewrite == RewriteBy::model && ask.chat != nullptr && conversation.size() > 1;
  if (!asks_model) return {};
  auto rewritten = rewrite_with_model({*ask.chat, settings.model_step_ms}, conversation,
                                      ask.analyzer, trace.call());
  TRY(trace.call().check());
  if (!rewritten) {
    trace.warn("searched without the chat model's rewriting: " + rewritten.error().message);
  } else if (*rewritten != ask.question()) {
    // Beside the turns' own words, not in their place: a rewriting that missed the point costs
    // little this way.
    search.expansions.push_back({QueryExpansion::Use::both, *rewritten, settings.expand_weight});
    response.standalone_query = std::move(*rewritten);
  }
  return {};
}

/// Queries, or a passage, as `ask.expand` says.
Result<std::vector<QueryExpansion>> write_expansions(const Ask& ask, const ModelSteps& steps,
                                                     const std::string& question,
                                                     const CallContext& call) {
  const AskSettings& settings = ask.settings.ask;
  std::vector<QueryExpansion> added;
  if (settings.expand == ExpandBy::queries) {
    for (std::string& query :
         TRY(queries_with_model(steps, question, settings.expand_queries, call))) {
      added.push_back({QueryExpansion::Use::both, std::move(query), settings.expand_weight});
    }
  } else if (settings.expand == ExpandBy::passage) {
    added.push_back({QueryExpansion::Use::vectors, TRY(passage_with_model(steps, question, call)),
                     settings.expand_weight});
  }
  return added;
}

Status expand(const Ask& ask, Trace& trace, SearchRequest& search, const AskResponse& response) {
  const AskSettings& settings = ask.settings.ask;
  const bool translates = settings.translate == Switch::on;
  if (ask.chat == nullptr || (settings.expand == ExpandBy::nothing && !translates)) return {};
  TRY(trace.begin("expand"));
  const ModelSteps steps{*ask.chat, settings.model_step_ms};
  const std::string& question = response.standalone_query;
  std::vector<QueryExpansion> added;
  if (auto written = write_expansions(ask, steps, question, trace.call())) {
    added = std::move(*written);
  } else {
    TRY(trace.call().check());
    trace.warn("searched without expansion: " + written.error().message);
  }
  if (translates) {
    // In both: a note in the other language shares no words with the question, and an embedder
    // prefers passages in the question's language.
    auto translated = translate_with_model(steps, question, trace.call());
    TRY(trace.call().check());
    if (translated) {
      added.push_back({QueryExpansion::Use::both, std::move(*translated), settings.expand_weight});
    } else {
      trace.warn("searched in the question's language only: " + translated.error().message);
    }
  }
  trace.count(1, added.size());
  std::move(added.begin(), added.end(), std::back_inserter(search.expansions));
  return {};
}

/// Proposes the filters that the question names, and puts them into the search if they are wanted.
Status filter(const Ask& ask, Trace& trace, SearchRequest& search, AskResponse& response) {
  const QuestionFilters mode = ask.settings.ask.filters;
  const bool applies = ask.request.apply_filters || mode == QuestionFilters::apply;
  search.filter = ask.request.filter;
  if (mode == QuestionFilters::nothing && !applies) return {};
  TRY(trace.begin("filter"));
  const Date today = ask.request.today ? *ask.request.today : local_date();
  const auto found = propose_filters(replace_invalid_utf8(ask.question()).text, today);
  for (const QuestionFilter& one : found) {
    response.proposed_filters.push_back(one.proposed);
    response.proposed_filters.back().is_applied = applies;
  }
  if (applies && !found.empty()) search.filter = combine_filters(ask.request.filter, found);
  trace.count(found.size(), applies ? found.size() : 0);
  return {};
}

/// Searches; where what the question itself names leaves nothing, once more without it.
Result<SearchResponse> find(const Ask& ask, SearchRequest& request, AskResponse& response,
                            const CallContext& call) {
  const auto run = [&] {
    return search(request, ask.settings.search, ask.backend, ask.analyzer, ask.models.search, call);
  };
  SearchResponse found = TRY(run());
  if (!found.hits.empty() || request.filter == ask.request.filter) return found;
  Report narrow = std::move(found.report);
  request.filter = ask.request.filter;
  found = TRY(run());
  narrow.warnings.clear();
  std::string tests;
  for (ProposedFilter& proposed : response.proposed_filters) {
    tests += (tests.empty() ? "" : ", ") + proposed.filter;
    proposed.is_applied = false;
  }
  narrow.warnings.push_back("no note passes " + tests + "; searched without");
  append(narrow, std::move(found.report));
  found.report = std::move(narrow);
  return found;
}

/// Fills the hits and the sources.
Status retrieve(const Ask& ask, SearchRequest& request, AskResponse& response,
                const CallContext& call) {
  const std::uint32_t source_count = ask.settings.answer.sources;
  request.limit = std::max(source_count * kHitsForSource, ask.request.hits);
  SearchResponse found = TRY(find(ask, request, response, call));
  append(response.report, std::move(found.report));
  Trace trace(call);
  if (!found.searched_for.empty()) trace.warn("searched for: " + found.searched_for);
  TRY(trace.begin("select"));
  const std::span<const Hit> hits(found.hits);
  AskSettings settings = ask.settings.ask;
  // Joined passages are for a model to read. Taken for one source of an extractive answer, two of
  // the ten questions that the sample vault does not answer were answered, else one.
  if (ask.chat == nullptr) settings.join_neighbours = Switch::off;
  const std::size_t looked_at = std::min<std::size_t>(hits.size(), source_count * kHitsForSource);
  response.sources =
      TRY(select_sources(hits.first(looked_at), source_count, settings, ask.backend));
  trace.count(found.hits.size(), response.sources.size());
  append(response.report, trace.finish());
  if (found.hits.size() > ask.request.hits) found.hits.resize(ask.request.hits);
  response.hits = std::move(found.hits);
  return {};
}

/// Marks the sentences of a model's answer that their sources do not bear out.
Status check_citations(const Ask& ask, Trace& trace, AskResponse& response) {
  const auto support_min = static_cast<double>(ask.settings.ask.support_min);
  if (support_min <= 0 || response.citations.empty()) return {};
  if (trace.call().stop.stop_requested()) return {};
  TRY(trace.begin("cite"));
  SupportNeeds needs{ask.analyzer, ask.backend.vocabulary(), ask.backend.chunk_count(),
                     ask.models.search.embedder};
  auto report = check_support(response.answer, response.sources, support_min, needs, trace.call());
  if (!report && needs.embedder != nullptr && trace.call().check()) {
    trace.warn("citations were checked by words only: " + report.error().message);
    needs.embedder = nullptr;
    report = check_support(response.answer, response.sources, support_min, needs, trace.call());
  }
  if (!report) return std::move(report).error();
  trace.count(report->checked, report->checked - report->unsupported.size());
  response.unsupported = std::move(report->unsupported);
  if (!response.unsupported.empty()) {
    const std::size_t count = response.unsupported.size();
    trace.warn(std::to_string(count) + " of " + std::to_string(report->checked) +
               " cited sentences " + (count == 1 ? "is" : "are") +
               " hardly borne out by the sources they name");
  }
  return {};
}

Status write(const Ask& ask, Trace& trace, AskResponse& response) {
  TRY(trace.begin("answer"));
  trace.count(response.sources.size(), 0);
  bool answered = false;
  if (ask.chat != nullptr && !response.sources.empty()) {
    answered = TRY(answer_with_model(ask.needs(), *ask.chat, trace, response));
  } else if (ask.request.use_model && !ask.models.no_chat_reason.empty()) {
    trace.warn("answered without a chat model: " + ask.models.no_chat_reason);
  }
  if (!answered) answer_extractively(ask.needs(), ask.models.search.embedder, trace, response);
  trace.count(response.sources.size(), response.citations.size());
  if (answered) TRY(check_citations(ask, trace, response));
  return {};
}

/// For a turn that is no question for the notes.
Status reply(const Ask& ask, Trace& trace, AskResponse& response) {
  response.standalone_query = ask.question();
  if (ask.request.retrieve_only) return {};
  TRY(trace.begin("answer"));
  bool answered = false;
  if (ask.chat != nullptr && response.decision == Decision::answer) {
    answered = TRY(chat_with_model(ask.needs(), *ask.chat, trace, response));
  } else if (ask.settings.ask.decide == DecideBy::never) {
    const std::string& reason = ask.models.no_chat_reason;
    trace.warn("without the notes only a chat model could answer, and there is none" +
               (reason.empty() ? std::string() : ": " + reason));
  }
  if (!answered) answer_without_search(ask.needs(), response);
  trace.count(0, 0);
  return {};
}

/// Everything that answering is, in its order.
Status run_stages(const Ask& ask, AskResponse& response, const CallContext& call) {
  const AskRequest& request = ask.request;
  Trace trace(call);
  TRY(decide(ask, trace, response));
  if (response.decision != Decision::search) {
    TRY(reply(ask, trace, response));
    append(response.report, trace.finish());
    return {};
  }
  SearchRequest search_request;
  search_request.syntax = QuerySyntax::plain;  // A question is not written in a query language.
  search_request.collection = request.collection;
  search_request.query = ask.question();
  search_request.mode = request.mode;
  search_request.explain = request.explain;
  TRY(rewrite(ask, trace, search_request, response));
  TRY(expand(ask, trace, search_request, response));
  TRY(filter(ask, trace, search_request, response));
  append(response.report, trace.finish());
  TRY(retrieve(ask, search_request, response, call));
  response.expansions = std::move(search_request.expansions);
  if (ask.sink) {
    ask.sink({.kind = AnswerEvent::Kind::sources, .text = {}, .sources = &response.sources});
  }
  if (!request.retrieve_only) TRY(write(ask, trace, response));
  append(response.report, trace.finish());
  return {};
}

}  // namespace

Result<AskResponse> answer(const AskRequest& request, const Settings& settings,
                           const Backend& backend, const Analyzer& analyzer,
                           const AnswerModels& models, const AnswerSink& sink,
                           const CallContext& call) {
  TRY(check_request(request));
  std::optional<MeteredModel> metered;
  if (request.use_model && models.chat != nullptr) metered.emplace(*models.chat);
  const Ask ask{request, settings, backend, analyzer, models, sink, metered ? &*metered : nullptr};
  AskResponse response;
  TRY(run_stages(ask, response, call));
  if (metered) response.model_use = metered->use();
  return response;
}

}  // namespace saerok
