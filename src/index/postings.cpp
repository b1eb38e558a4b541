#include "index/postings.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.h"

namespace saerok {
namespace {

// A list of one block has no last chunk and no offset: most lists are that short, and the eight
// bytes were a tenth of the index.
constexpr std::size_t kShortEntry = 4;
constexpr std::size_t kEntry = 12;

std::uint32_t block_count_of(std::uint32_t count) {
  constexpr auto kBlock = static_cast<std::uint32_t>(kPostingBlock);
  return count / kBlock + (count % kBlock != 0 ? 1 : 0);
}

struct EncodedBlock {
  std::uint32_t last_chunk = 0;
  std::uint8_t chunk_bits = 0;
  std::uint8_t frequency_bits = 0;
  std::uint8_t frequency_max = 0;  // 255 means 255 or more.
  std::uint8_t length_code_min = 255;
  std::array<std::uint32_t, kPostingBlock> gaps;
  std::array<std::uint32_t, kPostingBlock> repeats;
  std::uint32_t count = 0;

  std::size_t size() const {
    return packed_size(count, chunk_bits) + packed_size(count, frequency_bits);
  }
};

EncodedBlock encode_block(std::span<const std::uint32_t> chunks,
                          std::span<const std::uint32_t> frequencies,
                          std::span<const std::uint8_t> length_codes, std::uint32_t base) {
  EncodedBlock block;
  block.count = static_cast<std::uint32_t>(chunks.size());
  std::uint32_t frequency_max = 0;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    DASSERT(chunks[i] >= base && frequencies[i] >= 1);
    block.gaps[i] = chunks[i] - base;
    block.repeats[i] = frequencies[i] - 1;
    base = chunks[i] + 1;
    frequency_max = std::max(frequency_max, frequencies[i]);
    block.length_code_min = std::min(block.length_code_min, length_codes[chunks[i]]);
  }
  block.last_chunk = chunks.back();
  block.frequency_max = static_cast<std::uint8_t>(std::min<std::uint32_t>(frequency_max, 255));
  block.chunk_bits =
      static_cast<std::uint8_t>(bits_needed(std::span(block.gaps).first(block.count)));
  block.frequency_bits =
      static_cast<std::uint8_t>(bits_needed(std::span(block.repeats).first(block.count)));
  return block;
}

void put_bounds(const EncodedBlock& block, ByteWriter& out) {
  out.put(block.chunk_bits);
  out.put(block.frequency_bits);
  out.put(block.frequency_max);
  out.put(block.length_code_min);
}

void put_data(const EncodedBlock& block, ByteWriter& out) {
  pack(std::span(block.gaps).first(block.count), block.chunk_bits, out);
  pack(std::span(block.repeats).first(block.count), block.frequency_bits, out);
}

}  // namespace

std::size_t posting_table_size(std::uint32_t count) {
  const std::uint32_t blocks = block_count_of(count);
  return blocks > 1 ? blocks * kEntry : blocks * kShortEntry;
}

std::uint64_t extent_of_postings(const PostingList& list, std::uint64_t known) {
  if (list.count <= 1) return 0;
  const std::uint64_t table = posting_table_size(list.count);
  if (known < table) return table;
  const std::uint64_t size = list.bytes.size();
  if (known > table || list.location > size || table > size - list.location) return known;
  const std::uint32_t last = block_count_of(list.count) - 1;
  const std::byte* at = list.bytes.data() + list.location;
  std::uint32_t data_offset = 0;
  if (last > 0) {
    at += last * kEntry;
    std::memcpy(&data_offset, at + 4, sizeof data_offset);
    at += 8;
  }
  const std::uint32_t count = list.count - last * static_cast<std::uint32_t>(kPostingBlock);
  return table + data_offset + packed_size(count, std::to_integer<unsigned>(at[0])) +
         packed_size(count, std::to_integer<unsigned>(at[1]));
}

void write_postings(std::span<const std::uint32_t> chunks,
                    std::span<const std::uint32_t> frequencies,
                    std::span<const std::uint8_t> length_codes, ByteWriter& out) {
  ASSERT(chunks.size() == frequencies.size() && chunks.size() >= 2);
  const bool is_short = chunks.size() <= kPostingBlock;
  ByteWriter data;
  std::uint32_t base = 0;
  for (std::size_t begin = 0; begin < chunks.size(); begin += kPostingBlock) {
    const std::size_t count = std::min(kPostingBlock, chunks.size() - begin);
    const EncodedBlock block = encode_block(chunks.subspan(begin, count),
                                            frequencies.subspan(begin, count), length_codes, base);
    base = block.last_chunk + 1;
    if (!is_short) {
      ASSERT(data.size() <= std::numeric_limits<std::uint32_t>::max());
      out.put(block.last_chunk);
      out.put(static_cast<std::uint32_t>(data.size()));
    }
    put_bounds(block, out);
    if (is_short) return put_data(block, out);
    put_data(block, data);
  }
  out.append(data.bytes().data(), data.size());
}

