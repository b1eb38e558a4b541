#include "answer/answerer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "answer/citations.h"
#include "answer/extract_answer.h"
#include "answer/prompt.h"
#include "base/trace.h"

namespace saerok {
namespace {

/// Turns of the user that a standalone query carries, newest last: older ones are another topic more
/// often than not.
constexpr std::size_t kCarriedTurnsMax = 4;

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

/// The question with what earlier turns of the user said. Without a model this is the best that was
/// measured: on multi-turn conversations MAP@3 .217 → .583 against the last turn alone.
std::string standalone_query(const Conversation& conversation) {
  std::vector<std::string_view> parts;
  for (auto turn = conversation.rbegin(); turn != conversation.rend(); ++turn) {
    if (turn->role != "user") continue;
    parts.push_back(turn->content);
    if (parts.size() == kCarriedTurnsMax) break;
  }
  std::string query;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (!query.empty()) query += '\n';
    query += *part;
  }
  return query;
}

/// The request's report: search's stages between our own.
void append(Report& to, Report from) {
  std::move(from.stages.begin(), from.stages.end(), std::back_inserter(to.stages));
  std::move(from.warnings.begin(), from.warnings.end(), std::back_inserter(to.warnings));
}

void emit(const AnswerSink& sink, std::string_view text) {
  if (sink && !text.empty()) sink({.kind = AnswerEvent::Kind::text, .text = text, .sources = nullptr});
}

std::string not_found_sentence(std::string_view question, bool has_sources) {
  if (language_of(question) == AnswerLanguage::korean) {
    return has_sources ? "노트에서 답을 찾지 못했습니다. 가장 가까운 노트는 아래와 같습니다."
                       : "노트에서 답을 찾지 못했습니다.";
  }
  return has_sources ? "The notes do not say. The nearest notes are listed below."
                     : "The notes do not say.";
}

void answer_extractively(const std::string& question, const Settings& settings,
                         const Backend& backend, const Analyzer& analyzer, const AnswerSink& sink,
                         AskResponse& response) {
  response.kind = AnswerKind::extractive;
  const auto extract = [&](const std::string& query) {
    return extract_answer(query, response.sources, analyzer, backend.vocabulary(),
                          backend.chunk_count(), settings.answer.extract_sentences);
  };
  // The last turn says what is asked, the earlier ones only what about: a source that covers the
  // last turn answers, whatever it says of the others.
  ExtractedAnswer extracted = extract(question);
  if (!extracted.found && response.standalone_query != question) {
    extracted = extract(response.standalone_query);
  }
  response.found = extracted.found;
  response.answer =
      extracted.found ? extracted.text : not_found_sentence(question, !response.sources.empty());
  if (extracted.found) {
    for (const ExtractedSentence& sentence : extracted.sentences) {
      response.citations.push_back(
          cite(sentence.source + 1, response.sources[sentence.source], sentence.span));
    }
  }
  emit(sink, response.answer);
}

/// True if the model gave an answer, whole or in part.
Result<bool> answer_with_model(const AskRequest& request, const Settings& settings,
                               const Analyzer& analyzer, const LanguageModel& chat,
                               const AnswerSink& sink, Trace& trace, AskResponse& response) {
  auto prompt = build_prompt(request.conversation, response.sources, chat,
                             settings.answer.answer_tokens, trace.call());
  if (!prompt) {
    if (prompt.error().code == ErrorCode::cancelled) return std::move(prompt).error();
    trace.warn("answered without the chat model: " + prompt.error().message);
    return false;
  }
  if (prompt->source_count < response.sources.size()) {
    trace.warn(std::to_string(prompt->source_count) + " of " +
               std::to_string(response.sources.size()) +
               " sources fitted the chat model's context; models.context_tokens sets its size");
    response.sources.resize(prompt->source_count);
  }
  CitationFilter filter(response.sources.size());
  const auto on_delta = [&](std::string_view delta) {
    const std::string shown = filter.feed(delta);
    response.answer += shown;
    emit(sink, shown);
    return !trace.call().stop.stop_requested();
  };
  const auto completion = chat.complete({.messages = prompt->messages,
                                         .tokens_max = settings.answer.answer_tokens,
                                         .temperature = settings.answer.temperature,
                                         .seed = 0,
                                         .grammar = {}},
                                        on_delta, trace.call());
  const std::string rest = filter.finish();
  response.answer += rest;
  emit(sink, rest);
  if (!completion) {
    if (completion.error().code == ErrorCode::cancelled) return completion.error();
    if (response.answer.empty()) {
      trace.warn("answered without the chat model: " + completion.error().message);
      return false;
    }
    trace.warn("the answer ends early: " + completion.error().message);
  } else if (completion->reached_limit) {
    trace.warn("the answer ends early: it reached answer.tokens = " +
               std::to_string(settings.answer.answer_tokens));
  }
  response.kind = AnswerKind::model;
  response.model = std::string(chat.name());
  response.prompt_hash = prompt->hash;
  response.citations_dropped = filter.dropped();
  response.citations = resolve_citations(response.answer, response.sources, analyzer);
  response.found = true;
  if (filter.dropped() > 0) {
    trace.warn(std::to_string(filter.dropped()) +
               " citations of the model pointed at no source and were dropped");
  }
  if (response.citations.empty()) {
    trace.warn("the model cited no source; check the answer against the sources below");
  }
  return true;
}

}  // namespace

Result<AskResponse> answer(const AskRequest& request, const Settings& settings,
                           const Backend& backend, const Analyzer& analyzer,
                           const AnswerModels& models, const AnswerSink& sink,
                           const CallContext& call) {
  TRY(check_request(request));
  AskResponse response;
  response.standalone_query = standalone_query(request.conversation);

  const SearchRequest search_request{.collection = request.collection,
                                     .query = response.standalone_query,
                                     .mode = request.mode,
                                     .filter = request.filter,
                                     .limit = settings.answer.sources,
                                     .explain = request.explain,
                                     .query_vector = {}};
  SearchResponse found = TRY(search(search_request, settings.search, backend, analyzer,
                                    models.search, call));
  response.sources = std::move(found.hits);
  append(response.report, std::move(found.report));
  if (sink) sink({.kind = AnswerEvent::Kind::sources, .text = {}, .sources = &response.sources});

  Trace trace(call);
  TRY(trace.begin("answer"));
  trace.count(response.sources.size(), 0);
  bool answered = false;
  if (models.chat != nullptr && request.use_model && !response.sources.empty()) {
    answered = TRY(answer_with_model(request, settings, analyzer, *models.chat, sink, trace, response));
  } else if (request.use_model && !models.no_chat_reason.empty()) {
    trace.warn("answered without a chat model: " + models.no_chat_reason);
  }
  if (!answered) {
    answer_extractively(request.conversation.back().content, settings, backend, analyzer, sink, response);
  }
  trace.count(response.sources.size(), response.citations.size());
  append(response.report, trace.finish());
  return response;
}

}  // namespace saerok
