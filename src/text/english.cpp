#include "text/english.h"

#include <libstemmer.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/assert.h"

namespace saerok {
namespace {

struct Delete {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

// A few thousand words make up most of any text; their stems are remembered. Direct-mapped: a word
// in the place of another replaces it.
constexpr std::size_t kCacheSlots = 4096;
constexpr std::size_t kCachedBytesMax = 15;

struct Cached {
  std::uint8_t word_size = 0;
  std::uint8_t stem_size = 0;
  std::array<char, kCachedBytesMax> word;
  std::array<char, kCachedBytesMax> stem;
};

struct ThreadStemmer {
  std::unique_ptr<sb_stemmer, Delete> stemmer{sb_stemmer_new("english", "UTF_8")};
  std::array<Cached, kCacheSlots> cache{};
};

// Words shorter than a slot's storage only, so that both halves can be read at once.
std::size_t slot_of(std::string_view word) {
  std::uint64_t low = 0, high = 0;
  const std::size_t head = word.size() < 8 ? word.size() : 8;
  std::memcpy(&low, word.data(), head);
  if (word.size() > 8) std::memcpy(&high, word.data() + 8, word.size() - 8);
  const std::uint64_t hash = (low ^ high * 0xC2B2AE3D27D4EB4Fu) * 0x9E3779B97F4A7C15u;
  return static_cast<std::size_t>(hash >> 52);
}

std::string_view run_snowball(sb_stemmer* stemmer, std::string_view word) {
  ASSERT(stemmer != nullptr);
  const sb_symbol* stem = sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(word.data()),
                                          static_cast<int>(word.size()));
  ASSERT(stem != nullptr);
  return {reinterpret_cast<const char*>(stem),
          static_cast<std::size_t>(sb_stemmer_length(stemmer))};
}

}  // namespace

std::string_view stem_english(std::string_view word) {
  thread_local const std::unique_ptr<ThreadStemmer> thread = std::make_unique<ThreadStemmer>();
  if (word.empty()) return word;
  if (word.size() > kCachedBytesMax) return run_snowball(thread->stemmer.get(), word);
  Cached& slot = thread->cache[slot_of(word)];
  if (slot.word_size != word.size() ||
      std::memcmp(slot.word.data(), word.data(), word.size()) != 0) {
    const std::string_view stem = run_snowball(thread->stemmer.get(), word);
    // Snowball writes an e back only where it took more away, so a stem is never longer.
    if (stem.size() > kCachedBytesMax) return stem;
    slot.word_size = static_cast<std::uint8_t>(word.size());
    slot.stem_size = static_cast<std::uint8_t>(stem.size());
    std::memcpy(slot.word.data(), word.data(), word.size());
    std::memcpy(slot.stem.data(), stem.data(), stem.size());
  }
  return {slot.stem.data(), slot.stem_size};
}

}  // namespace saerok