PostingBlocks::PostingBlocks(const PostingList& list)
    : list_(list), block_count_(list.count == 1 ? 1 : block_count_of(list.count)) {
  if (list_.count > 1) {
    const std::size_t table_size = posting_table_size(list_.count);
    if (list_.location > list_.bytes.size() || table_size > list_.bytes.size() - list_.location) {
      block_count_ = 0;
    }
  }
  if (list_.chunk_count == 0) block_count_ = 0;
  if (block_count_ == 1) {
    only_last_chunk_ =
        list_.count == 1 ? static_cast<std::uint32_t>(list_.location) : list_.chunk_count - 1;
  }
}

PostingBlocks::Entry PostingBlocks::entry(std::uint32_t block) const {
  const std::byte* at = list_.bytes.data() + list_.location;
  Entry entry{};
  if (block_count_ == 1) {
    entry.last_chunk = only_last_chunk_;
  } else {
    at += block * kEntry;
    std::memcpy(&entry.last_chunk, at, sizeof entry.last_chunk);
    std::memcpy(&entry.data_offset, at + 4, sizeof entry.data_offset);
    at += 8;
  }
  entry.chunk_bits = static_cast<std::uint8_t>(at[0]);
  entry.frequency_bits = static_cast<std::uint8_t>(at[1]);
  entry.frequency_max = static_cast<std::uint8_t>(at[2]);
  entry.length_code_min = static_cast<std::uint8_t>(at[3]);
  return entry;
}

PostingBounds PostingBlocks::bounds(std::uint32_t block) const {
  if (list_.count == 1) return {static_cast<std::uint32_t>(list_.location >> 32), 0};
  const Entry at = entry(block);
  constexpr std::uint8_t kOrMore = 255;
  return {at.frequency_max == kOrMore ? UINT32_MAX : at.frequency_max, at.length_code_min};
}

std::uint32_t PostingBlocks::size_of(std::uint32_t block) const {
  const auto begin = block * static_cast<std::uint32_t>(kPostingBlock);
  return std::min(static_cast<std::uint32_t>(kPostingBlock), list_.count - begin);
}

void PostingBlocks::decode(std::uint32_t block, std::uint32_t least, DecodedBlock& out) const {
  out.clear();
  if (list_.count == 1) {
    out.chunks_[0] = static_cast<std::uint32_t>(list_.location);
    const auto frequency = static_cast<std::uint32_t>(list_.location >> 32);
    if (out.chunks_[0] < least || out.chunks_[0] >= list_.chunk_count || frequency == 0) return;
    out.repeats_[0] = frequency - 1;
    out.repeat_bits_ = frequency > 1 ? 1 : 0;
    out.are_repeats_read_ = true;
    out.set_count(1);
    return;
  }
  const Entry at = entry(block);
  const std::uint32_t base = first_chunk(block);
  if (at.chunk_bits > kPackedBitsMax || at.frequency_bits >= kPackedBitsMax || base < least ||
      base >= list_.chunk_count || at.last_chunk >= list_.chunk_count) {
    return;
  }
  const std::uint32_t count = size_of(block);
  const std::size_t chunks_size = packed_size(count, at.chunk_bits);
  const std::size_t size = chunks_size + packed_size(count, at.frequency_bits);
  const std::uint64_t begin = list_.location + posting_table_size(list_.count) + at.data_offset;
  if (begin > list_.bytes.size() || size > list_.bytes.size() - begin) return;
  const std::byte* data = list_.bytes.data() + begin;
  unpack(data, count, at.chunk_bits, out.chunks_.data());
  const std::uint64_t last = add_up(out.chunks_.data(), count, at.chunk_bits, base);
  if (block_count_ == 1 ? last > at.last_chunk : last != at.last_chunk) return;
  out.packed_repeats_ = data + chunks_size;
  out.repeat_bits_ = at.frequency_bits;
  out.are_repeats_read_ = false;
  out.set_count(count);
}

PostingCursor::PostingCursor(const PostingList& list, std::uint32_t block) : blocks_(list) {
  decode_from(std::min(block, blocks_.count()));
}

std::uint64_t PostingCursor::occurrences_before_in_block() {
  if (!decoded_.has_repeats()) return position_;
  const std::uint32_t* const repeats = decoded_.repeats();
  std::uint64_t sum = position_ - counted_;
  for (std::uint32_t i = counted_; i < position_; ++i) sum += repeats[i];
  counted_ = position_;
  return occurrences_ += sum;
}

void PostingCursor::decode_from(std::uint32_t block) {
  position_ = 0;
  counted_ = 0;
  occurrences_ = 0;
  for (block_ = block; block_ < blocks_.count(); ++block_) {
    blocks_.decode(block_, delivered_, decoded_);
    if (decoded_.empty()) continue;
    delivered_ = decoded_.last_chunk() + 1;
    return;
  }
  decoded_.clear();
}

void PostingCursor::skip_to(std::uint32_t first) {
  if (at_end()) return;
  if (decoded_.last_chunk() < first) {
    decode_from(blocks_.block_reaching(first, block_ + 1));
  }
  while (!at_end()) {
    position_ = decoded_.place_reaching(first, position_);
    if (position_ < decoded_.count()) return;
    next_block();
  }
}

}  // namespace saerok
