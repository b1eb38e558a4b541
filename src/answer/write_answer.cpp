#include "answer/write_answer.h"

#include <optional>
#include <utility>

#include "answer/citations.h"
#include "answer/extract_answer.h"
#include "answer/prompt.h"

namespace saerok {
namespace {

void emit(const AnswerSink& sink, std::string_view text) {
  if (sink && !text.empty())
    sink({.kind = AnswerEvent::Kind::text, .text = text, .sources = nullptr});
}

const std::string& question_of(const AnswerNeeds& needs) {
  return needs.request.conversation.back().content;
}

/// The sentence in the language of the question.
std::string_view in_language_of(std::string_view question, std::string_view korean,
                                std::string_view english) {
  return language_of(question) == AnswerLanguage::korean ? korean : english;
}

/// Streams the model's words into the answer. True if there are any.
Result<bool> stream(const AnswerNeeds& needs, const LanguageModel& chat, const Prompt& prompt,
                    std::size_t source_count, Trace& trace, AskResponse& response) {
  CitationFilter filter(source_count);
  const auto on_delta = [&](std::string_view delta) {
    const std::string shown = filter.feed(delta);
    response.answer += shown;
    emit(needs.sink, shown);
    return !trace.call().stop.stop_requested();
  };
  const auto on_read = [&](std::uint32_t read, std::uint32_t total) {
    if (needs.sink) {
      needs.sink({.kind = AnswerEvent::Kind::reading, .text = {}, .read = read, .total = total});
    }
  };
  const AnswerSettings& settings = needs.settings.answer;
  const auto completion = chat.complete({.messages = prompt.messages,
                                         .tokens_max = settings.answer_tokens,
                                         .temperature = settings.temperature,
                                         .seed = 0,
                                         .grammar = {},
                                         .on_read = on_read},
                                        on_delta, trace.call());
  const std::string rest = filter.finish();
  response.answer += rest;
  emit(needs.sink, rest);
  const bool is_stopped = trace.call().stop.stop_requested();
  if (response.answer.empty()) {
    if (is_stopped) return Error{ErrorCode::cancelled, "stopped before the answer began"};
    trace.warn(
        "answered without the chat model: " +
        (completion ? std::string(chat.name()) + " said nothing" : completion.error().message));
    return false;
  }
  if (is_stopped) {
    trace.warn("the answer ends early: it was stopped");
  } else if (!completion) {
    trace.warn("the answer ends early: " + completion.error().message);
  } else if (completion->reached_limit) {
    trace.warn("the answer ends early: it reached answer.tokens = " +
               std::to_string(settings.answer_tokens));
  }
  response.kind = AnswerKind::model;
  response.model = std::string(chat.name());
  response.prompt_hash = prompt.hash;
  response.citations_dropped = filter.dropped();
  if (filter.dropped() > 0) {
    trace.warn(std::to_string(filter.dropped()) +
               " citations of the model pointed at no source and were dropped");
  }
  return true;
}

/// Nothing where the answer has to be made without the model.
Result<std::optional<Prompt>> usable(Result<Prompt> prompt, Trace& trace) {
  if (prompt) return std::optional(std::move(*prompt));
  if (prompt.error().code == ErrorCode::cancelled) return std::move(prompt).error();
  TRY(trace.call().check());
  trace.warn("answered without the chat model: " + prompt.error().message);
  return std::optional<Prompt>();
}

}  // namespace

Result<bool> answer_with_model(const AnswerNeeds& needs, const LanguageModel& chat, Trace& trace,
                               AskResponse& response) {
  const auto prompt = TRY(usable(build_prompt(needs.request.conversation, response.sources, chat,
                                              needs.settings.answer.answer_tokens, trace.call()),
                                 trace));
  if (!prompt) return false;
  if (prompt->source_count < response.sources.size()) {
    trace.warn(std::to_string(prompt->source_count) + " of " +
               std::to_string(response.sources.size()) +
               " sources fitted the chat model's context; models.context_tokens sets its size");
    response.sources.resize(prompt->source_count);
  }
  const bool has_answer =
      TRY(stream(needs, chat, *prompt, response.sources.size(), trace, response));
  if (!has_answer) return false;
  response.citations = resolve_citations(response.answer, response.sources, needs.analyzer);
  response.found = true;
  if (response.citations.empty()) {
    trace.warn("the model cited no source; check the answer against the sources below");
  }
  return true;
}

Result<bool> chat_with_model(const AnswerNeeds& needs, const LanguageModel& chat, Trace& trace,
                             AskResponse& response) {
  const auto prompt =
      TRY(usable(build_chat_prompt(needs.request.conversation, chat,
                                   needs.settings.answer.answer_tokens, trace.call()),
                 trace));
  if (!prompt) return false;
  return stream(needs, chat, *prompt, 0, trace, response);
}

void answer_extractively(const AnswerNeeds& needs, const Embedder* embedder, Trace& trace,
                         AskResponse& response) {
  response.kind = AnswerKind::extractive;
  const std::string& question = question_of(needs);
  const ExtractNeeds extract_needs{needs.analyzer, needs.backend.vocabulary(),
                                   needs.backend.chunk_count(),
                                   needs.settings.answer.extract_sentences};
  // The last turn says what is asked, the earlier ones only what about: a source that covers the
  // last turn answers, whatever it says of the others.
  ExtractedAnswer extracted = extract_answer(question, response.sources, extract_needs);
  if (!extracted.found && response.standalone_query != question) {
    extracted = extract_answer(response.standalone_query, response.sources, extract_needs);
  }
  if (!extracted.found && embedder != nullptr) {
    auto by_meaning =
        extract_by_meaning(question, response.sources, extract_needs, *embedder, trace.call());
    if (by_meaning) extracted = std::move(*by_meaning);
    else trace.warn("looked for an answer by words only: " + by_meaning.error().message);
  }
  response.found = extracted.found;
  if (!extracted.found) {
    response.answer =
        in_language_of(question, "노트에서 답을 찾지 못했습니다.", "The notes do not say.");
    if (!response.sources.empty()) {
      response.answer += in_language_of(question, " 가장 가까운 노트는 아래와 같습니다.",
                                        " The nearest notes are listed below.");
    }
  } else {
    response.answer = std::move(extracted.text);
    for (const ExtractedSentence& sentence : extracted.sentences) {
      response.citations.push_back(
          cite(sentence.source + 1, response.sources[sentence.source], sentence.span));
    }
  }
  emit(needs.sink, response.answer);
}

void answer_without_search(const AnswerNeeds& needs, AskResponse& response) {
  const std::string& question = question_of(needs);
  response.kind = AnswerKind::extractive;
  response.answer =
      response.decision == Decision::clarify
          ? in_language_of(
                question,
                "무엇을 말씀하시는지 알 수 없습니다. 무엇에 대한 질문인지 한두 낱말을 더해 다시 "
                "물어보세요.",
                "I cannot tell what this is about. Ask again with a word or two that say "
                "what you mean.")
          : in_language_of(
                question,
                "저는 노트에 대한 질문에 답합니다. 이 말에는 노트를 찾아보지 않았습니다. "
                "노트에서 알고 싶은 것을 물어보세요.",
                "I answer questions about your notes, and did not look into them for this. "
                "Ask about something that they may say.");
  emit(needs.sink, response.answer);
}

}  // namespace saerok
