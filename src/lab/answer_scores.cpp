#include "lab/answer_scores.h"

#include <map>
#include <string_view>

#include "lab/dataset_language.h"

namespace saerok::lab {

AnswerScores score_answers(std::span<const Topic> topics, std::span<const Outcome> outcomes,
                           std::optional<Tokenisation> rouge_by) {
  std::map<std::string_view, std::string_view> references;
  for (const Topic& topic : topics) {
    if (!topic.answer.empty()) references[topic.id] = topic.answer;
  }
  AnswerScores scores;
  for (const Outcome& outcome : outcomes) {
    const auto reference = references.find(outcome.topic);
    if (reference == references.end() || outcome.answer.empty()) continue;
    const TextPair pair{outcome.answer, reference->second};
    const std::string_view language = language_of(pair.reference);
    const bool is_korean = language == "ko" || language == "mixed";
    const AnswerRules rules = is_korean ? AnswerRules::korquad : AnswerRules::squad;
    const Tokenisation usual = is_korean ? Tokenisation::syllable : Tokenisation::word;
    const Rouge overlap = rouge(pair, rouge_by.value_or(usual));
    scores.rouge_1 += overlap.rouge_1.f1;
    scores.rouge_2 += overlap.rouge_2.f1;
    scores.rouge_l += overlap.rouge_l.f1;
    scores.exact_match += is_exact_match(pair, rules) ? 1 : 0;
    scores.token_f1 += answer_f1(pair, rules);
    ++scores.topics;
  }
  if (scores.topics == 0) return scores;
  for (double* mean :
       {&scores.rouge_1, &scores.rouge_2, &scores.rouge_l, &scores.exact_match, &scores.token_f1}) {
    *mean /= static_cast<double>(scores.topics);
  }
  return scores;
}

}  // namespace saerok::lab
