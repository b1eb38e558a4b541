#include "search/lexical.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "search/scored_terms.h"
#include "search/top_chunks.h"

namespace saerok {
namespace {

/// Accumulators of this many chunks and their length codes stay in the first-level cache.
constexpr std::uint32_t kWindow = 4'096;
constexpr std::uint32_t kWordBits = 64;

/// Terms of fewer chunks are scored one by one: filling a table would cost more.
constexpr std::uint64_t kTableFrequencyMin = 512;
/// Frequencies with a row of their own in a term's table; more are rare.
constexpr std::uint32_t kTableRows = 4;
constexpr std::size_t kLengthCodes = 256;

/// A term's score by frequency and length code.
class ScoreTable {
 public:
  explicit ScoreTable(const ScoredTerm& term) : scorer_(term.scorer) {
    if (term.stats.document_frequency < kTableFrequencyMin) return;
    scores_.resize(kTableRows * kLengthCodes);
    for (std::uint32_t row = 0; row < kTableRows; ++row) {
      scorer_.score_all(row + 1, lengths_of_codes(),
                        std::span(scores_).subspan(row * kLengthCodes, kLengthCodes));
    }
  }

  bool is_filled() const { return !scores_.empty(); }
  /// Requires is_filled().
  float look_up(std::uint32_t frequency, std::uint8_t length_code) const {
    if (frequency > kTableRows) return compute(frequency, length_code);
    return scores_[(frequency - 1) * kLengthCodes + length_code];
  }
  float compute(std::uint32_t frequency, std::uint8_t length_code) const {
    return scorer_.score(frequency, Segment::length_of_code(length_code));
  }

 private:
  static std::span<const std::uint32_t> lengths_of_codes() {
    static const std::vector<std::uint32_t> kLengths = [] {
      std::vector<std::uint32_t> lengths;
      for (std::size_t code = 0; code < kLengthCodes; ++code) {
        lengths.push_back(Segment::length_of_code(static_cast<std::uint8_t>(code)));
      }
      return lengths;
    }();
    return kLengths;
  }

  Bm25Term scorer_;
  std::vector<float> scores_;
};

/// One term's way through one segment.
struct TermWalk {
  PostingCursor postings;
  const ScoreTable* scores;
  const std::uint8_t* length_codes;

  /// Adds the term's scores of the chunks from `first` to `end` to `sums`, one a chunk.
  void add_scores(std::uint32_t first, std::uint32_t end, float* sums) {
    if (scores->is_filled()) {
      postings.take_until(end, [&](std::uint32_t chunk, std::uint32_t frequency) {
        sums[chunk - first] += scores->look_up(frequency, length_codes[chunk]);
      });
    } else {
      postings.take_until(end, [&](std::uint32_t chunk, std::uint32_t frequency) {
        sums[chunk - first] += scores->compute(frequency, length_codes[chunk]);
      });
    }
  }
};

constexpr std::uint32_t kGroup = 16;

/// Which of 16 scores reach the threshold, as bits.
std::uint32_t reaching(const float* scores, float threshold) {
  using Floats = float __attribute__((vector_size(16)));
  using Masks = std::int32_t __attribute__((vector_size(16)));
  const Floats bar = {threshold, threshold, threshold, threshold};
  Masks bit = {1, 2, 4, 8};
  Masks reached = {};
  for (std::size_t i = 0; i < kGroup; i += 4, bit <<= 4) {
    Floats part;
    std::memcpy(&part, scores + i, sizeof part);
    reached |= (part >= bar) & bit;
  }
  return static_cast<std::uint32_t>(reached[0] | reached[1] | reached[2] | reached[3]);
}

class SegmentSearch {
 public:
  SegmentSearch(const LexicalSegmentView& view, TopChunks& top)
      : view_(view), chunk_count_(view.segment->chunk_count()), ids_(view.segment->chunk_ids()),
        top_(top) {
    const std::size_t words = (chunk_count_ + kWordBits - 1) / kWordBits;
    ASSERT(view.live.empty() || view.live.size() == words);
    ASSERT(view.passes.empty() || view.passes.size() == words);
  }

