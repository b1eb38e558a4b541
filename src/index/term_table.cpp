#include "index/term_table.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/hash.h"

namespace saerok {
namespace {

template <class Number>
Number load(const char* at) {
  Number number = 0;
  std::memcpy(&number, at, sizeof number);
  return number;
}

/// Up to 8 bytes and zeros as a number that compares as they do. Read without copying so many bytes
/// as there are, which a processor does badly.
std::uint64_t number_of_bytes(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  if (size >= 8) return __builtin_bswap64(load<std::uint64_t>(at));
  if (size >= 4) {  // The last four overlap the first.
    const std::uint64_t first = __builtin_bswap32(load<std::uint32_t>(at));
    const std::uint64_t last = __builtin_bswap32(load<std::uint32_t>(at + size - 4));
    return first << 32 | (last << (8 * (8 - size)) & 0xffff'ffff);
  }
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(at[i])} << (56 - 8 * i);
  }
  return number;
}

/// Every bit of both moves the upper half, in which slots are numbered.
std::uint32_t mix(std::uint64_t first, std::uint32_t rest) {
  std::uint64_t mixed = (first ^ rest * 0x9E37'79B9'7F4A'7C15) * 0xD6E8'FEB8'6659'FD93;
  mixed ^= mixed >> 32;
  mixed *= 0xD6E8'FEB8'6659'FD93;
  return static_cast<std::uint32_t>(mixed >> 32);
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

TermKey TermKey::of(std::string_view term) {
  const std::uint64_t first = number_of_bytes(term);
  if (term.size() > kShortMax) {
    const std::uint64_t hash = hash64(term);
    return {first, static_cast<std::uint32_t>(hash) << 8 | kLong,
            static_cast<std::uint32_t>(hash >> 32)};
  }
  std::uint32_t rest = static_cast<std::uint32_t>(term.size());
  for (std::size_t i = 8; i < term.size(); ++i) {
    rest |= std::uint32_t{static_cast<unsigned char>(term[i])} << (8 * (i - 7));
  }
  return {first, rest, mix(first, rest)};
}

std::uint32_t TermTable::number_of(std::string_view term, const TermKey& key) {
  if ((texts_.size() + 1) * 3 > slots_.size() * 2) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = key.hash & mask;
  for (; slots_[at].term != 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.first != key.first || slot.rest != key.rest) continue;
    if (!key.is_long() || texts_[slot.term - 1] == term) return slot.term - 1;
  }
  ASSERT(texts_.size() < std::numeric_limits<std::uint32_t>::max() - 1);
  std::byte* const copy = arena_.allocate(term.size());
  if (!term.empty()) std::memcpy(copy, term.data(), term.size());
  texts_.emplace_back(reinterpret_cast<const char*>(copy), term.size());
  const auto count = static_cast<std::uint32_t>(texts_.size());
  slots_[at] = {key.first, key.rest, count};
  return count - 1;
}

void TermTable::grow() {
  std::vector<Slot> larger(std::max<std::size_t>(1'024, slots_.size() * 2));
  const std::size_t mask = larger.size() - 1;
  for (std::uint32_t term = 0; term < texts_.size(); ++term) {
    const TermKey key = TermKey::of(texts_[term]);
    std::size_t at = key.hash & mask;
    while (larger[at].term != 0) at = (at + 1) & mask;
    larger[at] = {key.first, key.rest, term + 1};
  }
  slots_ = std::move(larger);
}

std::size_t TermTable::memory_size() const {
  return arena_.memory_size() + texts_.capacity() * sizeof(texts_[0]) +
         slots_.capacity() * sizeof(Slot);
}

std::vector<std::uint32_t> TermTable::sorted_terms() const {
  struct Key {
    std::uint64_t first;
    std::uint32_t term;
  };
  std::vector<Key> keys;
  keys.reserve(texts_.size());
  for (std::uint32_t term = 0; term < texts_.size(); ++term) {
    keys.push_back({number_of_bytes(texts_[term]), term});
  }
  std::sort(keys.begin(), keys.end(), [this](const Key& a, const Key& b) {
    if (a.first != b.first) return a.first < b.first;
    return texts_[a.term] < texts_[b.term];
  });
  std::vector<std::uint32_t> terms;
  terms.reserve(keys.size());
  for (const Key& key : keys) terms.push_back(key.term);
  return terms;
}

}  // namespace saerok
