#include "search/lexical.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "search/score_table.h"
#include "search/scored_terms.h"
#include "search/top_chunks.h"
#include "search/window_search.h"

namespace saerok {
CollectionStatistics collect_statistics(std::span<const LexicalSegmentView> views) {
  CollectionStatistics statistics;
  for (const LexicalSegmentView& view : views) {
    for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
      const FieldStatistics part = view.segment->statistics(static_cast<IndexField>(field));
      statistics.fields[field].chunk_count += part.chunk_count;
      statistics.fields[field].length_total += part.length_total;
    }
  }
  return statistics;
}

std::uint64_t document_frequency(std::span<const LexicalSegmentView> views, IndexField field,
                                 std::string_view term) {
  std::uint64_t frequency = 0;
  for (const LexicalSegmentView& view : views) {
    frequency += view.segment->find(field, term).document_frequency;
  }
  return frequency;
}

std::vector<ScoredTerm> score_terms(const LexicalQuery& query,
                                    std::span<const LexicalSegmentView> views,
                                    const CollectionStatistics& statistics) {
  std::vector<ScoredTerm> terms;
  terms.reserve(query.terms.size());
  double max_score_sum = 0;
  for (const LexicalTerm& term : query.terms) {
    if (!(term.weight > 0)) continue;
    std::vector<Segment::TermRef> places;
    places.reserve(views.size());
    std::uint64_t frequency = 0;
    for (const LexicalSegmentView& view : views) {
      places.push_back(view.segment->find(term.field, term.text));
      frequency += places.back().document_frequency;
    }
    if (frequency == 0) continue;
    const FieldStatistics& field = statistics.fields[static_cast<std::size_t>(term.field)];
    const auto chunk_count = static_cast<double>(std::max<std::uint64_t>(field.chunk_count, 1));
    // A field without terms has no mean; any will do, as nothing is scored with it.
    const double mean =
        field.length_total == 0 ? 1.0 : static_cast<double>(field.length_total) / chunk_count;
    if (term.document_frequency > 0) frequency = term.document_frequency;
    const TermStats stats{frequency, field.chunk_count, static_cast<float>(mean)};
    terms.push_back({&term, stats, Bm25Term(stats, query.bm25, term.weight), std::move(places)});
    max_score_sum += static_cast<double>(terms.back().scorer.max_score());
  }
  const float step = score_step(max_score_sum);
  for (ScoredTerm& term : terms) term.scorer.round_to(step);
  return terms;
}

Result<RankedList> search_lexical(const LexicalQuery& query,
                                  std::span<const LexicalSegmentView> views,
                                  const CollectionStatistics& statistics, std::uint32_t k,
                                  const CallContext& call) {
  TRY(call.check());
  if (k == 0) return RankedList{};
  const std::vector<ScoredTerm> terms = score_terms(query, views, statistics);
  std::vector<ScoreTable> tables;
  tables.reserve(terms.size());
  SaturationTables saturations;
  for (const ScoredTerm& term : terms) tables.emplace_back(term, saturations);
  TopChunks top(k);
  for (std::size_t i = 0; i < views.size(); ++i) {
    WindowSearch search(views[i], query, top);
    for (std::size_t term = 0; term < terms.size(); ++term) {
      search.add(terms[term], tables[term], terms[term].places[i]);
    }
    TRY(search.run(call));
  }
  return top.take();
}

}  // namespace saerok
