/// How near a run's answers come to the dataset's reference answers. Text overlap, not meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "lab/dataset.h"
#include "lab/run.h"
#include "lab/text_metrics.h"

namespace saerok::lab {

/// Means over the topics that have a reference answer and were answered. Korean references are
/// compared by KorQuAD's rules, others by SQuAD's.
struct AnswerScores {
  std::uint64_t topics = 0;  ///< 0: nothing could be compared, and all means are 0.
  double rouge_1 = 0;        ///< F1 each.
  double rouge_2 = 0;
  double rouge_l = 0;
  double exact_match = 0;
  double token_f1 = 0;
};

/// `rouge_by` is what ROUGE compares; nothing: syllables of Korean references, words of others.
AnswerScores score_answers(std::span<const Topic> topics, std::span<const Outcome> outcomes,
                           std::optional<Tokenisation> rouge_by = std::nullopt);

}  // namespace saerok::lab
