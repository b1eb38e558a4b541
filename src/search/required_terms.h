/// Required words as groups of a query's own terms, so that one walk finds and ranks the chunks.
#pragma once

#include <span>

#include "search/condition.h"
#include "search/lexical.h"

namespace saerok {

/// Makes a group of `query` of each word that `condition` requires and that the query ranks by too,
/// and returns the rest of the condition. A word in a field that the query gives no weight, but that
/// some segment holds there, stays in the condition. Thread-safe.
Condition take_groups(const Condition& condition, std::span<const LexicalSegmentView> views,
                      LexicalQuery& query);

}  // namespace saerok
