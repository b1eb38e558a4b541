/// A column of numbers of which neighbours are close, or rise one by one: ids, and what chunks
/// belong to. Packed in blocks of 128; any number is read alone. Knows nothing of what the numbers
/// mean.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "index/bit_packing.h"
#include "saerok/result.h"

namespace saerok {

/// Views its bytes. Immutable, safe from several threads. Any bytes are safe: damaged ones give
/// wrong numbers.
class PackedNumbers {
 public:
  PackedNumbers() = default;

  /// Appends what open() reads.
  static void write(std::span<const std::uint64_t> values, ByteWriter& out);

  /// `count` numbers in `bytes`, which have kUnpackSlack readable bytes behind them. Errors:
  /// corrupt if there is no room for so many.
  static Result<PackedNumbers> open(std::span<const std::byte> bytes, std::uint32_t count);

  std::uint32_t size() const { return count_; }
  /// Requires at < size().
  std::uint64_t operator[](std::uint32_t at) const;
  /// Where `value` is, in a column that ascends.
  std::optional<std::uint32_t> find(std::uint64_t value) const;

  /// Calls visit(at, value) for all, in order, and faster than one by one.
  template <class Visit>
  void visit(const Visit& visit) const {
    std::array<std::uint64_t, kPackedBlockCount> values;
    for (std::uint32_t begin = 0; begin < count_; begin += kPackedBlockCount) {
      const std::uint32_t count = read_block(begin / kPackedBlockCount, values);
      for (std::uint32_t i = 0; i < count; ++i) visit(begin + i, values[i]);
    }
  }

 private:
  struct Block {
    std::uint64_t base = 0;  // Number i is base + i * step and what is packed.
    std::uint8_t step = 0;
    std::uint8_t bits = 0;
    std::uint32_t count = 0;
    const std::byte* packed = nullptr;
  };
  Block block(std::uint32_t number) const;
  std::uint32_t read_block(std::uint32_t number,
                           std::array<std::uint64_t, kPackedBlockCount>& values) const;

  std::span<const std::byte> bytes_;
  std::uint32_t count_ = 0;
};

}  // namespace saerok
