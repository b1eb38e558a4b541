/// The sorted terms of one field of a segment, with their document frequencies and the places of
/// their postings. Front-coded blocks of 16 terms, found by binary search over the first of each.
/// Terms are bytes here; what they mean is the analyser's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "index/segment.h"

namespace saerok {

constexpr std::size_t kDictionaryBlock = 16;

/// Whether the terms of a dictionary have positions: one number more a term.
enum class WithPositions : bool { no, yes };

/// Takes terms in ascending order of their bytes and makes the two sections of a dictionary.
class TermDictionaryWriter {
 public:
  explicit TermDictionaryWriter(WithPositions with_positions) : with_positions_(with_positions) {}

  /// `place.location` is where the postings lie, ascending, or inline_posting() for a frequency of
  /// 1; `place.positions` likewise where the positions lie, or the one position of a term that
  /// occurs once.
  void add(std::string_view term, const Segment::TermRef& place);
  std::size_t size() const { return term_count_; }
  const std::vector<std::byte>& blocks() const { return blocks_.bytes(); }
  const std::vector<std::uint32_t>& block_offsets() const { return block_offsets_; }

 private:
  ByteWriter blocks_;
  std::vector<std::uint32_t> block_offsets_;
  std::string previous_;
  WithPositions with_positions_;
  std::uint64_t previous_location_ = 0;
  std::uint64_t previous_positions_ = 0;
  std::size_t term_count_ = 0;
};

class SegmentFileReader;

/// Looks terms up in mapped bytes. Any bytes are safe; damaged ones give terms that do not exist.
class TermDictionary {
 public:
  TermDictionary() = default;
  /// `file` is told of each block before it is read; null: nobody is.
  TermDictionary(std::span<const std::byte> blocks, std::span<const std::uint32_t> block_offsets,
                 WithPositions with_positions, const SegmentFileReader* file = nullptr)
      : blocks_(blocks),
        block_offsets_(block_offsets),
        with_positions_(with_positions),
        file_(file) {}

  /// Frequency 0 where the dictionary does not hold the term.
  Segment::TermRef find(std::string_view term) const;

  /// Has the blocks looked at that visit() would read for the terms t with first <= t and, unless
  /// `last` is empty, t < last.
  void look_at(std::string_view first, std::string_view last) const;

  /// Calls visit(term, place) for the terms from `first` on, in ascending order, until it returns
  /// false.
  void visit(std::string_view first,
             const std::function<bool(std::string_view, const Segment::TermRef&)>& visit) const;

 private:
  class BlockReader;

  std::string_view first_term(std::size_t number) const;
  /// How many blocks begin at or before `term`.
  std::size_t blocks_up_to(std::string_view term) const;
  std::span<const std::byte> block(std::size_t number) const;
  /// The same, looked at.
  std::span<const std::byte> sound_block(std::size_t number) const;

  std::span<const std::byte> blocks_;
  std::span<const std::uint32_t> block_offsets_;
  WithPositions with_positions_ = WithPositions::no;
  const SegmentFileReader* file_ = nullptr;
};

}  // namespace saerok
