/// How near a text comes to a reference: ROUGE-1, -2 and -L over syllables, words or stems, exact
/// match, and the F1 of SQuAD and KorQuAD. One pair in, numbers from 0 to 1 out. What this is not:
/// a judgement of meaning; an answer in other words scores low however right it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"

namespace saerok::lab {

/// What a text is compared by. Case, width and normalisation form never matter, and nothing but
/// letters, digits and their marks does.
enum class Tokenisation : std::uint8_t {
  syllable,  ///< Every letter or digit; of Hangul a syllable. What is usual for Korean.
  word,      ///< Runs of letters and digits; of English text what Google's rouge-score compares.
  stem,    ///< The index's stems (text/analyzer.h): 점검은 and 점검을 are one, so are run and runs.
  porter,  ///< Words, those of English by Porter's stems: rouge-score with use_stemmer=True.
};

/// "syllable", "word", "stem", "porter". Errors: invalid_argument, with the list of them.
Result<Tokenisation> parse_tokenisation(std::string_view name);

std::vector<std::string> tokens_of(std::string_view text, Tokenisation tokenisation);

struct TextPair {
  std::string_view prediction;
  std::string_view reference;
};

struct Overlap {
  double precision = 0;  ///< Share of the prediction that the reference has too.
  double recall = 0;     ///< Share of the reference that the prediction has too.
  double f1 = 0;
};

/// All 0 where either text has no tokens (for rouge_2: no two).
struct Rouge {
  Overlap rouge_1;  ///< Tokens, each as often as it occurs.
  Overlap rouge_2;  ///< Pairs of neighbouring tokens.
  Overlap rouge_l;  ///< Longest common subsequence of the whole texts, not by sentence.
};
Rouge rouge(const TextPair& pair, Tokenisation tokenisation);

/// Whose rules make two short answers equal.
enum class AnswerRules : std::uint8_t {
  /// English: case, ASCII punctuation, articles and the number of blanks do not matter; F1 counts
  /// words.
  squad,
  /// Korean, KorQuAD 1.0: quotation marks, 《》〈〉<>() become blanks, other ASCII punctuation and
  /// case do not matter; F1 counts characters, because particles cling to words.
  korquad,
};

std::string normalise_answer(std::string_view text, AnswerRules rules);
bool is_exact_match(const TextPair& pair, AnswerRules rules);
/// 1 where both are empty once they are normalised, as in SQuAD 2.0.
double answer_f1(const TextPair& pair, AnswerRules rules);

}  // namespace saerok::lab
