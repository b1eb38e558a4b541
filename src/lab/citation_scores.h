/// Whether a run's answers cite what is there, and the right place: the verbatim rule. The
/// originals are read again for it, so that an error in the chain from file to citation is seen.
/// What this is not: a judgement of what a sentence of a model claims (answer/support.h).
#pragma once

#include <cstdint>
#include <span>

#include "lab/dataset.h"
#include "lab/run.h"
#include "lab/significance.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::lab {

/// Of all citations or answers, and as the mean over the questions that have any.
struct Share {
  std::uint64_t count = 0;  ///< That are so.
  std::uint64_t of = 0;
  std::uint64_t topics = 0;  ///< That have any; where it is 0, all else is too.
  double mean = 0;           ///< Over these questions.
  Interval interval;         ///< Bootstrap of that mean, 95 %.
};

struct CitationScores {
  std::uint64_t topics = 0;  ///< Answered with at least one citation.
  /// The quote stands in the bytes that the citation names, blanks aside.
  Share verbatim;
  /// The same with nothing but letters and digits compared, in order, so that mark-up between
  /// them does not count.
  Share verbatim_letters;
  /// The citation points at a document that is labelled relevant, into the labelled stretch where
  /// the label has one.
  Share relevant;
  Share any_relevant;     ///< Answers with at least one such citation.
  Share answers_holding;  ///< Answers that hold the dataset's reference answer.
};

/// Questions without a relevant label, or without a reference answer, are left out of what compares
/// with it. Errors: of reading the corpus.
Result<CitationScores> score_citations(const Dataset& dataset, std::span<const Outcome> outcomes,
                                       std::uint64_t seed, const CallContext& call);

}  // namespace saerok::lab
