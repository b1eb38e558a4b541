#include "index/term_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/hash.h"

namespace saerok {
namespace {

constexpr std::uint32_t kFirstSlice = 16;
constexpr std::uint32_t kLastSlice = 4'096;
constexpr std::size_t kLink = sizeof(std::byte*);

class StreamReader {
 public:
  StreamReader(const std::byte* stream) : at_(stream), slice_end_(stream + kFirstSlice - kLink) {}

  std::uint32_t get_varint() {
    std::uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint32_t byte = get_byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

 private:
  std::uint32_t get_byte() {
    if (at_ == slice_end_) {
      std::memcpy(&at_, slice_end_, kLink);
      slice_size_ = std::min(slice_size_ * 2, kLastSlice);
      slice_end_ = at_ + slice_size_ - kLink;
    }
    return static_cast<std::uint32_t>(*at_++);
  }

  const std::byte* at_;
  const std::byte* slice_end_;
  std::uint32_t slice_size_ = kFirstSlice;
};

template <class Number>
Number load(const char* at) {
  Number number = 0;
  std::memcpy(&number, at, sizeof number);
  return number;
}

/// The first 8 bytes, or as many as there are and zeros, as a number that compares as they do. Read
/// without copying so many bytes as there are, which a processor does badly.
std::uint64_t prefix_of(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  if (size >= 8) return __builtin_bswap64(load<std::uint64_t>(at));
  if (size >= 4) {  // The last four overlap the first.
    const std::uint64_t first = __builtin_bswap32(load<std::uint32_t>(at));
    const std::uint64_t last = __builtin_bswap32(load<std::uint32_t>(at + size - 4));
    return first << 32 | (last << (8 * (8 - size)) & 0xffff'ffff);
  }
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < size; ++i) {
    prefix |= std::uint64_t{static_cast<unsigned char>(at[i])} << (56 - 8 * i);
  }
  return prefix;
}

}  // namespace

std::byte* Arena::allocate(std::size_t size) {
  ASSERT(size <= kPageSize);
  if (size > kPageSize - used_) {
    pages_.push_back(std::make_unique_for_overwrite<std::byte[]>(kPageSize));
    used_ = 0;
  }
  std::byte* at = pages_.back().get() + used_;
  used_ += size;
  return at;
}

std::uint32_t TermTable::count(std::string_view term, std::uint64_t hash, std::uint32_t chunk) {
  DASSERT(hash == hash64(term));
  Entry& entry = find_or_add(term, hash, chunk);
  const auto number = static_cast<std::uint32_t>(&entry - entries_.data());
  if (entry.chunk == chunk) {
    ++entry.frequency;  // A new entry begins at 0.
    return number;
  }
  DASSERT(entry.chunk < chunk);
  put_varint(entry, entry.chunk - entry.streamed_chunk);
  put_varint(entry, entry.frequency - 1);
  ++entry.streamed;
  entry.streamed_chunk = entry.chunk;
  entry.chunk = chunk;
  entry.frequency = 1;
  return number;
}

bool TermTable::is_text_of(const Entry& entry, std::string_view term, std::uint64_t prefix) const {
  if (entry.prefix != prefix || entry.text_size != term.size()) return false;
  return term.size() <= 8 || std::memcmp(entry.text + 8, term.data() + 8, term.size() - 8) == 0;
}

TermTable::Entry& TermTable::find_or_add(std::string_view term, std::uint64_t hash,
                                         std::uint32_t chunk) {
  if ((entries_.size() + 1) * 3 > slots_.size() * 2) grow();
  const std::uint64_t prefix = prefix_of(term);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].term != 0; at = (at + 1) & mask) {
    if (slots_[at].tag != tag) continue;
    Entry& entry = entries_[slots_[at].term - 1];
    if (is_text_of(entry, term, prefix)) return entry;
  }
  ASSERT(entries_.size() < std::numeric_limits<std::uint32_t>::max() - 1);
  std::byte* copy = arena_.allocate(term.size());
  if (!term.empty()) std::memcpy(copy, term.data(), term.size());
  Entry entry{};
  entry.prefix = prefix;
  entry.text = copy;
  entry.text_size = static_cast<std::uint32_t>(term.size());
  entry.chunk = chunk;
  entry.frequency = 0;
  entries_.push_back(entry);
  slots_[at] = {tag, static_cast<std::uint32_t>(entries_.size())};
  return entries_.back();
}

void TermTable::grow() {
  std::vector<Slot> larger(std::max<std::size_t>(1'024, slots_.size() * 2));
  const std::size_t mask = larger.size() - 1;
  for (std::uint32_t term = 0; term < entries_.size(); ++term) {
    const std::uint64_t hash = hash64(text(term));
    std::size_t at = hash & mask;
    while (larger[at].term != 0) at = (at + 1) & mask;
    larger[at] = {static_cast<std::uint32_t>(hash >> 32), term + 1};
  }
  slots_ = std::move(larger);
}

void TermTable::put_varint(Entry& entry, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) put_byte(entry, (value & 0x7f) | 0x80);
  put_byte(entry, value);
}

void TermTable::put_byte(Entry& entry, std::uint32_t value) {
  if (entry.write == entry.slice_end) {
    entry.slice_size =
        entry.slice_size == 0 ? kFirstSlice : std::min(entry.slice_size * 2, kLastSlice);
    std::byte* slice = arena_.allocate(entry.slice_size);
    if (entry.stream == nullptr) {
      entry.stream = slice;
    } else {
      std::memcpy(entry.slice_end, &slice, kLink);
    }
    entry.write = slice;
    entry.slice_end = slice + entry.slice_size - kLink;
  }
  *entry.write++ = static_cast<std::byte>(value);
}

std::size_t TermTable::memory_size() const {
  return arena_.memory_size() + entries_.capacity() * sizeof(Entry) +
         slots_.capacity() * sizeof(Slot);
}

std::vector<std::uint32_t> TermTable::sorted_terms() const {
  struct Key {
    std::uint64_t prefix;
    std::uint32_t term;
  };
  std::vector<Key> keys;
  keys.reserve(entries_.size());
  for (std::uint32_t term = 0; term < entries_.size(); ++term) {
    keys.push_back({entries_[term].prefix, term});
  }
  std::sort(keys.begin(), keys.end(), [this](const Key& a, const Key& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return text(a.term) < text(b.term);
  });
  std::vector<std::uint32_t> terms;
  terms.reserve(keys.size());
  for (const Key& key : keys) terms.push_back(key.term);
  return terms;
}

std::string_view TermTable::text(std::uint32_t term) const {
  const Entry& entry = entries_[term];
  return {reinterpret_cast<const char*>(entry.text), entry.text_size};
}

void TermTable::read(std::uint32_t term, std::vector<std::uint32_t>& chunks,
                     std::vector<std::uint32_t>& frequencies) const {
  const Entry& entry = entries_[term];
  chunks.clear();
  frequencies.clear();
  if (entry.streamed > 0) {
    StreamReader reader(entry.stream);
    std::uint32_t chunk = 0;
    for (std::uint32_t i = 0; i < entry.streamed; ++i) {
      chunk += reader.get_varint();
      chunks.push_back(chunk);
      frequencies.push_back(reader.get_varint() + 1);
    }
  }
  chunks.push_back(entry.chunk);
  frequencies.push_back(entry.frequency);
}

}  // namespace saerok
