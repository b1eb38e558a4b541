/// A query's terms with what it takes to score them: shared by search (lexical.cpp) and explanation
/// (explain_lexical.cpp), so that the two cannot differ. Not for anyone else.
#pragma once

#include <span>
#include <vector>

#include "search/bm25.h"
#include "search/lexical.h"

namespace saerok {

struct ScoredTerm {
  const LexicalTerm* term;
  TermStats stats;
  Bm25Term scorer;
  std::vector<Segment::TermRef> places;  ///< By view.
};

/// The terms that occur in the collection and have a weight, in the order of the query.
std::vector<ScoredTerm> score_terms(const LexicalQuery& query,
                                    std::span<const LexicalSegmentView> views,
                                    const CollectionStatistics& statistics);

}  // namespace saerok
