/// A query cut into its parts: what is a word, and what an operator of which words. Knows no index;
/// what the parts ask for is query_language.cpp's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "search/query_language.h"

namespace saerok {

enum class QueryNodeKind : std::uint8_t {
  word,
  phrase,
  prefix,
  test,
  group,
  any,
  every,
  negation,
  plus
};

/// A part of a query. `begin` to `end` are its bytes, operators and all.
struct QueryNode {
  QueryNodeKind kind = QueryNodeKind::word;
  std::size_t begin = 0, end = 0;
  std::string_view text;   // Of a word, phrase or prefix.
  AttributeFilter filter;  // Of a test.
  std::vector<QueryNode> children;
};

/// The parts in order; `query` outlives them. Warnings, and what is not closed, go to `parsed`.
std::vector<QueryNode> parse_nodes(std::string_view query, const KnowsAttribute& knows_attribute,
                                   ParsedQuery& parsed);

}  // namespace saerok
