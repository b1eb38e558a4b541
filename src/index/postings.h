/// A term's list on disk: blocks of 128 bit-packed postings (gaps of chunks, frequency less 1),
/// with a table of each block's last chunk, place, and bounds for a pruning search (largest
/// frequency, smallest length). A term of one chunk has no list: it stands in the dictionary.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "index/bit_packing.h"

namespace saerok {

constexpr std::size_t kPostingBlock = kPackedBlockCount;

/// Appends the list of a term. `chunks` ascend strictly, `frequencies` are at least 1, both of the
/// same size, at least 2. `length_codes` are the field's, by chunk.
void write_postings(std::span<const std::uint32_t> chunks,
                    std::span<const std::uint32_t> frequencies,
                    std::span<const std::uint8_t> length_codes, ByteWriter& out);

/// Bytes of the part of a list of `count` postings that is read before any block.
std::size_t posting_table_size(std::uint32_t count);

struct PostingList;

/// How many bytes from its location a list is known to take by the first `known` of them: its
/// table's for 0, then all. `known` again where that is all of it, or the bytes make no sense.
std::uint64_t extent_of_postings(const PostingList& list, std::uint64_t known);

/// A posting that a dictionary holds itself, as a location.
constexpr std::uint64_t inline_posting(std::uint32_t chunk, std::uint32_t frequency) {
  return std::uint64_t{frequency} << 32 | chunk;
}

/// Where a list lies. `bytes` are the section's, with kUnpackSlack readable bytes behind them.
struct PostingList {
  std::span<const std::byte> bytes;
  std::uint64_t location = 0;     ///< In `bytes`; of a single posting, the posting itself.
  std::uint32_t count = 0;        ///< 0: an empty list.
  std::uint32_t chunk_count = 0;  ///< Of the segment; no chunk of the list is this or above.
};

/// What no posting of a block goes beyond.
struct PostingBounds {
  std::uint32_t frequency_max = 0;  ///< UINT32_MAX where the table does not say.
  std::uint8_t length_code_min = 0;
};

/// A block whose chunks are decoded, and whose frequencies are when they are asked for: who looks
/// for a chunk or counts never needs them. Views the list's bytes.
class DecodedBlock {
 public:
  DecodedBlock() { clear(); }
  std::uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  void clear() { set_count(0); }
  /// Ascending; only the first count() mean something.
  const std::uint32_t* chunks() const { return chunks_.data(); }
  std::uint32_t chunk(std::uint32_t at) const { return chunks_[at]; }
  /// Requires !empty().
  std::uint32_t last_chunk() const { return chunks_[count_ - 1]; }

  /// The place of the first chunk at or above `first`, not before the place `from`; else count().
  std::uint32_t place_reaching(std::uint32_t first, std::uint32_t from) const {
    // What is looked for mostly lies closely behind; a binary search guesses wrong more often.
    // Which of the last few it is nobody could guess: they are counted.
    std::uint32_t at = from;
    while (chunks_[at + kStride - 1] < first) at += kStride;
    return std::min(at + count_below(first, chunks_.data() + at), count_);
  }

  /// Some frequency is above 1.
  bool has_repeats() const { return repeat_bits_ > 0; }
  /// Every frequency less 1 is below it.
  std::uint64_t repeat_end() const { return std::uint64_t{1} << repeat_bits_; }
  /// A frequency less 1, of one posting. Requires at < count().
  std::uint32_t repeat(std::uint32_t at) const {
    if (are_repeats_read_) return repeats_[at];
    return unpack_one(packed_repeats_, count_, repeat_bits_, at);
  }
  /// The same of all.
  const std::uint32_t* repeats() {
    if (!are_repeats_read_) {
      unpack(packed_repeats_, count_, repeat_bits_, repeats_.data());
      are_repeats_read_ = true;
    }
    return repeats_.data();
  }

 private:
  friend class PostingBlocks;
  static constexpr std::uint32_t kStride = 8;

  /// How many of kStride numbers are below `first`.
  static std::uint32_t count_below(std::uint32_t first, const std::uint32_t* numbers) {
    using Lanes = std::uint32_t __attribute__((vector_size(16)));
    static_assert(kStride == 8);
    Lanes low, high;
    std::memcpy(&low, numbers, sizeof low);
    std::memcpy(&high, numbers + 4, sizeof high);
    const auto below = (low < first) + (high < first);  // Less 1 in a lane for each.
    return static_cast<std::uint32_t>(-(below[0] + below[1] + below[2] + below[3]));
  }

  /// Behind the last chunk there are kStride that no chunk reaches.
  void set_count(std::uint32_t count) {
    count_ = count;
    std::fill_n(chunks_.begin() + count, kStride, UINT32_MAX);
  }

