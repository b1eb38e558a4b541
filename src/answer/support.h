/// Whether a cited sentence of an answer is borne out by the sources it names: by their words, where
/// there is an embedder also by meaning, and quotations verbatim. What this is not: a proof; what
/// falls short is marked for the reader, never hidden.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "search/backend.h"
#include "text/analyzer.h"

namespace saerok {

struct SupportReport {
  std::uint64_t checked = 0;  ///< Cited sentences.
  std::vector<UnsupportedSentence> unsupported;
};

struct SupportNeeds {
  const Analyzer& analyzer;
  const Backend& backend;              ///< For how rare words are.
  const Embedder* embedder = nullptr;  ///< Null: words only.
};

/// Of each sentence right before a marker. Its support is the part of its words' weight that the
/// sources it cites say; where that is less than `support_min`, a source that is near in meaning
/// gives support_min. A quotation that no cited source holds takes all support away.
/// Errors: the embedder's.
Result<SupportReport> check_support(std::string_view answer, std::span<const Hit> sources,
                                    double support_min, const SupportNeeds& needs,
                                    const CallContext& call);

}  // namespace saerok
