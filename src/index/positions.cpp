#include "index/positions.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.h"

namespace saerok {
namespace {

constexpr std::uint32_t kBlock = kPackedBlockCount;
constexpr std::size_t kDirectoryEntry = 5;  // u32 offset of the block's data, u8 bits.

std::uint64_t blocks_of(std::uint64_t count) { return (count + kBlock - 1) / kBlock; }

/// The first position of a chunk as it is, each other less the one before.
std::vector<std::uint32_t> steps_of(std::span<const std::uint32_t> frequencies,
                                    std::span<const std::uint32_t> positions) {
  std::vector<std::uint32_t> steps;
  steps.reserve(positions.size());
  std::size_t at = 0;
  for (const std::uint32_t frequency : frequencies) {
    std::uint32_t before = 0;
    for (std::uint32_t i = 0; i < frequency; ++i, ++at) {
      DASSERT(i == 0 || positions[at] >= before);
      steps.push_back(positions[at] - before);
      before = positions[at];
    }
  }
  ASSERT(at == positions.size());
  return steps;
}

}  // namespace

void write_positions(std::span<const std::uint32_t> frequencies,
                     std::span<const std::uint32_t> positions, ByteWriter& out) {
  const std::vector<std::uint32_t> steps = steps_of(frequencies, positions);
  ASSERT(steps.size() <= std::numeric_limits<std::uint32_t>::max());
  std::uint32_t occurrences = 0;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    if (i > 0 && i % kPostingBlock == 0) out.put(occurrences);
    occurrences += frequencies[i];
  }
  out.put(occurrences);
  const bool is_short = blocks_of(steps.size()) == 1;
  ByteWriter data;
  for (std::size_t begin = 0; begin < steps.size(); begin += kBlock) {
    const auto block =
        std::span(steps).subspan(begin, std::min<std::size_t>(kBlock, steps.size() - begin));
    const auto bits = static_cast<std::uint8_t>(bits_needed(block));
    if (!is_short) out.put(static_cast<std::uint32_t>(data.size()));
    out.put(bits);
    pack(block, bits, is_short ? out : data);
  }
  out.append(data.bytes().data(), data.size());
}

std::uint64_t extent_of_positions(const PositionList& list, std::uint64_t known) {
  const std::uint64_t head = blocks_of(list.posting_count) * sizeof(std::uint32_t);
  if (known < head) return head;
  const std::uint64_t size = list.bytes.size();
  if (head == 0 || list.location > size || known > size - list.location) return known;
  const std::byte* const at = list.bytes.data() + list.location;
  std::uint32_t total = 0;
  std::memcpy(&total, at + head - sizeof total, sizeof total);
  const std::uint64_t blocks = blocks_of(total);
  const std::uint64_t table = head + (blocks == 1 ? 1 : blocks * kDirectoryEntry);
  if (known < table || blocks == 0) return blocks == 0 ? known : table;
  const std::uint64_t last = blocks - 1;
  std::uint32_t offset = 0;
  if (last > 0) std::memcpy(&offset, at + head + last * kDirectoryEntry, sizeof offset);
  const auto bits = std::to_integer<unsigned>(at[table - 1]);
  return table + offset + packed_size(static_cast<std::size_t>(total - last * kBlock), bits);
}

PositionReader::PositionReader(const PositionList& list) : list_(list) {
  posting_blocks_ = static_cast<std::uint32_t>(blocks_of(list.posting_count));
  if (posting_blocks_ == 0) return;
  const std::uint64_t head = std::uint64_t{posting_blocks_} * sizeof(std::uint32_t);
  if (list.location > list.bytes.size() || head > list.bytes.size() - list.location) return;
  std::uint32_t total = 0;
  std::memcpy(&total, list.bytes.data() + list.location + head - sizeof total, sizeof total);
  directory_ = list.location + head;
  const std::uint64_t blocks = blocks_of(total);
  data_ = directory_ + (blocks == 1 ? 1 : blocks * kDirectoryEntry);
  if (data_ <= list.bytes.size()) total_ = total;
}

std::uint32_t PositionReader::occurrences_before(std::uint32_t posting_block) const {
  if (posting_block == 0) return 0;
  std::uint32_t before = 0;
  std::memcpy(&before, list_.bytes.data() + list_.location + (posting_block - 1) * sizeof before,
              sizeof before);
  return before;
}

bool PositionReader::decode(std::uint32_t block) {
  if (block == decoded_) return true;
  const std::uint64_t blocks = blocks_of(total_);
  const std::byte* at = list_.bytes.data() + directory_;
  std::uint32_t offset = 0;
  if (blocks > 1) {
    at += block * kDirectoryEntry;
    std::memcpy(&offset, at, sizeof offset);
    at += sizeof offset;
  }
  const auto bits = static_cast<std::uint8_t>(at[0]);
  const auto count = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(kBlock, total_ - std::uint64_t{block} * kBlock));
  const std::uint64_t begin = data_ + offset;
  if (bits > kPackedBitsMax || begin > list_.bytes.size() ||
      packed_size(count, bits) > list_.bytes.size() - begin) {
    return false;
  }
  unpack(list_.bytes.data() + begin, count, bits, values_.data());
  decoded_ = block;
  return true;
}

void PositionReader::read(PostingCursor& cursor, std::vector<std::uint32_t>& positions) {
  positions.clear();
  if (list_.posting_count == 1 && cursor.frequency() == 1) {
    positions.push_back(static_cast<std::uint32_t>(list_.location));
    return;
  }
  if (total_ == 0 || cursor.block() >= posting_blocks_) return;
  const std::uint64_t first =
      std::uint64_t{occurrences_before(cursor.block())} + cursor.occurrences_before_in_block();
  const std::uint64_t end = std::min(total_, first + std::min(cursor.frequency(), kPositionsMax));
  std::uint32_t position = 0;
  for (std::uint64_t i = first; i < end; ++i) {
    if (!decode(static_cast<std::uint32_t>(i / kBlock))) return;
    position += values_[i % kBlock];
    positions.push_back(position);
  }
}

}  // namespace saerok
