/// The sub-queries, weights, filter and depth that a search request comes down to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "index/attribute_filter.h"
#include "index/segment.h"
#include "saerok/settings.h"
#include "saerok/types.h"
#include "search/condition.h"

namespace saerok {

/// One distinct term of a query in one field.
struct LexicalTerm {
  IndexField field = IndexField::body_stem;
  std::string text;
  float weight = 1.0f;  ///< Of the field, times how often the query says it.
  /// What its idf is of, where the term is one of several that stand for a word; 0: its own.
  std::uint64_t document_frequency = 0;
  /// From 1 on: a hit holds at least one term of each group (required_terms.h). 0: of none.
  std::uint32_t group = 0;
};

struct LexicalQuery {
  std::vector<LexicalTerm> terms;
  Bm25Settings bm25;
  std::uint32_t group_count = 0;  ///< A group that no term belongs to leaves no hits.
  std::vector<std::vector<PhraseWord>> phrases;  ///< A hit holds each, whatever it is ranked by.
};

struct VectorQuery {
  std::vector<float> vector;  ///< Unit length, of the active embedder's dimension.
};

struct QueryPlan {
  LexicalQuery lexical;  ///< No terms: not asked for.
  VectorQuery vector;    ///< Empty: not asked for.
  AttributeFilter filter;
  Condition condition;  ///< Of the query itself; as binding as the filter.
  /// The only chunks that may be candidates, ascending; nothing: all.
  std::optional<std::vector<ChunkId>> among;
  std::uint32_t lexical_depth = 100;  ///< Most candidates of the lexical list.
  std::uint32_t vector_depth = 100;   ///< Most candidates of the vector list.
};

/// A chunk with a score on its list's scale.
struct Candidate {
  ChunkId chunk{};
  float score = 0;
  Window window;  ///< Best window of a vector list; empty: the whole chunk.
};

/// One retriever's candidates, best first; equal scores by ascending ChunkId.
using RankedList = std::vector<Candidate>;

}  // namespace saerok
