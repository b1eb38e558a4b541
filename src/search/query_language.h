/// The operators that people put into a query: "phrases", -excluded and +required words, OR, AND,
/// NOT, parentheses, name:value tests, and prefix* words. docs/query.md has the grammar.
///
/// No query is an error: what cannot be read as an operator is words, with a warning where it looks
/// meant. What this is not: the tests themselves (filter.h), or what a word is (text/).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "search/condition.h"
#include "text/analyzer.h"

namespace saerok {

/// Of parentheses and negations; deeper ones are words.
constexpr std::size_t kQueryDepthMax = 32;
/// Words inside operators, phrases and tests of a query, and prefixes among them. Each is looked up
/// in the index, so a query with more is read as words altogether, with a warning.
constexpr std::size_t kQueryConditionsMax = 256;
constexpr std::size_t kQueryPrefixesMax = 16;

struct ParsedQuery {
  /// The query with blanks where operators, tests, prefixes and excluded words stood: what is
  /// ranked by and embedded. A query without operators is this text, to the byte.
  std::string text;
  std::vector<std::string> prefixes;  ///< Words that were given a star, without it.
  /// Phrases that stand by themselves. Where no chunk has them, a search goes on without.
  std::vector<Condition> phrases;
  std::vector<Condition> conditions;  ///< All else that a chunk must meet.
  std::vector<std::string> warnings;
  /// Of a mark without its partner: a mistake, unless the query is still being typed.
  std::string unclosed;
};

/// Whether some document has an attribute of this (folded) name.
using KnowsAttribute = std::function<bool(std::string_view name)>;

/// Requires valid UTF-8. Takes time linear in the query.
ParsedQuery parse_query(std::string_view query, const Analyzer& analyzer,
                        const KnowsAttribute& knows_attribute);

}  // namespace saerok
