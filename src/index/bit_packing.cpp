#include "index/bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace saerok {
namespace {

constexpr std::size_t kLanes = 4;
constexpr std::size_t kSteps = kPackedBlockCount / kLanes;

using Lanes = std::uint32_t __attribute__((vector_size(16)));

inline Lanes load(const std::byte* at) {
  Lanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}

/// One step unpacks the same position of all four lanes. Shifts are constants of the template.
template <unsigned bits, std::size_t step>
inline void unpack_step(const std::byte* in, std::uint32_t* out) {
  constexpr std::size_t kBit = step * bits;
  constexpr std::size_t kWord = kBit / 32;
  constexpr unsigned kShift = kBit % 32;
  Lanes value = load(in + kWord * sizeof(Lanes)) >> kShift;
  if constexpr (kShift + bits > 32) {
    value |= load(in + (kWord + 1) * sizeof(Lanes)) << (32 - kShift);
  }
  if constexpr (bits < 32) value &= (std::uint32_t{1} << bits) - 1;
  std::memcpy(out + step * kLanes, &value, sizeof value);
}

template <unsigned bits>
void unpack_block(const std::byte* in, std::uint32_t* out) {
  if constexpr (bits == 0) {
    std::fill_n(out, kPackedBlockCount, 0u);
  } else {
    [&]<std::size_t... step>(std::index_sequence<step...>) {
      (unpack_step<bits, step>(in, out), ...);
    }(std::make_index_sequence<kSteps>{});
  }
}

using UnpackBlock = void (*)(const std::byte*, std::uint32_t*);

constexpr auto kUnpackBlock = []<unsigned... bits>(std::integer_sequence<unsigned, bits...>) {
  return std::array<UnpackBlock, sizeof...(bits)>{&unpack_block<bits>...};
}(std::make_integer_sequence<unsigned, kPackedBitsMax + 1>{});

constexpr std::uint64_t mask_of(unsigned bits) { return (std::uint64_t{1} << bits) - 1; }

/// A value of a run that is shorter than a block.
inline std::uint32_t read_run(const std::byte* in, unsigned bits, std::size_t at) {
  const std::size_t bit = at * bits;
  std::uint64_t word = 0;  // Up to 7 bits before the value and 32 of it: always within 8 bytes.
  std::memcpy(&word, in + bit / 8, sizeof word);
  return static_cast<std::uint32_t>(word >> bit % 8 & mask_of(bits));
}

void pack_block(std::span<const std::uint32_t> values, unsigned bits, ByteWriter& out) {
  std::array<std::uint32_t, kPackedBlockCount> words{};
  for (std::size_t i = 0; i < kPackedBlockCount; ++i) {
    const std::size_t bit = i / kLanes * bits;
    const std::size_t word = bit / 32 * kLanes + i % kLanes;
    const unsigned shift = bit % 32;
    words[word] |= values[i] << shift;
    if (shift + bits > 32) words[word + kLanes] |= values[i] >> (32 - shift);
  }
  out.append(words.data(), packed_size(kPackedBlockCount, bits));
}

/// Four at a time: each vector is summed up in itself, and the sum before it added.
void add_up_block(std::uint32_t* values, std::uint32_t first) {
  const Lanes zero = {};
  Lanes before = zero + (first - 1);
  for (std::size_t i = 0; i < kPackedBlockCount; i += kLanes) {
    Lanes sum;
    std::memcpy(&sum, values + i, sizeof sum);
    sum += 1;
    sum += __builtin_shufflevector(sum, zero, 4, 0, 1, 2);
    sum += __builtin_shufflevector(sum, zero, 4, 5, 0, 1);
    sum += before;
    std::memcpy(values + i, &sum, sizeof sum);
    before = __builtin_shufflevector(sum, sum, 3, 3, 3, 3);
  }
}

}  // namespace

unsigned bits_needed(std::span<const std::uint32_t> values) {
  std::uint32_t all = 0;
  for (const std::uint32_t value : values) all |= value;
  return static_cast<unsigned>(std::bit_width(all));
}

void pack(std::span<const std::uint32_t> values, unsigned bits, ByteWriter& out) {
  DASSERT(values.size() <= kPackedBlockCount && bits_needed(values) <= bits);
  if (bits == 0) return;
  if (values.size() == kPackedBlockCount) return pack_block(values, bits, out);
  std::uint64_t pending = 0;
  unsigned pending_bits = 0;
  for (const std::uint32_t value : values) {
    pending |= std::uint64_t{value} << pending_bits;
    pending_bits += bits;
    for (; pending_bits >= 8; pending_bits -= 8, pending >>= 8) {
      out.put(static_cast<std::uint8_t>(pending));
    }
  }
  if (pending_bits > 0) out.put(static_cast<std::uint8_t>(pending));
}

void unpack(const std::byte* in, std::size_t count, unsigned bits, std::uint32_t* out) {
  DASSERT(count <= kPackedBlockCount && bits <= kPackedBitsMax);
  if (count == kPackedBlockCount) return kUnpackBlock[bits](in, out);
  for (std::size_t i = 0; i < count; ++i) out[i] = read_run(in, bits, i);
}

std::uint32_t unpack_one(const std::byte* in, std::size_t count, unsigned bits, std::size_t at) {
  DASSERT(at < count && count <= kPackedBlockCount && bits <= kPackedBitsMax);
  if (count != kPackedBlockCount) return read_run(in, bits, at);
  if (bits == 0) return 0;
  const std::size_t bit = at / kLanes * bits;
  const std::byte* word = in + (bit / 32 * kLanes + at % kLanes) * sizeof(std::uint32_t);
  std::uint32_t low = 0, high = 0;
  std::memcpy(&low, word, sizeof low);
  if (bit % 32 + bits > 32) std::memcpy(&high, word + sizeof(Lanes), sizeof high);
  const std::uint64_t both = std::uint64_t{high} << 32 | low;
  return static_cast<std::uint32_t>(both >> bit % 32 & mask_of(bits));
}

std::uint64_t add_up(std::uint32_t* values, std::size_t count, unsigned bits, std::uint32_t first) {
  // 128 gaps of 24 bits and a first number below 2^31 cannot overflow 32 bits.
  constexpr unsigned kSafeBits = 24;
  if (bits <= kSafeBits && count == kPackedBlockCount) {
    add_up_block(values, first);
    return values[count - 1];
  }
  std::uint64_t next = first;
  for (std::size_t i = 0; i < count; ++i) {
    next += values[i];
    values[i] = static_cast<std::uint32_t>(next++);
  }
  return next - 1;
}

}  // namespace saerok
