/// Required words as groups of a query's own terms, so that one walk finds and ranks the chunks,
/// and reads the positions of a phrase's words only where a chunk's score is among the best.
#pragma once

#include <span>

#include "search/condition.h"
#include "search/lexical.h"

namespace saerok {

/// Makes a group of `query` of each word that `condition` requires, alone or in a phrase, and that
/// the query ranks by too, moves the phrases of such words to the query, and returns the rest of
/// the condition. A word in a field that the query gives no weight, but that some segment holds
/// there, stays in the condition, with its phrase. Thread-safe.
Condition take_groups(const Condition& condition, std::span<const LexicalSegmentView> views,
                      LexicalQuery& query);

}  // namespace saerok
