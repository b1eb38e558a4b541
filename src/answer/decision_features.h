/// What a turn of a conversation looks like, as numbers between 0 and 1: what the gate of
/// decision.h weighs. Word lists of Korean and English, and what a cheap first search found.
/// What this is not: a decision, or anything that a model says.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "saerok/types.h"

namespace saerok {

enum class DecisionFeature : std::uint8_t {
  question_mark,
  question_word,  ///< "언제", "how".
  question_form,  ///< Ends or begins as a question does: "-나요", "did I …".
  asks_to_find,   ///< "알려 줘", "find", "how to".
  asks_of_past,   ///< "적었더라", "did I write": what notes are for.
  names_notes,    ///< "노트에", "in my notes".
  statement,      ///< Ends or begins as something told: "-네요", "I'm …".
  greeting,
  thanks,
  goodbye,
  emotion,
  laughter,
  about_assistant,  ///< "너", "are you".
  creative,         ///< "농담", "write a poem".
  given_text,       ///< Asks to translate, correct or shorten a text that it gives.
  last_answer,      ///< "더 짧게", "say that again".
  feedback,         ///< "맞아 그거야", "good job".
  arithmetic,
  small_talk,       ///< "날씨", "점심", "월요일은 왜", "lol".
  content_words,    ///< Words beyond those of asking; 1 from eight on.
  coverage,         ///< Part of the content words' weight that the best first hit says.
  known_words,      ///< Part of the content words that the collection holds.
  follows,          ///< Earlier turns of the user spoke of something.
  short_follow_up,  ///< The same, in a turn of at most three words.
};

constexpr std::size_t kDecisionFeatureCount = 24;
using DecisionFeatures = std::array<float, kDecisionFeatureCount>;

/// Its name in reports: "question word".
std::string_view name_of(DecisionFeature feature);

/// What a first search with the turn's words found.
struct FirstSearch {
  std::size_t content_words = 0;  ///< Of the turn, words of asking and of pointing left out.
  float coverage = 0;
  float known_words = 0;
};

/// Of the last turn. `has_topic`: an earlier turn of the user has words of its own.
DecisionFeatures decision_features(const Conversation& conversation, const FirstSearch& found,
                                   bool has_topic);

/// A greeting, thanks or a goodbye: no topic for what follows.
bool is_courtesy(std::string_view turn);

/// Words that point at something said before or ask without naming anything: "그거", "the second
/// one", "how much". As text for the analyser.
std::string_view pointing_words();

}  // namespace saerok
