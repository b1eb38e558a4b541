#include "index/packed_numbers.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "index/format.h"

namespace saerok {
namespace {

constexpr auto kBlock = static_cast<std::uint32_t>(kPackedBlockCount);
constexpr std::size_t kEntry = 14;   // u64 base, u32 offset of the data, u8 step, u8 bits.
constexpr std::uint8_t kWhole = 64;  // Bits of numbers that are too far apart to be packed.

std::uint64_t blocks_of(std::uint64_t count) { return (count + kBlock - 1) / kBlock; }

/// What is left of each number without base + i * step; nothing if one would be below 0.
struct Rest {
  std::uint64_t base = 0;
  std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  std::array<std::uint64_t, kPackedBlockCount> values{};
};

/// Requires at least one number.
std::optional<Rest> rest_of(std::span<const std::uint64_t> values, std::uint64_t step) {
  Rest rest;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < i * step) return std::nullopt;
    rest.values[i] = values[i] - i * step;
  }
  const auto used = std::span(rest.values).first(values.size());
  rest.base = *std::min_element(used.begin(), used.end());
  rest.largest = *std::max_element(used.begin(), used.end()) - rest.base;
  for (std::uint64_t& value : used) value -= rest.base;
  return rest;
}

void put_packed(const Rest& rest, std::size_t count, std::uint8_t bits, ByteWriter& out) {
  if (bits == kWhole) return out.append(rest.values.data(), count * sizeof(std::uint64_t));
  std::array<std::uint32_t, kPackedBlockCount> narrow;
  std::transform(rest.values.begin(), rest.values.begin() + static_cast<std::ptrdiff_t>(count),
                 narrow.begin(), [](std::uint64_t v) { return static_cast<std::uint32_t>(v); });
  pack(std::span(narrow).first(count), bits, out);
}

std::size_t size_of(std::size_t count, std::uint8_t bits) {
  return bits == kWhole ? count * sizeof(std::uint64_t) : packed_size(count, bits);
}

}  // namespace

void PackedNumbers::write(std::span<const std::uint64_t> values, ByteWriter& out) {
  ByteWriter data;
  for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
    const auto block = values.subspan(begin, std::min<std::size_t>(kBlock, values.size() - begin));
    const Rest level = *rest_of(block, 0);
    const std::optional<Rest> rising = rest_of(block, 1);
    const bool rises = rising && rising->largest < level.largest;
    const Rest& rest = rises ? *rising : level;
    const auto width = static_cast<std::uint8_t>(std::bit_width(rest.largest));
    const std::uint8_t bits = width > kPackedBitsMax ? kWhole : width;
    ASSERT(data.size() <= std::numeric_limits<std::uint32_t>::max());
    out.put(rest.base);
    out.put(static_cast<std::uint32_t>(data.size()));
    out.put<std::uint8_t>(rises ? 1 : 0);
    out.put(bits);
    put_packed(rest, block.size(), bits, data);
  }
  out.append(data.bytes().data(), data.size());
}

Result<PackedNumbers> PackedNumbers::open(std::span<const std::byte> bytes, std::uint32_t count) {
  if (bytes.size() < blocks_of(count) * kEntry) return damaged_segment("a column is cut short");
  PackedNumbers numbers;
  numbers.bytes_ = bytes;
  numbers.count_ = count;
  return numbers;
}

PackedNumbers::Block PackedNumbers::block(std::uint32_t number) const {
  const std::byte* at = bytes_.data() + std::size_t{number} * kEntry;
  Block block;
  std::uint32_t offset = 0;
  std::memcpy(&block.base, at, sizeof block.base);
  std::memcpy(&offset, at + 8, sizeof offset);
  block.step = static_cast<std::uint8_t>(at[12]);
  block.bits = static_cast<std::uint8_t>(at[13]);
  block.count = std::min(kBlock, count_ - number * kBlock);
  const std::uint64_t begin = blocks_of(count_) * kEntry + offset;
  const bool is_known = block.bits <= kPackedBitsMax || block.bits == kWhole;
  if (is_known && begin <= bytes_.size() &&
      size_of(block.count, block.bits) <= bytes_.size() - begin) {
    block.packed = bytes_.data() + begin;
  } else {
    block.bits = 0;  // Damaged: numbers as if nothing were packed.
    block.packed = bytes_.data();
  }
  return block;
}

std::uint64_t PackedNumbers::operator[](std::uint32_t at) const {
  DASSERT(at < count_);
  const Block from = block(at / kBlock);
  const std::uint32_t i = at % kBlock;
  std::uint64_t rest = 0;
  if (from.bits == kWhole) {
    std::memcpy(&rest, from.packed + i * sizeof rest, sizeof rest);
  } else {
    rest = unpack_one(from.packed, from.count, from.bits, i);
  }
  return from.base + std::uint64_t{i} * from.step + rest;
}

std::uint32_t PackedNumbers::read_block(
    std::uint32_t number, std::array<std::uint64_t, kPackedBlockCount>& values) const {
  const Block from = block(number);
  if (from.bits == kWhole) {
    std::memcpy(values.data(), from.packed, from.count * sizeof(std::uint64_t));
  } else {
    std::array<std::uint32_t, kPackedBlockCount> narrow;
    unpack(from.packed, from.count, from.bits, narrow.data());
    std::copy_n(narrow.begin(), from.count, values.begin());
  }
  for (std::uint32_t i = 0; i < from.count; ++i) {
    values[i] += from.base + std::uint64_t{i} * from.step;
  }
  return from.count;
}

std::optional<std::uint32_t> PackedNumbers::find(std::uint64_t value) const {
  std::uint32_t low = 0, high = count_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if ((*this)[middle] < value) low = middle + 1;
    else high = middle;
  }
  if (low == count_ || (*this)[low] != value) return std::nullopt;
  return low;
}

}  // namespace saerok
