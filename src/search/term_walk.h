/// One term's way through one segment, in ascending order of chunks: what it can add to a window at
/// most, without decoding; its scores of a window; or its scores of some chunks.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "index/segment.h"
#include "search/score_table.h"

namespace saerok {

class TermWalk {
 public:
  /// `density` is the share of the segment's chunks that hold the term.
  TermWalk(PostingBlocks blocks, const ScoreTable& scores, const std::uint8_t* length_codes,
           float density)
      : blocks_(blocks), scores_(&scores), length_codes_(length_codes), density_(density) {}

  /// Postings among so many chunks, on average.
  float expected(std::uint32_t chunks) const { return density_ * static_cast<float>(chunks); }

  bool at_end() const { return block_ >= blocks_.count(); }

  /// No posting that is left is below it. Requires !at_end().
  std::uint32_t next_chunk() const {
    if (is_decoded_ && position_ < decoded_.count()) return decoded_.chunk(position_);
    return std::max(least_, blocks_.first_chunk(block_));
  }

  /// Leaves behind the blocks that end before `first`.
  void pass_to(std::uint32_t first) {
    if (at_end() || blocks_.last_chunk(block_) >= first) return;
    is_decoded_ = false;
    position_ = 0;
    block_ = blocks_.block_reaching(first, block_ + 1);
  }

  /// No chunk from `first` to `end` gets more from this term. Ascending windows only.
  float bound(std::uint32_t first, std::uint32_t end) {
    pass_to(first);
    float most = 0;
    for (std::uint32_t block = block_; block < blocks_.count() && blocks_.first_chunk(block) < end;
         ++block) {
      if (block >= bounded_end_) {
        bounded_end_ = block + 1;
        last_bound_ = bound_of(block);
      }
      // Several windows of a sparse list share a block; the blocks of a dense one come once.
      most = std::max(most, block + 1 == bounded_end_ ? last_bound_ : bound_of(block));
    }
    return most;
  }

  /// Calls visit(chunk, score) for the postings from `first` to `end`.
  template <class Visit>
  void visit(std::uint32_t first, std::uint32_t end, const Visit& visit) {
    walk(first, end, [&](std::uint32_t from, std::uint32_t to) { visit_all(from, to, visit); });
  }

  /// The same for those of which wants(chunk) is true.
  template <class Wants, class Visit>
  void visit_wanted(std::uint32_t first, std::uint32_t end, const Wants& wants,
                    const Visit& visit) {
    walk(first, end, [&](std::uint32_t from, std::uint32_t to) {
      // First which, without a branch that nobody can predict.
      std::array<std::uint8_t, kPostingBlock> places;
      std::uint32_t count = 0;
      const std::uint32_t* const chunks = decoded_.chunks();
      for (std::uint32_t i = from; i < to; ++i) {
        places[count] = static_cast<std::uint8_t>(i);
        count += wants(chunks[i]) ? 1u : 0u;
      }
      for (std::uint32_t i = 0; i < count; ++i) visit(chunks[places[i]], score_at(places[i]));
    });
  }

  /// Calls visit(place, score) for those of the chunks first + place that it holds. `places`
  /// ascend.
  template <class Visit>
  void visit_places(std::uint32_t first, std::span<const std::uint32_t> places,
                    const Visit& visit) {
    for (std::size_t i = 0; i < places.size();) {
      pass_to(first + places[i]);
      if (at_end()) return;
      const std::uint32_t last = blocks_.last_chunk(block_) - first;
      if (!is_decoded_) {
        const std::uint32_t from = std::max(blocks_.first_chunk(block_), first) - first;
        while (i < places.size() && places[i] < from) ++i;
        if (i == places.size()) return;
        if (places[i] > last) continue;
        decode();
      }
      for (; i < places.size() && places[i] <= last; ++i) {
        const std::uint32_t chunk = first + places[i];
        position_ = decoded_.place_reaching(chunk, position_);
        if (position_ < decoded_.count() && decoded_.chunk(position_) == chunk) {
          visit(places[i], score_at(position_));
        }
      }
    }
  }

 private:
  void next_block() {
    ++block_;
    position_ = 0;
    is_decoded_ = false;
  }

  void decode() {
    blocks_.decode(block_, least_, decoded_);
    is_decoded_ = true;
    position_ = 0;
    if (!decoded_.empty()) least_ = decoded_.last_chunk() + 1;
  }

  float bound_of(std::uint32_t block) const {
    const PostingBounds bounds = blocks_.bounds(block);
    return scores_->score(bounds.frequency_max, bounds.length_code_min);
  }

  /// Calls each(begin, end) for the places in decoded_ of the postings from `first` to `end`.
  template <class Each>
  void walk(std::uint32_t first, std::uint32_t end, const Each& each) {
    pass_to(first);
    for (; !at_end(); next_block()) {
      if (!is_decoded_) {
        if (blocks_.first_chunk(block_) >= end) return;
        decode();
      }
      const std::uint32_t from = decoded_.place_reaching(first, position_);
      std::uint32_t to = decoded_.count();
      if (to > 0 && decoded_.last_chunk() >= end) to = decoded_.place_reaching(end, from);
      each(from, to);
      position_ = to;
      if (to < decoded_.count()) return;
    }
  }

  float score_at(std::uint32_t place) const {
    return scores_->score(decoded_.repeat(place) + 1, length_codes_[decoded_.chunk(place)]);
  }

  template <class Visit>
  void visit_all(std::uint32_t from, std::uint32_t to, const Visit& visit) {
    const std::uint32_t* const chunks = decoded_.chunks();
    const std::uint8_t* const codes = length_codes_;
    const float* const rows = scores_->rows();
    if (rows != nullptr && !decoded_.has_repeats()) {
      for (std::uint32_t i = from; i < to; ++i) visit(chunks[i], rows[codes[chunks[i]]]);
      return;
    }
    const std::uint32_t* const repeats = decoded_.repeats();
    if (rows != nullptr && decoded_.repeat_end() <= kScoreRows) {
      for (std::uint32_t i = from; i < to; ++i) {
        visit(chunks[i], rows[repeats[i] * kLengthCodes + codes[chunks[i]]]);
      }
      return;
    }
    for (std::uint32_t i = from; i < to; ++i) {
      visit(chunks[i], scores_->score(repeats[i] + 1, codes[chunks[i]]));
    }
  }

  PostingBlocks blocks_;
  const ScoreTable* scores_;
  const std::uint8_t* length_codes_;
  float density_;
  std::uint32_t block_ = 0;
  std::uint32_t position_ = 0;  // In decoded_.
  std::uint32_t least_ = 0;  // One above the last chunk decoded: damaged blocks go no further back.
  std::uint32_t bounded_end_ = 0;  // Blocks below have been bounded; the last one by
  float last_bound_ = 0;
  bool is_decoded_ = false;  // The current block.
  DecodedBlock decoded_;
};

}  // namespace saerok
