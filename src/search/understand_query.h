/// "What is asked for?" From the text of a query to the words that are ranked by and the conditions
/// that a chunk must meet: operators, corrections, prefixes, synonyms, and the words of expansions.
/// What this is not: vectors (plan_query.h), or any retrieval.
#pragma once

#include <string>
#include <string_view>

#include "base/trace.h"
#include "saerok/requests.h"
#include "saerok/settings.h"
#include "search/backend.h"
#include "search/plan.h"
#include "text/analyzer.h"

namespace saerok {

struct UnderstoodQuery {
  std::string text;          ///< Without operators, corrected: what is analysed and embedded.
  std::string searched_for;  ///< The whole query with its corrections; empty: there were none.
  TermList terms;            ///< Of the text and of what prefixes stand for, for snippets.
  LexicalQuery lexical;
  Condition condition;
  /// The condition without the query's phrases; what is left to ask for where no chunk has them.
  Condition without_phrases;
  bool has_phrases = false;
};

/// `query` is the request's, as valid UTF-8.
UnderstoodQuery understand_query(const SearchRequest& request, std::string_view query,
                                 const SearchSettings& settings, const Backend& backend,
                                 const Analyzer& analyzer, Trace& trace);

}  // namespace saerok
