#include "answer/prompt.h"

#include <algorithm>
#include <vector>

#include "answer/fence.h"
#include "answer/prompt_texts.h"
#include "base/hash.h"
#include "text/sentences.h"

namespace saerok {
namespace {

/// Room for what a chat template puts around messages, which count_tokens does not see.
constexpr std::size_t kTemplateTokens = 64;
/// A source cut to less than this says nothing; it is left out instead.
constexpr std::size_t kSourceTokensMin = 32;

std::string_view text_of(const PromptTexts& prompt, AnswerLanguage language) {
  return language == AnswerLanguage::korean ? prompt.korean : prompt.english;
}

std::string source_heading(std::size_t number, const Hit& hit) {
  std::string heading = "[" + std::to_string(number) + "] " + hit.title;
  for (const std::string& part : hit.heading_path) {
    if (part != hit.title) heading += " > " + part;
  }
  for (char& c : heading) c = c == '\n' || c == '\r' ? ' ' : c;
  return without_control_words(std::move(heading)) + "\n";
}

Fence fence_of_sources(std::span<const Hit> sources, std::string_view question) {
  std::string all(question);
  for (const Hit& hit : sources) all += "\n" + hit.text;
  return fence_of(all);
}

/// The longest run of whole sentences from the passage on that fits `tokens_max`; empty: none fits.
Result<std::string> cut_to_fit(const Hit& hit, std::size_t tokens_max, const LanguageModel& model,
                               const CallContext& call) {
  std::string kept;
  for (const ByteSpan sentence : split_sentences(hit.text)) {
    if (sentence.end <= hit.passage.begin) continue;
    std::string longer =
        kept + (kept.empty() ? "" : " ") + hit.text.substr(sentence.begin, sentence.size());
    const std::size_t tokens = TRY(model.count_tokens(longer, call));
    if (tokens > tokens_max) break;
    kept = std::move(longer);
  }
  return kept;
}

struct PackedSources {
  std::string text;
  std::size_t count = 0;
  bool cut_a_source = false;
};

Result<PackedSources> pack_sources(std::span<const Hit> sources, const Fence& fence,
                                   std::size_t room, const LanguageModel& model,
                                   const CallContext& call) {
  PackedSources packed;
  for (const Hit& hit : sources) {
    const std::string heading = source_heading(packed.count + 1, hit);
    const std::string block = heading + fence.begin + without_control_words(hit.text) + fence.end;
    std::size_t tokens = TRY(model.count_tokens(block, call));
    if (tokens > room) {
      const std::size_t heading_tokens =
          TRY(model.count_tokens(heading + fence.begin + fence.end, call));
      if (room < heading_tokens + kSourceTokensMin) break;
      const std::string part = TRY(cut_to_fit(hit, room - heading_tokens, model, call));
      if (part.empty()) break;
      packed.text += heading + fence.begin + without_control_words(part) + fence.end;
      packed.cut_a_source = true;
      ++packed.count;
      break;
    }
    room -= tokens;
    packed.text += block;
    ++packed.count;
  }
  return packed;
}

/// The newest earlier turns that fit, oldest first.
Result<std::vector<Turn>> earlier_turns(const Conversation& conversation, std::size_t room,
                                        const LanguageModel& model, const CallContext& call) {
  std::vector<Turn> kept;
  for (std::size_t i = conversation.size() - 1; i-- > 0;) {
    const std::size_t tokens = TRY(model.count_tokens(conversation[i].content, call));
    if (tokens > room) break;
    room -= tokens;
    kept.push_back(conversation[i]);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

std::string hash_of(const PromptTexts& prompt) {
  return to_hex(hash128(std::string(prompt.korean) + std::string(prompt.english)));
}

/// Tokens of the context that are left for turns and sources. Errors: as build_prompt().
Result<std::size_t> room_for(std::string_view rules, const std::string& question,
                             const LanguageModel& model, std::size_t answer_tokens,
                             const CallContext& call) {
  const std::size_t fixed = TRY(model.count_tokens(std::string(rules) + question, call)) +
                            answer_tokens + kTemplateTokens;
  if (fixed >= model.context_tokens()) {
    return Error{ErrorCode::invalid_argument,
                 "the question and the answer's room do not fit into " +
                     std::to_string(model.context_tokens()) +
                     " tokens; lower answer.tokens or raise models.context_tokens"};
  }
  return model.context_tokens() - fixed;
}

}  // namespace

AnswerLanguage language_of(std::string_view text) {
  // Hangul syllables are the three-byte sequences from EA B0 80 to ED 9E A3.
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(text[i + 1]);
    const bool is_syllable = (lead == 0xea && next >= 0xb0) || lead == 0xeb || lead == 0xec ||
                             (lead == 0xed && next <= 0x9e);
    if (is_syllable) return AnswerLanguage::korean;
  }
  return AnswerLanguage::english;
}

Result<Prompt> build_chat_prompt(const Conversation& conversation, const LanguageModel& model,
                                 std::size_t answer_tokens, const CallContext& call) {
  const std::string& question = conversation.back().content;
  const std::string_view rules = text_of(kChatPrompt, language_of(question));
  const std::size_t room = TRY(room_for(rules, question, model, answer_tokens, call));
  const auto turns = TRY(earlier_turns(conversation, room, model, call));
  Prompt prompt;
  prompt.hash = hash_of(kChatPrompt);
  prompt.messages.push_back({"system", std::string(rules)});
  prompt.messages.insert(prompt.messages.end(), turns.begin(), turns.end());
  prompt.messages.push_back({"user", question});
  return prompt;
}

Result<Prompt> build_prompt(const Conversation& conversation, std::span<const Hit> sources,
                            const LanguageModel& model, std::size_t answer_tokens,
                            const CallContext& call) {
  const std::string& question = conversation.back().content;
  const AnswerLanguage language = language_of(question);
  const std::string_view rules = text_of(kAnswerPrompt, language);
  const std::size_t room = TRY(room_for(rules, question, model, answer_tokens, call));
  const auto turns = TRY(earlier_turns(conversation, room / 4, model, call));
  std::size_t turn_tokens = 0;
  for (const Turn& turn : turns) turn_tokens += TRY(model.count_tokens(turn.content, call));
  const Fence fence = fence_of_sources(sources, question);
  const PackedSources packed = TRY(pack_sources(sources, fence, room - turn_tokens, model, call));

  Prompt prompt;
  prompt.source_count = packed.count;
  prompt.cut_a_source = packed.cut_a_source;
  prompt.hash = hash_of(kAnswerPrompt);
  const std::string_view sources_word = language == AnswerLanguage::korean ? "출처:" : "Sources:";
  const std::string_view question_word =
      language == AnswerLanguage::korean ? "질문: " : "Question: ";
  prompt.messages.push_back({"system", std::string(rules)});
  prompt.messages.insert(prompt.messages.end(), turns.begin(), turns.end());
  prompt.messages.push_back({"user", std::string(sources_word) + "\n\n" + packed.text +
                                         std::string(question_word) + question});
  return prompt;
}

}  // namespace saerok
