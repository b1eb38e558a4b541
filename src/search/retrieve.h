/// The retrieve stages: each retriever's candidates, side by side or one after the other.
/// What this is not: fusion of the lists (fusion.h).
///
/// In an order one after the other (search.order) the second retriever scores only what the first
/// one found, and gives what it would give over all chunks, less all others.
#pragma once

#include <optional>

#include "base/trace.h"
#include "saerok/result.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "search/explain.h"
#include "search/plan.h"

namespace saerok {

/// What each retriever gave; nothing where it was not asked or failed.
struct Lists {
  std::optional<RankedList> lexical;
  std::optional<RankedList> vector;
  /// The retriever whose candidates alone the other one scored; nothing: both looked at all chunks.
  std::optional<ListKind> first;

  bool are_empty() const { return (!lexical || lexical->empty()) && (!vector || vector->empty()); }
  SearchMode mode() const {
    if (!vector) return SearchMode::lexical;
    return lexical ? SearchMode::hybrid : SearchMode::vector;
  }
};

/// `mode` is not automatic; an order is of hybrid searches only. Where the first retriever fails or
/// finds nothing, the other one looks at all chunks, with a warning. Errors: the backend's where no
/// list could be had, deadline_exceeded, cancelled.
Result<Lists> retrieve(SearchMode mode, RetrievalOrder order, const QueryPlan& plan,
                       const Backend& backend, Trace& trace);

}  // namespace saerok