  std::uint32_t count_ = 0;
  std::uint8_t repeat_bits_ = 0;
  bool are_repeats_read_ = false;
  const std::byte* packed_repeats_ = nullptr;
  std::array<std::uint32_t, kPostingBlock + kStride> chunks_;
  std::array<std::uint32_t, kPostingBlock> repeats_;
};

/// A list as its blocks, which can be passed over and decoded in any order. Any bytes are safe.
class PostingBlocks {
 public:
  PostingBlocks() = default;
  explicit PostingBlocks(const PostingList& list);

  std::uint32_t count() const { return block_count_; }
  /// No chunk of the block is below `first_chunk` or above `last_chunk`. Requires block < count().
  std::uint32_t first_chunk(std::uint32_t block) const {
    return block == 0 ? 0 : last_chunk(block - 1) + 1;
  }
  std::uint32_t last_chunk(std::uint32_t block) const {
    if (block_count_ == 1) return only_last_chunk_;
    std::uint32_t last = 0;
    std::memcpy(&last, list_.bytes.data() + list_.location + block * kEntrySize, sizeof last);
    return last;
  }
  PostingBounds bounds(std::uint32_t block) const;

  /// The first block whose last chunk is at or above `first`, from block `from` on; else count().
  std::uint32_t block_reaching(std::uint32_t first, std::uint32_t from) const {
    std::uint32_t low = from, step = 1;  // Mostly it is that one, or one soon behind.
    while (low + step <= block_count_ && last_chunk(low + step - 1) < first) {
      low += step;
      step *= 2;
    }
    std::uint32_t high = std::min(low + step, block_count_);
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (last_chunk(middle) < first) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// Decodes a block whose chunks are all at or above `least`; one whose bytes contradict its table
  /// is empty.
  void decode(std::uint32_t block, std::uint32_t least, DecodedBlock& out) const;

 private:
  struct Entry {
    std::uint32_t last_chunk;
    std::uint32_t data_offset;  // Of the block's bytes, counted from the end of the table.
    std::uint8_t chunk_bits;
    std::uint8_t frequency_bits;
    std::uint8_t frequency_max;
    std::uint8_t length_code_min;
  };
  static constexpr std::size_t kEntrySize =
      12;  // Of a longer list's table; it begins with last_chunk.
  Entry entry(std::uint32_t block) const;
  std::uint32_t size_of(std::uint32_t block) const;

  PostingList list_;
  std::uint32_t block_count_ = 0;
  std::uint32_t only_last_chunk_ = 0;  // Of a list of one block.
};

/// Walks a list in ascending order, a block at a time. A block whose bytes contradict its table is
/// passed over: chunks ascend strictly and lie below chunk_count whatever the bytes are.
class PostingCursor {
 public:
  PostingCursor() = default;
  explicit PostingCursor(const PostingList& list) : PostingCursor(list, 0) {}
  /// Begins with block `block` of the list, as block() gave it; earlier postings are passed over.
  PostingCursor(const PostingList& list, std::uint32_t block);

  bool at_end() const { return position_ == decoded_.count(); }
  /// Of the current posting. Requires !at_end().
  std::uint32_t chunk() const { return decoded_.chunk(position_); }
  std::uint32_t frequency() const { return decoded_.repeat(position_) + 1; }

  /// Moves on to the first posting at or above `first`, without decoding the blocks between.
  void skip_to(std::uint32_t first);

  /// Calls visit(chunk, frequency) for the postings below `end` and stops at the first that is not.
  template <class Visit>
  void take_until(std::uint32_t end, Visit&& visit) {
    while (!at_end()) {
      // The whole block, mostly: one comparison for it and not one a posting.
      const bool whole = decoded_.last_chunk() < end;
      const std::uint32_t stop = whole ? decoded_.count() : decoded_.place_reaching(end, position_);
      const std::uint32_t* const repeats = decoded_.repeats();
      for (std::uint32_t i = position_; i < stop; ++i) {
        visit(decoded_.chunk(i), repeats[i] + 1);
      }
      position_ = stop;
      if (!whole) return;
      next_block();
    }
  }

  /// The current block's number: what Segment::decode_window keeps between calls.
  std::uint32_t block() const { return block_; }
  /// Frequencies, summed, of the postings that stand before the current one in its block.
  std::uint64_t occurrences_before_in_block();

 private:
  void decode_from(std::uint32_t block);
  void next_block() { decode_from(block_ + 1); }

  PostingBlocks blocks_;
  std::uint32_t block_ = 0;
  std::uint32_t position_ = 0;
  std::uint32_t delivered_ = 0;  // One above the last chunk of the blocks gone by.
  DecodedBlock decoded_;         // Empty at the end of the list.
  // What occurrences_before_in_block() has counted so far: frequencies before `counted_`.
  std::uint32_t counted_ = 0;
  std::uint64_t occurrences_ = 0;
};

}  // namespace saerok
