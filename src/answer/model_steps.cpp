#include "answer/model_steps.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "answer/model_json.h"
#include "answer/prompt.h"
#include "answer/prompt_texts.h"
#include "answer/question_words.h"
#include "base/json.h"
#include "text/everyday_words.h"

namespace saerok {
namespace {

/// Earlier turns that are shown; what is referred to is rarely older.
constexpr std::size_t kTurnsShownMax = 6;
/// Of a turn; a pasted text would crowd the others out.
constexpr std::size_t kTurnBytesMax = 2'000;
constexpr std::size_t kQueryCharactersMax = 200;
constexpr std::uint32_t kDecisionTokens = 24;
constexpr std::uint32_t kRewriteTokens = 160;
constexpr std::uint32_t kQueriesTokens = 240;
constexpr std::uint32_t kPassageTokens = 320;

constexpr std::string_view kTextRules =
    "text ::= \"\\\"\" char{1,400} \"\\\"\"\n"
    "char ::= [^\"\\\\\\x00-\\x1f]\n";

std::string grammar_of(std::string_view root) {
  return "root ::= " + std::string(root) + "\n" + std::string(kTextRules);
}

std::string shown(const Conversation& conversation) {
  std::string text;
  const std::size_t first =
      conversation.size() > kTurnsShownMax ? conversation.size() - kTurnsShownMax : 0;
  for (std::size_t i = first; i < conversation.size(); ++i) {
    const Turn& turn = conversation[i];
    std::size_t size = std::min(turn.content.size(), kTurnBytesMax);
    while (size < turn.content.size() && (turn.content[size] & 0xC0) == 0x80) --size;
    text += (turn.role == "user" ? "User: " : "Assistant: ") + turn.content.substr(0, size) + "\n";
  }
  return text;
}

/// The model's JSON; its time is the step's own or what is left of the call's, whichever is less.
Result<Json> ask_in_time(const ModelSteps& steps, const PromptTexts& prompt,
                         const std::string& question, const std::string& text,
                         CompletionRequest request, const CallContext& call) {
  CallContext limited = call;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(steps.time_ms);
  limited.deadline = limited.deadline ? std::min(*limited.deadline, end) : end;
  auto json = ask_for_json(steps.chat, prompt, question, text, std::move(request), limited);
  TRY(call.check());
  return json;
}

Error wrong_form(const ModelSteps& steps) {
  return {ErrorCode::unavailable,
          std::string(steps.chat.name()) + " left out what it was asked for"};
}

/// Blanks at the ends left out; too long a text is of no use as a query.
std::string tidy(std::string text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  return text.size() > kQueryCharactersMax * 4 ? std::string() : text;
}

/// A word of `text` whose stem and most of whose grams nobody said; empty: there is none.
std::string invented_word(const std::string& text, const Conversation& conversation,
                          const Analyzer& analyzer) {
  std::string said;
  for (const Turn& turn : conversation) said += turn.content + "\n";
  const TextTerms known = terms_of(analyzer, said);
  const TextTerms harmless = terms_of(analyzer, asking_words());
  TermList terms;
  analyzer.analyze(text, terms);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term stem = terms[i];
    const std::string word(stem.text);
    if (stem.field != TermField::stem || known.stems.contains(word)) continue;
    if (harmless.stems.contains(word)) continue;
    std::size_t grams = 0, known_grams = 0;
    for (std::size_t g = 0; g < terms.size(); ++g) {
      if (terms[g].field != TermField::gram || terms[g].position != stem.position) continue;
      ++grams;
      if (known.grams.contains(std::string(terms[g].text))) ++known_grams;
    }
    if (known_grams * 2 < grams || grams == 0) {
      return text.substr(stem.begin, stem.end - stem.begin);
    }
  }
  return {};
}

}  // namespace

Result<Decision> decide_with_model(const ModelSteps& steps, const Conversation& conversation,
                                   const CallContext& call) {
  CompletionRequest request;
  request.tokens_max = kDecisionTokens;
  request.grammar =
      grammar_of("\"{\\\"decision\\\": \\\"\" (\"search\" | \"answer\" | \"clarify\") \"\\\"}\"");
  const Json json = TRY(ask_in_time(steps, kDecidePrompt, conversation.back().content,
                                    shown(conversation), std::move(request), call));
  const auto decision = find_text(json, "decision");
  if (decision == "search") return Decision::search;
  if (decision == "answer") return Decision::answer;
  if (decision == "clarify") return Decision::clarify;
  return wrong_form(steps);
}

Result<std::string> rewrite_with_model(const ModelSteps& steps, const Conversation& conversation,
                                       const Analyzer& analyzer, const CallContext& call) {
  CompletionRequest request;
  request.tokens_max = kRewriteTokens;
  request.grammar = grammar_of("\"{\\\"question\\\": \" text \"}\"");
  const Json json = TRY(ask_in_time(steps, kRewritePrompt, conversation.back().content,
                                    shown(conversation), std::move(request), call));
  std::string question = tidy(find_text(json, "question").value_or(""));
  if (question.empty()) return wrong_form(steps);
  const std::string invented = invented_word(question, conversation, analyzer);
  if (!invented.empty()) {
    return Error{ErrorCode::unavailable, std::string(steps.chat.name()) + " put \"" + invented +
                                             "\" into it, which nobody said"};
  }
  return question;
}

Result<std::vector<std::string>> queries_with_model(const ModelSteps& steps,
                                                    const std::string& question, std::size_t count,
                                                    const CallContext& call) {
  CompletionRequest request;
  request.tokens_max = kQueriesTokens;
  request.grammar = grammar_of("\"{\\\"queries\\\": [\" text (\", \" text){0," +
                               std::to_string(count > 1 ? count - 1 : 0) + "} \"]}\"");
  const Json json =
      TRY(ask_in_time(steps, kQueriesPrompt, question, question, std::move(request), call));
  const Json* list = find_member(json, "queries");
  if (list == nullptr || !list->is_array()) return wrong_form(steps);
  std::vector<std::string> queries;
  for (const Json& entry : *list) {
    if (queries.size() == count || !entry.is_string()) break;
    std::string query = tidy(entry.get<std::string>());
    const bool is_new = !query.empty() && query != question &&
                        std::find(queries.begin(), queries.end(), query) == queries.end();
    if (is_new) queries.push_back(std::move(query));
  }
  return queries;
}

Result<std::string> translate_with_model(const ModelSteps& steps, const std::string& question,
                                         const CallContext& call) {
  CompletionRequest request;
  request.tokens_max = kRewriteTokens;
  request.grammar = grammar_of("\"{\\\"question\\\": \" text \"}\"");
  const Json json =
      TRY(ask_in_time(steps, kTranslatePrompt, question, question, std::move(request), call));
  std::string translated = tidy(find_text(json, "question").value_or(""));
  if (translated.empty()) return wrong_form(steps);
  if (language_of(translated) == language_of(question)) {
    return Error{ErrorCode::unavailable,
                 std::string(steps.chat.name()) + " left the question in its language"};
  }
  return translated;
}

Result<std::string> passage_with_model(const ModelSteps& steps, const std::string& question,
                                       const CallContext& call) {
  CompletionRequest request;
  request.tokens_max = kPassageTokens;
  request.grammar = grammar_of("\"{\\\"passage\\\": \" text \"}\"");
  const Json json =
      TRY(ask_in_time(steps, kPassagePrompt, question, question, std::move(request), call));
  std::string passage = tidy(find_text(json, "passage").value_or(""));
  if (passage.empty()) return wrong_form(steps);
  return passage;
}

}  // namespace saerok
