/// From a question and its sources to the messages that a chat model gets.
///
/// Prompt texts are Markdown files (prompts/), compiled in and reviewed like code; their hash goes
/// into every answer, so that an answer can be traced to the words that asked for it.
///
/// What a note says is material: each source stands between two lines with a mark that is a hash of
/// all that is sent, so that no note can know it and end its source early; and the control words of
/// chat templates in it are taken apart.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "saerok/models.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

enum class AnswerLanguage : std::uint8_t { english, korean };

/// Korean if the text has Hangul, else English.
AnswerLanguage language_of(std::string_view text);

struct Prompt {
  Conversation messages;
  std::size_t source_count = 0;  ///< The first so many sources fitted the budget.
  bool cut_a_source = false;     ///< The last source that fitted was shortened.
  std::string hash;              ///< Of the prompt texts, 32 hexadecimal digits.
};

/// The messages for a turn that needs no notes: earlier turns as below, no sources.
/// Errors: as build_prompt().
Result<Prompt> build_chat_prompt(const Conversation& conversation, const LanguageModel& model,
                                 std::size_t answer_tokens, const CallContext& call);

/// Sources are packed best first until the model's context, less the answer's tokens, is full; one
/// that does not fit is cut at a sentence, later ones are left out. Earlier turns of the
/// conversation are kept from the newest backwards as far as a quarter of the room allows. Errors:
/// invalid_argument if not even the question fits; the model's.
Result<Prompt> build_prompt(const Conversation& conversation, std::span<const Hit> sources,
                            const LanguageModel& model, std::size_t answer_tokens,
                            const CallContext& call);

}  // namespace saerok
