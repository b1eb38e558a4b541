/// The growing posting lists of one field while a segment is built: a hash table of terms, each
/// with a compressed stream of its postings in slices of an arena. A term of one chunk has no
/// stream.
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

class TermTable {
 public:
  /// Says that `chunk` holds the term once more. Chunks come in ascending order. Returns the term's
  /// number. `hash` is hash64(term).
  std::uint32_t count(std::string_view term, std::uint64_t hash, std::uint32_t chunk);

  /// Asks the memory for what count() will look at first, some terms before it is called.
  void prefetch_slot(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  /// The same for what it looks at next, some terms later.
  void prefetch_entry(std::uint64_t hash) const {
    if (slots_.empty()) return;
    const std::uint32_t term = slots_[hash & (slots_.size() - 1)].term;
    if (term != 0) __builtin_prefetch(&entries_[term - 1]);
  }

  std::size_t term_count() const { return entries_.size(); }
  std::size_t memory_size() const;

  /// Terms by number, in ascending order of their bytes.
  std::vector<std::uint32_t> sorted_terms() const;
  std::string_view text(std::uint32_t term) const;
  /// Replaces the contents of both by the term's postings.
  void read(std::uint32_t term, std::vector<std::uint32_t>& chunks,
            std::vector<std::uint32_t>& frequencies) const;

 private:
  // One line of the cache, with what tells most terms from all others in it.
  struct alignas(64) Entry {
    std::uint64_t prefix;  // prefix_of(text).
    const std::byte* text;
    std::byte* stream = nullptr;     // First slice.
    std::byte* write = nullptr;      // Next byte of the stream.
    std::byte* slice_end = nullptr;  // Here the slice has the address of the next.
    std::uint32_t text_size;
    std::uint32_t streamed = 0;  // Postings in the stream; one more waits here:
    std::uint32_t chunk;
    std::uint32_t frequency = 1;
    std::uint32_t streamed_chunk = 0;
    std::uint32_t slice_size = 0;
  };
  struct Slot {
    std::uint32_t tag = 0;   // Of the hash, so that most misses touch no entry.
    std::uint32_t term = 0;  // One more than the term's number; 0: free.
  };

  Entry& find_or_add(std::string_view term, std::uint64_t hash, std::uint32_t chunk);
  bool is_text_of(const Entry& entry, std::string_view term, std::uint64_t prefix) const;
  void grow();
  void put_varint(Entry& entry, std::uint32_t value);
  void put_byte(Entry& entry, std::uint32_t value);

  Arena arena_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;
};

}  // namespace saerok
