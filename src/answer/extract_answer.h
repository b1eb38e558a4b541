/// An answer without a model: the sentences of the sources that share most with the question, each
/// with the number of its source. It quotes and never rephrases. What this is not: retrieval, or
/// the exact place of a citation (citations.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/models.h"
#include "saerok/result.h"
#include "saerok/types.h"
#include "text/analyzer.h"

namespace saerok {

struct ExtractedSentence {
  std::uint32_t source = 0;  ///< Index into the hits, from 0; its marker in the text is one more.
  ByteSpan span;             ///< In the hit's text.
};

struct ExtractedAnswer {
  bool found = false;  ///< false: nothing in the hits is about the question; the rest is empty.
  std::string text;    ///< Sentences with a marker each: "Tea steeps at 80 degrees. [1]"
  std::vector<ExtractedSentence> sentences;  ///< In the order of the text.
};

struct ExtractNeeds {
  const Analyzer& analyzer;
  const Vocabulary& vocabulary;   ///< Of the collection.
  std::uint64_t chunk_count = 0;  ///< Of the collection.
  std::uint32_t sentences_max = 4;
};

/// Picks at most `sentences_max` sentences of the hits, near-duplicates left out, and puts them in
/// the order of the sources. A sentence is worth the idf of the question's stems that it holds;
/// rare words count, words of every note do not.
/// Nothing is found where the hits hold too little of what the question is about; the threshold and
/// what it was calibrated on stand in extract_answer.cpp.
ExtractedAnswer extract_answer(std::string_view question, std::span<const Hit> hits,
                               const ExtractNeeds& needs);

/// The same by vectors alone, for a question in other words than its note: the sentences
/// nearest to the question, if the best of them is clearly nearer than sentences of other notes
/// are. Errors: the embedder's.
Result<ExtractedAnswer> extract_by_meaning(std::string_view question, std::span<const Hit> hits,
                                           const ExtractNeeds& needs, const Embedder& embedder,
                                           const CallContext& call);

}  // namespace saerok
