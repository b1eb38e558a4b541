/// The best chunks of one segment for some terms, exactly, in windows of 8,192 chunks.
///
/// In each window the terms that together cannot lift a chunk to the threshold are put off
/// (MAXSCORE): the others are added up for all chunks, and only chunks that could still get there
/// are asked for the rest, or, where they are many, the rest is added up for all too. A window that
/// cannot reach the threshold is passed over undecoded. Where a filter leaves few chunks of a
/// window, only theirs is added up, or they are asked one by one. Where the query has groups, of
/// each of which a hit holds a term, the rarest group names the chunks and the others strike out
/// (window_groups.cpp). Whether a chunk holds the query's phrases is looked at last, if its score
/// is among the best. Scores are exact in any order (bm25.h), so none of this changes a result.
/// Source: Turtle and Flood, "Query evaluation: strategies and optimizations", 1995, by windows and
/// block bounds as Lucene 10 has them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "search/lexical.h"
#include "search/phrase_search.h"
#include "search/term_walk.h"
#include "search/top_chunks.h"

namespace saerok {

class WindowSearch {
 public:
  /// `view` and `top` outlive the search. Of `query` its groups and phrases are taken here.
  WindowSearch(const LexicalSegmentView& view, const LexicalQuery& query, TopChunks& top);

  /// A term, where the segment holds it. `scores` outlives the search.
  void add(const ScoredTerm& term, const ScoreTable& scores, const Segment::TermRef& place);

  /// Offers `top` every chunk that may be among the best. Errors: cancelled, deadline_exceeded.
  Status run(const CallContext& call);

 private:
  static constexpr std::uint32_t kWindow = 8'192;
  static constexpr std::uint32_t kWordBits = 64;
  static constexpr std::uint32_t kWords = kWindow / kWordBits;
  static constexpr std::uint32_t kListedMax = kWindow / 8;  // Wanted chunks of a window.

  /// A bit for each chunk of a window, by its place in it: for a set that is read as a whole.
  using WindowBits = std::array<std::uint64_t, kWords>;
  /// A byte, 0 or 1, for each: for a set of which single chunks are asked, at half the cost.
  using WindowMarks = std::array<std::uint8_t, kWindow>;
  /// Chunks by their places in the window; at most each once.
  class PlaceList {
   public:
    void clear() { count_ = 0; }
    void push_back(std::uint32_t place) { places_[count_++] = place; }
    /// Keeps the first `count`.
    void cut(std::uint32_t count) { count_ = count; }
    bool empty() const { return count_ == 0; }
    std::uint32_t size() const { return count_; }
    std::uint32_t& operator[](std::uint32_t at) { return places_[at]; }
    const std::uint32_t* begin() const { return places_.data(); }
    const std::uint32_t* end() const { return places_.data() + count_; }

   private:
    std::uint32_t count_ = 0;
    std::array<std::uint32_t, kWindow> places_;
  };
  struct Bounded {
    TermWalk* walk;
    float bound;
  };
  /// Terms of which a hit holds at least one.
  struct Group {
    std::vector<std::size_t> walks;  // Places in walks_.
    float bound = 0;                 // In the current window.
    float expected = 0;              // Postings of a window, on average.
  };

  static bool has(const WindowBits& bits, std::uint32_t place) {
    return (bits[place / kWordBits] >> place % kWordBits & 1) != 0;
  }
  static void set(WindowBits& bits, std::uint32_t place) {
    bits[place / kWordBits] |= std::uint64_t{1} << place % kWordBits;
  }
  /// Calls visit(place), ascending.
  template <class Visit>
  static void for_each(const WindowBits& bits, const Visit& visit) {
    for (std::uint32_t word = 0; word < kWords; ++word) {
      for (std::uint64_t left = bits[word]; left != 0; left &= left - 1) {
        visit(word * kWordBits + static_cast<std::uint32_t>(std::countr_zero(left)));
      }
    }
  }

  std::uint32_t next_window() const;
  std::uint32_t next_of_groups() const;
  void search_window();
  bool read_wanted();
  void order_by_bound();
  void search_listed();
  std::size_t put_off(float threshold, float passing) const;
  void add_up(std::span<const Bounded> walks);
  void add_up_sparse(std::span<const Bounded> walks);
  std::uint64_t reaching(std::uint32_t word, float threshold) const;
  template <class Threshold, class Visit>
  void for_each_reaching(const Threshold& threshold, const Visit& visit) const;
  void collect(float threshold);
  void offer_sums();
  void offer(std::uint32_t place);
  void ask(std::size_t unasked);
  void clear_touched();

  bool bound_groups();
  void search_groups();
  template <class Visit>
  void visit_possible(TermWalk& walk, const Visit& visit);
  void read_first(const Group& group);
  void read_only(TermWalk& walk);
  void read_next(const Group& group);
  void keep_held(float rest);
  const LexicalSegmentView& view_;
  std::uint32_t chunk_count_;
  const PackedNumbers& ids_;
  TopChunks& top_;
  std::vector<TermWalk> walks_;
  std::vector<std::size_t> ungrouped_;  // Places in walks_.
  std::vector<PhraseCheck> phrases_;
  std::vector<Group> groups_;       // By ascending `expected`, once run() has begun.
  double postings_per_window_ = 0;  // On average.

  // The current window.
  std::uint32_t first_ = 0, end_ = 0;
  bool is_filtered_ = false;
  std::uint32_t wanted_count_ = 0;
  WindowBits wanted_;              // Live chunks that pass.
  std::vector<Bounded> bounded_;   // Ungrouped walks by ascending bound.
  std::vector<float> bound_sums_;  // Of the walks up to each.
  bool is_sparse_ = false;         // touched_ tells where sums_ is not 0.
  WindowBits touched_;
  WindowMarks marks_;  // Wanted or collected chunks; all 0 between two uses.
  WindowMarks held_;   // By the group that is being read; all 0 between two.
  PlaceList collected_;
  alignas(64) std::array<float, kWindow> sums_;
};

}  // namespace saerok
