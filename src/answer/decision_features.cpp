#include "answer/decision_features.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "answer/decision_words.h"
#include "base/code_points.h"
#include "base/unicode.h"

namespace saerok {
namespace {

using namespace chars;

using Words = std::span<const std::string_view>;

bool is_word_char(char32_t c) { return !is_space(c) && !is_punctuation(c); }

/// The turn in one case and with single blanks, with a blank at either end.
std::string normalised(std::string_view text) {
  std::string out = " ";
  for (const char c : fold_case(to_nfc(text))) {
    const bool is_blank = is_ascii_space(c);
    if (is_blank && out.back() == ' ') continue;
    out += is_blank ? ' ' : c;
  }
  if (out.back() != ' ') out += ' ';
  return out;
}

/// Whether the phrase stands in a normalised text: an English one as whole words, a Korean one at
/// the beginning of a word. One that begins with a sign or a lone letter of Hangul may stand
/// anywhere.
bool says(const std::string& text, std::string_view phrase) {
  const CodePoint first = code_point_at(phrase, 0);
  const bool is_jamo = first.value >= 0x3130 && first.value <= 0x318F;
  const bool is_anywhere = is_jamo || is_punctuation(first.value);
  const bool is_english = is_ascii_letter(phrase.front()) || is_ascii_letter(phrase.back());
  for (std::size_t at = text.find(phrase); at != std::string::npos;
       at = text.find(phrase, at + 1)) {
    if (is_anywhere && !is_english) return true;
    const CodePoint before = code_point_at(text, code_point_before(text, at));
    const std::size_t end = at + phrase.size();
    const bool is_start = !is_word_char(before.value) || is_anywhere;
    const bool is_end = !is_english || !is_word_char(code_point_at(text, end).value);
    if (is_start && is_end) return true;
  }
  return false;
}

float says_any(const std::string& text, Words words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return says(text, word); })
             ? 1.0f
             : 0.0f;
}

/// The turn without what often stands around a sentence: signs, laughter, interjections.
std::string_view bare(const std::string& text) {
  std::string_view rest = text;
  const auto is_noise = [](char32_t c) {
    return is_space(c) || is_punctuation(c) || (c >= 0x3130 && c <= 0x318F) || c == '~';
  };
  while (!rest.empty() &&
         is_noise(code_point_at(rest, code_point_before(rest, rest.size())).value)) {
    rest = rest.substr(0, code_point_before(rest, rest.size()));
  }
  while (!rest.empty() && is_noise(code_point_at(rest, 0).value)) {
    rest = rest.substr(code_point_at(rest, 0).size);
  }
  return rest;
}

float ends_with_any(const std::string& text, Words ends) {
  const std::string_view rest = bare(text);
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return rest.ends_with(end); })
             ? 1.0f
             : 0.0f;
}

float starts_with_any(const std::string& text, Words starts) {
  const std::string_view rest = bare(text);
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) {
                       return rest.starts_with(start) &&
                              (rest.size() == start.size() || rest[start.size()] == ' ');
                     })
             ? 1.0f
             : 0.0f;
}

/// Two numbers and hardly anything else, or words of sums.
float asks_for_sum(const std::string& text) {
  std::size_t numbers = 0, signs = 0;
  bool in_number = false;
  for (const char c : text) {
    const bool is_digit = is_ascii_digit(c);
    if (is_digit && !in_number) ++numbers;
    in_number = is_digit || (in_number && (c == '.' || c == ','));
    if (c == '+' || c == '*' || c == '/' || c == '=' || c == '%') ++signs;
  }
  const bool has_words = says_any(text, kArithmetic) > 0;
  return (numbers >= 2 && (has_words || signs > 0)) || (numbers >= 1 && has_words) ? 1.0f : 0.0f;
}

/// A text to work on: quoted, or long after a colon.
bool gives_text(const std::string& text) {
  const bool is_quoted = std::count(text.begin(), text.end(), '"') >= 2 ||
                         text.find("“") != std::string::npos ||
                         text.find("「") != std::string::npos || says(text, "'");
  const std::size_t colon = text.find(": ");
  return is_quoted || (colon != std::string::npos && text.size() - colon > 12);
}

constexpr std::string_view kNames[kDecisionFeatureCount] = {"question mark",
                                                            "question word",
                                                            "form of a question",
                                                            "asks to find",
                                                            "asks of the past",
                                                            "names notes",
                                                            "form of a statement",
                                                            "greeting",
                                                            "thanks",
                                                            "goodbye",
                                                            "emotion",
                                                            "laughter",
                                                            "about the assistant",
                                                            "asks to make something up",
                                                            "works on a given text",
                                                            "about the last answer",
                                                            "praise or blame",
                                                            "arithmetic",
                                                            "small talk",
                                                            "content words",
                                                            "said by the best first hit",
                                                            "words that the collection holds",
                                                            "follows a topic",
                                                            "short and follows a topic"};

}  // namespace

std::string_view name_of(DecisionFeature feature) {
  return kNames[static_cast<std::size_t>(feature)];
}

bool is_courtesy(std::string_view turn) {
  const std::string text = normalised(turn);
  return says_any(text, kGreetings) + says_any(text, kThanks) + says_any(text, kGoodbyes) > 0;
}

std::string_view pointing_words() { return kPointing; }

DecisionFeatures decision_features(const Conversation& conversation, const FirstSearch& found,
                                   bool has_topic) {
  using enum DecisionFeature;
  const std::string text = normalised(conversation.back().content);
  const bool is_answered = conversation.size() > 1;
  DecisionFeatures features{};
  const auto set = [&](DecisionFeature feature, float value) {
    features[static_cast<std::size_t>(feature)] = value;
  };
  const bool has_mark = text.find('?') != std::string::npos || text.find("？") != std::string::npos;
  set(question_mark, has_mark ? 1.0f : 0.0f);
  set(question_word, says_any(text, kQuestionWords));
  set(question_form,
      std::max(ends_with_any(text, kQuestionEnds), starts_with_any(text, kQuestionStarts)));
  set(asks_to_find, says_any(text, kAsksToFind));
  set(asks_of_past, std::max(says_any(text, kAsksOfPast), ends_with_any(text, kAsksOfPast)));
  set(names_notes, says_any(text, kNamesNotes));
  set(statement,
      std::max(ends_with_any(text, kStatementEnds), starts_with_any(text, kStatementStarts)) *
          (has_mark ? 0.0f : 1.0f));
  set(greeting, says_any(text, kGreetings));
  set(thanks, says_any(text, kThanks));
  set(goodbye, says_any(text, kGoodbyes));
  set(emotion, says_any(text, kEmotions));
  set(laughter, says_any(text, kLaughter));
  set(about_assistant, says_any(text, kAboutAssistant));
  set(creative, says_any(text, kCreative));
  set(given_text, says_any(text, kGivenText) * (gives_text(text) ? 1.0f : 0.5f));
  set(last_answer, says_any(text, kLastAnswer) * (is_answered ? 1.0f : 0.5f));
  set(feedback, says_any(text, kFeedback));
  set(arithmetic, asks_for_sum(text));
  set(small_talk, says_any(text, kSmallTalk));
  set(content_words, std::min(1.0f, static_cast<float>(found.content_words) / 8));
  set(coverage, found.coverage);
  set(known_words, found.known_words);
  set(follows, has_topic ? 1.0f : 0.0f);
  const auto blanks = std::count(text.begin(), text.end(), ' ');
  set(short_follow_up, has_topic && blanks <= 4 ? 1.0f : 0.0f);
  return features;
}

}  // namespace saerok
