/// Small numbers packed into as many bits as the largest of them needs. Knows nothing of postings.
///
/// A full block of 128 is laid out in four lanes (value i is in lane i % 4), so that one 128-bit
/// operation unpacks four values on any processor; a shorter run is packed one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace saerok {

constexpr std::size_t kPackedBlockCount = 128;
constexpr unsigned kPackedBitsMax = 32;
/// unpack() may read this many bytes behind the packed ones, and ignores them.
constexpr std::size_t kUnpackSlack = 8;

/// Bits that the largest of `values` needs; 0 if all are 0.
unsigned bits_needed(std::span<const std::uint32_t> values);

/// Bytes that `count` values of `bits` take.
constexpr std::size_t packed_size(std::size_t count, unsigned bits) {
  return (count * bits + 7) / 8;
}

/// Appends packed_size() bytes. Requires at most 128 values, each below 2^bits.
void pack(std::span<const std::uint32_t> values, unsigned bits, ByteWriter& out);

/// Reads packed_size() bytes at `in` (and may touch kUnpackSlack more) into `count` values.
/// Requires count <= 128 and bits <= 32. Any bytes are safe: garbage in, numbers out.
void unpack(const std::byte* in, std::size_t count, unsigned bits, std::uint32_t* out);

/// The value that unpack() would put at `at`. Requires at < count <= 128 and bits <= 32.
std::uint32_t unpack_one(const std::byte* in, std::size_t count, unsigned bits, std::size_t at);

/// From gaps to numbers: values[i] becomes `first` and the values up to it, and i. Returns the
/// last, without overflow. Requires count from 1 to 128, and values of at most `bits` bits; where
/// 128 of them do not fit 32 bits, numbers beyond that are cut off.
std::uint64_t add_up(std::uint32_t* values, std::size_t count, unsigned bits, std::uint32_t first);

}  // namespace saerok
