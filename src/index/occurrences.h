/// Where the terms of one field occur while a segment is built: written one after the other as the
/// text has them, and put in the order of the terms when all are there, by counting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace saerok {

class Occurrences {
 public:
  /// Chunks ascend. `term` is its number.
  void add(std::uint32_t chunk, std::uint32_t term) {
    if (parts_.empty() || parts_.back().chunk != chunk) parts_.push_back({chunk, terms_.size()});
    terms_.push_back(term);
  }
  /// The same with its position: for all of a field's occurrences, or for none.
  void add(std::uint32_t chunk, std::uint32_t term, std::uint32_t position) {
    add(chunk, term);
    positions_.push_back(position);
  }

  std::size_t memory_size() const;

 private:
  friend class OccurrencesByTerm;
  /// The occurrences of a chunk, up to the next part's.
  struct Part {
    std::uint32_t chunk;
    std::size_t begin;
  };

  std::vector<Part> parts_;
  std::deque<std::uint32_t> terms_;  // Which growing does not copy.
  std::deque<std::uint32_t> positions_;
};

/// The same by term, and within it as they came: by chunk, and there by position.
class OccurrencesByTerm {
 public:
  /// Terms are numbered below `term_count`.
  OccurrencesByTerm(const Occurrences& occurrences, std::size_t term_count);

  /// The chunk of each occurrence.
  std::span<const std::uint32_t> chunks(std::uint32_t term) const {
    return std::span(chunks_).subspan(begins_[term], begins_[term + 1] - begins_[term]);
  }
  /// The position of each; empty where none are kept.
  std::span<const std::uint32_t> positions(std::uint32_t term) const {
    if (positions_.empty()) return {};
    return std::span(positions_).subspan(begins_[term], begins_[term + 1] - begins_[term]);
  }

 private:
  std::vector<std::size_t> begins_;  // By term, and the end of the last.
  std::vector<std::uint32_t> chunks_;
  std::vector<std::uint32_t> positions_;
};

}  // namespace saerok
