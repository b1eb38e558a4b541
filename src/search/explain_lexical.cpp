#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "search/scored_terms.h"

namespace saerok {
namespace {

struct ChunkPlace {
  const Segment* segment = nullptr;  // None: the chunk is not live in any.
  std::size_t view = 0;
  std::uint32_t local = 0;
};

ChunkPlace find_chunk(std::span<const LexicalSegmentView> views, ChunkId chunk) {
  const auto id = static_cast<std::uint64_t>(chunk);
  for (std::size_t i = 0; i < views.size(); ++i) {
    const LexicalSegmentView& view = views[i];
    const std::optional<std::uint32_t> local = view.segment->chunk_ids().find(id);
    if (!local) continue;
    const bool is_live = view.live.empty() || (view.live[*local / 64] >> (*local % 64) & 1) != 0;
    if (is_live) return {view.segment.get(), i, *local};
  }
  return {};
}

/// 0 if the chunk does not hold the term.
std::uint32_t frequency_in(const ChunkPlace& place, const ScoredTerm& term) {
  PostingCursor postings = place.segment->postings(term.term->field, term.places[place.view]);
  postings.skip_to(place.local);
  return !postings.at_end() && postings.chunk() == place.local ? postings.frequency() : 0;
}

std::string label_of(const LexicalTerm& term) {
  constexpr std::array<std::string_view, kIndexFieldCount / 2> kPlaces = {
      "body", "title", "title itself", "headings", "keywords"};
  const auto field = static_cast<std::size_t>(term.field);  // Stems and grams by turns.
  return std::string(field % 2 == 1 ? "gram" : "stem") + " \"" + term.text + "\" in " +
         std::string(kPlaces[field / 2]) + ", product of";
}

Explanation leaf(std::string label, double value) { return {std::move(label), value, {}}; }

Explanation explain_term(const ScoredTerm& scored, const Bm25Settings& bm25,
                         std::uint32_t frequency, std::uint32_t length) {
  Explanation idf{"idf, ln(1 + (chunks - holding + 0.5) / (holding + 0.5)) of",
                  scored.scorer.idf(),
                  {leaf("chunks", static_cast<double>(scored.stats.chunk_count)),
                   leaf("holding the term", static_cast<double>(scored.stats.document_frequency))}};
  Explanation saturation{"saturation, tf / (tf + k1 * (1 - b + b * length / mean)) of",
                         scored.scorer.saturation(frequency, length),
                         {leaf("tf, occurrences in the chunk", frequency),
                          leaf("length of the chunk in terms", length),
                          leaf("mean length", scored.stats.chunk_length_mean), leaf("k1", bm25.k1),
                          leaf("b", bm25.b)}};
  Explanation term{label_of(*scored.term), scored.scorer.score(frequency, length), {}};
  term.children.push_back(leaf("weight", scored.scorer.weight()));
  term.children.push_back(std::move(idf));
  term.children.push_back(leaf("k1 + 1", bm25.k1 + 1));
  term.children.push_back(std::move(saturation));
  return term;
}

}  // namespace

Explanation explain_lexical(const LexicalQuery& query, std::span<const LexicalSegmentView> views,
                            const CollectionStatistics& statistics, ChunkId chunk) {
  const ChunkPlace place = find_chunk(views, chunk);
  if (place.segment == nullptr) return leaf("no such chunk in the index", 0);
  Explanation sum{"sum of", 0, {}};
  float score = 0;
  for (const ScoredTerm& scored : score_terms(query, views, statistics)) {
    const std::uint32_t frequency = frequency_in(place, scored);
    if (frequency == 0) continue;
    const std::uint32_t length =
        place.segment->length(scored.term->field, static_cast<LocalId>(place.local));
    score += scored.scorer.score(frequency, length);
    sum.children.push_back(explain_term(scored, query.bm25, frequency, length));
  }
  if (sum.children.empty()) return leaf("no term of the query is in the chunk", 0);
  sum.value = score;
  return sum;
}

}  // namespace saerok
