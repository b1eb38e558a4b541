/// The best chunks of one segment for some terms, exactly, in windows of 4,096 chunks.
///
/// In each window the terms that together cannot lift a chunk to the threshold are put off
/// (MAXSCORE): the others are added up for all chunks, and only chunks that could still get there
/// are asked for the rest, or, where they are many, the rest is added up for all too. A window that
/// cannot reach the threshold is passed over undecoded. Where a filter leaves few chunks of a
/// window, they are asked one by one. Scores are exact in any order (bm25.h), so none of this
/// changes a result. Source: Turtle and Flood, "Query evaluation: strategies and optimizations",
/// 1995, by windows and block bounds as Lucene 10 has them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "search/lexical.h"
#include "search/term_walk.h"
#include "search/top_chunks.h"

namespace saerok {

class WindowSearch {
 public:
  /// `view` and `top` outlive the search.
  WindowSearch(const LexicalSegmentView& view, TopChunks& top);

  /// A term, where the segment holds it. `scores` outlives the search.
  void add(const ScoredTerm& term, const ScoreTable& scores, const Segment::TermRef& place);

  /// Offers `top` every chunk that may be among the best. Errors: cancelled, deadline_exceeded.
  Status run(const CallContext& call);

 private:
  static constexpr std::uint32_t kWindow = 4'096;
  static constexpr std::uint32_t kWordBits = 64;
  static constexpr std::uint32_t kWords = kWindow / kWordBits;

  struct Bounded {
    TermWalk* walk;
    float bound;
  };

  std::uint32_t next_window() const;
  void search_window();
  bool read_wanted();
  template <class Visit>
  void for_each_wanted(const Visit& visit) const;
  void order_by_bound();
  std::size_t put_off(float threshold) const;
  void add_up(std::span<const Bounded> walks);
  void add_up_sparse(std::span<const Bounded> walks);
  std::uint64_t reaching(std::uint32_t word, float threshold) const;
  void collect(float threshold);
  void ask(std::size_t unasked);
  void ask_wanted();

  const LexicalSegmentView& view_;
  std::uint32_t chunk_count_;
  const PackedNumbers& ids_;
  TopChunks& top_;
  std::vector<TermWalk> walks_;
  double postings_per_window_ = 0;  // On average.

  // The current window.
  std::uint32_t first_ = 0, end_ = 0;
  bool is_filtered_ = false;
  std::uint32_t wanted_count_ = 0;
  std::array<std::uint64_t, kWords> wanted_;    // Live chunks that pass.
  std::vector<Bounded> bounded_;                // Walks by ascending bound.
  std::vector<float> bound_sums_;               // Of the walks up to each.
  bool is_sparse_ = false;                      // touched_ tells where sums_ is not 0.
  std::array<std::uint64_t, kWords> touched_;
  std::vector<std::uint32_t> collected_;        // Places in the window.
  alignas(64) std::array<float, kWindow> sums_;
};

}  // namespace saerok
