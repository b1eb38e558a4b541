/// Whether the header of an SQLite WAL is whole. SQLite's own reading of a WAL that no writer has
/// open goes round in circles over a header that is torn or has no frame behind it (it compares
/// the salts of a header that it did not read): sqlite_vfs.cpp shows it an empty file instead,
/// which is what such a WAL means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace saerok {

inline constexpr std::size_t kWalHeaderSize = 32;

/// Source: "WAL Format" in SQLite's file format description.
inline bool is_wal_header_whole(std::span<const std::byte, kWalHeaderSize> header) {
  const auto word = [&](std::size_t index, bool is_big_endian) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t at = index * 4 + (is_big_endian ? i : 3 - i);
      value = (value << 8) | static_cast<std::uint32_t>(header[at]);
    }
    return value;
  };
  constexpr std::uint32_t kMagic = 0x377f0682;  // The last bit: checksums are of big-endian words.
  if ((word(0, true) & ~1u) != kMagic) return false;
  const bool sums_big_endian = (word(0, true) & 1u) != 0;
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  for (std::size_t i = 0; i < 6; i += 2) {
    first += word(i, sums_big_endian) + second;
    second += word(i + 1, sums_big_endian) + first;
  }
  return first == word(6, true) && second == word(7, true);
}

}  // namespace saerok
