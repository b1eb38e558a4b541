/// Exact BM25 over the segments of a collection: the best k chunks, and why a chunk has its score.
/// Knows terms and postings; what a query's words become is the plan's business (plan.h).
///
/// A chunk's score is the sum of its terms' scores, each rounded so that the sum is exact in any
/// order (score_step). It therefore depends on the query, the chunk and the collection's
/// statistics only: not on k, a filter, how the collection is cut into segments, or which terms a
/// search could leave out because they cannot lift a chunk among the best.
///
/// Deleted chunks never appear, but count in document frequencies and lengths until a merge leaves
/// them out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "index/segment.h"
#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/types.h"
#include "search/plan.h"

namespace saerok {

/// A segment with the chunks of it that count. No chunk is live in two segments.
struct LexicalSegmentView {
  std::shared_ptr<const Segment> segment;
  ChunkBits live;    ///< Not deleted. Empty: all.
  ChunkBits passes;  ///< Pass the filter. Empty: all.
};

/// Of all segments together, by field.
struct CollectionStatistics {
  std::array<FieldStatistics, kIndexFieldCount> fields;
};

CollectionStatistics collect_statistics(std::span<const LexicalSegmentView> views);

/// Chunks of all segments that hold the term, deleted ones too.
std::uint64_t document_frequency(std::span<const LexicalSegmentView> views, IndexField field,
                                 std::string_view term);

/// The best `k` chunks with a score above 0, exactly, best first; equal scores by ascending
/// ChunkId. `statistics` are those of the whole collection, as collect_statistics() gives them.
/// Terms with a weight of 0 or less are left out. Of the query's groups a hit holds a term each,
/// and every one of its phrases.
/// Errors: cancelled, deadline_exceeded.
Result<RankedList> search_lexical(const LexicalQuery& query,
                                  std::span<const LexicalSegmentView> views,
                                  const CollectionStatistics& statistics, std::uint32_t k,
                                  const CallContext& call);

/// A sum over the terms that the chunk holds, each a product; leaves are the figures of the
/// formula. The root's value is exactly the score of search_lexical(), and 0 for a chunk that no
/// term matches or that is not live. Filters are not looked at.
Explanation explain_lexical(const LexicalQuery& query, std::span<const LexicalSegmentView> views,
                            const CollectionStatistics& statistics, ChunkId chunk);

}  // namespace saerok
