/// Whether a cited sentence of an answer is borne out by the sources it names: by their words and
/// numbers, where there is an embedder also by meaning, and quotations verbatim. What this is not:
/// a proof; what falls short is marked for the reader, never hidden.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "text/analyzer.h"

namespace saerok {

struct SupportReport {
  std::uint64_t checked = 0;  ///< Cited sentences.
  std::vector<UnsupportedSentence> unsupported;
};

struct SupportNeeds {
  const Analyzer& analyzer;
  const Vocabulary& vocabulary;        ///< Of the collection: how rare words are.
  std::uint64_t chunk_count = 0;       ///< Of the collection.
  const Embedder* embedder = nullptr;  ///< Null: words and numbers only.
};

/// What speaks for a sentence in the sources it cites.
struct SupportEvidence {
  double words = 0;             ///< Part of its words' weight that they say, 0 to 1.
  bool lacks_a_number = false;  ///< A number in it stands in none of them.
  bool lacks_a_quotation = false;
  /// Cosine of it and their nearest sentence; nothing where no embedder was asked.
  std::optional<float> similarity;
};

/// Errors: the embedder's.
Result<SupportEvidence> weigh_support(std::string_view sentence, std::span<const Hit* const> cited,
                                      const SupportNeeds& needs, const CallContext& call);

/// The probability that a sentence with such evidence is borne out, 0 to 1; 0 where a quotation is
/// not there. Fitted by bench/support_fit.cpp, where half of the labelled sentences are right.
double support_of(const SupportEvidence& evidence);

/// Of each sentence right before a marker: those whose support is below `support_min`. The embedder
/// is asked only about sentences that words alone leave below it.
/// Errors: the embedder's.
Result<SupportReport> check_support(std::string_view answer, std::span<const Hit> sources,
                                    double support_min, const SupportNeeds& needs,
                                    const CallContext& call);

}  // namespace saerok