  void add(const ScoredTerm& term, const ScoreTable& table, const Segment::TermRef& place) {
    if (!place.exists()) return;
    const IndexField field = term.term->field;
    walks_.push_back({view_.segment->postings(field, place), &table,
                      view_.segment->length_codes(field).data()});
  }

  Status run(const CallContext& call) {
    for (;;) {
      const std::uint32_t first = next_window();
      if (first >= chunk_count_) return {};
      TRY(call.check());
      const std::uint32_t end = first + std::min(kWindow, chunk_count_ - first);
      if (!any_wanted(first, end)) {
        for (TermWalk& walk : walks_) walk.postings.skip_to(end);
        continue;
      }
      sums_.fill(0);
      for (TermWalk& walk : walks_) walk.add_scores(first, end, sums_.data());
      offer_window(first, end);
    }
  }

 private:
  /// The first chunk of the window of the next posting of any term; at the end, no chunk's number.
  std::uint32_t next_window() const {
    std::uint32_t chunk = std::numeric_limits<std::uint32_t>::max();
    for (const TermWalk& walk : walks_) {
      if (!walk.postings.at_end()) chunk = std::min(chunk, walk.postings.chunk());
    }
    return chunk / kWindow * kWindow;
  }

  /// Which of the 64 chunks from 64 * word on are live and pass.
  std::uint64_t wanted(std::size_t word) const {
    std::uint64_t bits = ~std::uint64_t{0};
    if (!view_.live.empty()) bits &= view_.live[word];
    if (!view_.passes.empty()) bits &= view_.passes[word];
    return bits;
  }

  bool any_wanted(std::uint32_t first, std::uint32_t end) const {
    if (view_.live.empty() && view_.passes.empty()) return true;
    for (std::uint32_t chunk = first; chunk < end; chunk += kWordBits) {
      if (wanted(chunk / kWordBits) != 0) return true;
    }
    return false;
  }

  void offer_window(std::uint32_t first, std::uint32_t end) {
    for (std::uint32_t chunk = first; chunk < end; chunk += kWordBits) {
      const std::uint64_t bits = wanted(chunk / kWordBits);
      if (bits == 0) continue;
      for (std::uint32_t group = 0; group < kWordBits; group += kGroup) {
        const std::uint32_t begin = chunk + group;
        std::uint32_t lanes = reaching(sums_.data() + (begin - first), top_.threshold());
        lanes &= static_cast<std::uint32_t>(bits >> group);
        for (; lanes != 0; lanes &= lanes - 1) {
          const std::uint32_t i = begin + static_cast<std::uint32_t>(std::countr_zero(lanes));
          top_.offer(static_cast<ChunkId>(ids_[i]), sums_[i - first]);
        }
      }
    }
  }

  const LexicalSegmentView& view_;
  std::uint32_t chunk_count_;
  std::span<const std::uint64_t> ids_;
  TopChunks& top_;
  std::vector<TermWalk> walks_;
  // Chunks behind the segment's last have no postings, so their sums stay 0, below any threshold.
  alignas(64) std::array<float, kWindow> sums_;
};

}  // namespace

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
    const TermStats stats{frequency, field.chunk_count, static_cast<float>(mean)};
    terms.push_back(
        {&term, stats, Bm25Term(stats, query.bm25, term.weight), std::move(places)});
  }
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
  for (const ScoredTerm& term : terms) tables.emplace_back(term);
  TopChunks top(k);
  for (std::size_t i = 0; i < views.size(); ++i) {
    SegmentSearch search(views[i], top);
    for (std::size_t term = 0; term < terms.size(); ++term) {
      search.add(terms[term], tables[term], terms[term].places[i]);
    }
    TRY(search.run(call));
  }
  return top.take();
}

}  // namespace saerok
