/// Checksums of a segment file's bytes, block by block, compared when a block is first looked at:
/// what an answer rests on has been checked in this process, at the cost of reading it once more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace saerok {

/// A page of memory: looking at one touches no other.
constexpr std::size_t kCheckedBlock = 4'096;

/// Views its bytes. Safe from several threads.
class BlockChecks {
 public:
  /// `checksums` has the CRC32C of each block of `bytes`, of which the last may be shorter.
  BlockChecks(std::span<const std::byte> bytes, std::span<const std::uint32_t> checksums);

  static std::size_t count_of(std::size_t size) {
    return (size + kCheckedBlock - 1) / kCheckedBlock;
  }

  /// Compares the blocks that hold `part`, if they were not compared before. Requires that it lies
  /// inside. What does not match stays in damaged_at().
  void look_at(std::span<const std::byte> part) const {
    if (part.empty()) return;
    const auto begin = static_cast<std::size_t>(part.data() - bytes_.data());
    const std::size_t first = begin / kCheckedBlock;
    const std::size_t last = (begin + part.size() - 1) / kCheckedBlock;
    for (std::size_t word = first / kWordBits; word <= last / kWordBits; ++word) {
      std::uint64_t wanted = ~std::uint64_t{0};
      if (word == first / kWordBits) wanted &= ~std::uint64_t{0} << first % kWordBits;
      if (word == last / kWordBits)
        wanted &= ~std::uint64_t{0} >> (kWordBits - 1 - last % kWordBits);
      const std::uint64_t unknown = wanted & ~compared_[word].load(std::memory_order_acquire);
      if (unknown != 0) compare(word, unknown);
    }
  }

  /// Where in the bytes a block begins that was looked at and is not what was written.
  std::optional<std::uint64_t> damaged_at() const {
    const std::uint64_t at = damaged_at_.load(std::memory_order_acquire);
    return at == kNowhere ? std::nullopt : std::optional(at);
  }

 private:
  static constexpr std::size_t kWordBits = 64;
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

  void compare(std::size_t word, std::uint64_t blocks) const;

  std::span<const std::byte> bytes_;
  std::span<const std::uint32_t> checksums_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> compared_;  // A bit a block.
  mutable std::atomic<std::uint64_t> damaged_at_ = kNowhere;
};

}  // namespace saerok
