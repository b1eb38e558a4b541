/// Where the terms of one field occur while a segment is built: written one after the other as the
/// text has them, and put in the order of the terms when all are there, by counting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/term_dictionary.h"

namespace saerok {

/// Numbers that are only ever appended and read in order: in pages, so that growing copies nothing.
class NumberPages {
 public:
  void push_back(std::uint32_t number) {
    if (size_ % kPage == 0)
      pages_.push_back(std::make_unique_for_overwrite<std::uint32_t[]>(kPage));
    pages_.back()[size_++ % kPage] = number;
  }
  std::uint32_t operator[](std::size_t at) const { return pages_[at / kPage][at % kPage]; }
  std::size_t size() const { return size_; }
  std::size_t memory_size() const { return pages_.size() * kPage * sizeof(std::uint32_t); }

 private:
  static constexpr std::size_t kPage = 16'384;
  std::vector<std::unique_ptr<std::uint32_t[]>> pages_;
  std::size_t size_ = 0;
};

class Occurrences {
 public:
  explicit Occurrences(WithPositions with_positions) : with_positions_(with_positions) {}

  /// Chunks ascend. `term` is its number; `position` counts where positions are kept.
  void add(std::uint32_t chunk, std::uint32_t term, std::uint32_t position) {
    if (parts_.empty() || parts_.back().chunk != chunk) parts_.push_back({chunk, terms_.size()});
    terms_.push_back(term);
    if (with_positions_ == WithPositions::yes) positions_.push_back(position);
  }

  std::size_t memory_size() const;

 private:
  friend class OccurrencesByTerm;
  /// The occurrences of a chunk, up to the next part's.
  struct Part {
    std::uint32_t chunk;
    std::size_t begin;
  };

  WithPositions with_positions_;
  std::vector<Part> parts_;
  NumberPages terms_;
  NumberPages positions_;
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
