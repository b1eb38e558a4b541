/// The terms of one field while a segment is built, each with a number in the order of their first
/// appearance. Made for very many lookups of short terms: one of up to 11 bytes, as most words and
/// all grams of Hangul are, is compared where the hash table holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace saerok {

/// Memory in pages that never move and are freed together.
class Arena {
 public:
  /// Requires size <= kPageSize.
  std::byte* allocate(std::size_t size);
  std::size_t memory_size() const { return pages_.size() * kPageSize; }

 private:
  static constexpr std::size_t kPageSize = 262'144;
  std::vector<std::unique_ptr<std::byte[]>> pages_;
  std::size_t used_ = kPageSize;  // Of the last page.
};

/// A term as the table looks for it.
struct TermKey {
  std::uint64_t first;  ///< Its first 8 bytes and, if it has fewer, zeros; most significant first.
  std::uint32_t rest;   ///< A short term's other bytes and its size; a long one's hash and kLong.
  std::uint32_t hash;

  static constexpr std::size_t kShortMax = 11;
  static constexpr std::uint32_t kLong = 255;  ///< In the place of the size.
  bool is_long() const { return (rest & 255) == kLong; }
  static TermKey of(std::string_view term);
};

class TermTable {
 public:
  /// The term's number, a new one if it has none. `key` is TermKey::of(term).
  std::uint32_t number_of(std::string_view term, const TermKey& key);

  std::size_t term_count() const { return texts_.size(); }
  std::size_t memory_size() const;

  /// Terms by number, in ascending order of their bytes.
  std::vector<std::uint32_t> sorted_terms() const;
  std::string_view text(std::uint32_t term) const { return texts_[term]; }

 private:
  struct Slot {
    std::uint64_t first = 0;
    std::uint32_t rest = 0;
    std::uint32_t term = 0;  // One more than the term's number; 0: free.
  };

  void grow();

  Arena arena_;
  std::vector<std::string_view> texts_;  // By number, in the arena.
  std::vector<Slot> slots_;              // As many as a power of two.
};

}  // namespace saerok
