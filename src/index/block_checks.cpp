#include "index/block_checks.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/hash.h"

namespace saerok {

BlockChecks::BlockChecks(std::span<const std::byte> bytes, std::span<const std::uint32_t> checksums)
    : bytes_(bytes),
      checksums_(checksums),
      compared_(std::make_unique<std::atomic<std::uint64_t>[]>(checksums.size() / kWordBits + 1)) {
  ASSERT(checksums.size() == count_of(bytes.size()));
}

void BlockChecks::compare(std::size_t word, std::uint64_t blocks) const {
  for (std::uint64_t left = blocks; left != 0; left &= left - 1) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(left));
    const std::size_t block = word * kWordBits + bit;
    const std::size_t begin = block * kCheckedBlock;
    const auto part = bytes_.subspan(begin, std::min(kCheckedBlock, bytes_.size() - begin));
    if (crc32c(part) != checksums_[block]) damaged_at_.store(begin);
  }
  // After what was found: who sees the bit set must see the damage too.
  compared_[word].fetch_or(blocks);
}

}  // namespace saerok
