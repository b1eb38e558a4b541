/// What a chunk must hold beside being ranked: the phrases, required and excluded words, and tests
/// on attributes that stand in a query. A tree, made by query_language.h and evaluated over a
/// segment.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "index/attribute_filter.h"
#include "index/segment.h"
#include "saerok/call_context.h"
#include "saerok/result.h"
#include "search/phrase_search.h"
#include "text/hangul_prefix.h"

namespace saerok {

enum class ConditionOp : std::uint8_t {
  all,  ///< Every chunk.
  conjunction,
  disjunction,
  negation,
  attributes,  ///< The chunk's document passes the filter.
  phrase,      ///< The body, or the title, holds the stems at their distances.
  grams,       ///< The body, or the title, holds every one of the grams.
  prefix       ///< The body or the title holds a term of the ranges.
};

struct Condition {
  ConditionOp op = ConditionOp::all;
  std::vector<Condition> children;
  AttributeFilter attributes;
  std::vector<PhraseWord> phrase;  ///< In order of offset; at least one.
  std::vector<std::string> grams;  ///< At least one.
  std::vector<TermRange> ranges;
};

inline Condition condition_of(ConditionOp op, std::vector<Condition> children) {
  Condition condition;
  condition.op = op;
  condition.children = std::move(children);
  return condition;
}

/// Chunks of the segment that meet the condition, deleted ones too. Exact, whatever the condition.
/// Errors: cancelled, deadline_exceeded.
Result<ChunkBits> evaluate(const Condition& condition, const Segment& segment,
                           const CallContext& call);

/// How many chunks of the segment meet the condition; where `live` is not empty, of those whose
/// bits are set in it. Takes no time for chunks that no word of a phrase names. Errors: as
/// evaluate().
Result<std::uint64_t> count_meeting(const Condition& condition, const Segment& segment,
                                    std::span<const std::uint64_t> live, const CallContext& call);

}  // namespace saerok
