/// The sums in an SQLite WAL: of its header and of its frames.
///
/// SQLite's own reading of a WAL that no writer has open goes round in circles over a header that
/// is torn or has no frame behind it (it compares the salts of a header that it did not read):
/// sqlite_vfs.cpp shows it an empty file instead, which is what such a WAL means. The sums of
/// frames SQLite compares when it recovers a WAL, not when it reads a page from one:
/// page_checksums.h does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace saerok {

inline constexpr std::size_t kWalHeaderSize = 32;       ///< Its last 8 bytes are a sum.
inline constexpr std::size_t kWalFrameHeaderSize = 24;  ///< As are those of a frame's header.
inline constexpr std::size_t kWalSumSize = 8;

enum class WalWords : bool { little_endian, big_endian };

inline std::uint32_t wal_word(std::span<const std::byte> bytes, std::size_t index, WalWords order) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return order == WalWords::big_endian ? __builtin_bswap32(value) : value;
}

struct WalSum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  friend bool operator==(const WalSum&, const WalSum&) = default;
};

/// As it is stored, always big-endian.
inline WalSum stored_wal_sum(std::span<const std::byte> bytes) {
  return {wal_word(bytes, 0, WalWords::big_endian), wal_word(bytes, 1, WalWords::big_endian)};
}

/// Goes on from `sum`. Source: "Checksum Algorithm" in SQLite's file format description.
inline WalSum add_to_wal_sum(WalSum sum, std::span<const std::byte> bytes, WalWords order) {
  for (std::size_t i = 0; i + 1 < bytes.size() / 4; i += 2) {
    sum.first += wal_word(bytes, i, order) + sum.second;
    sum.second += wal_word(bytes, i + 1, order) + sum.first;
  }
  return sum;
}

/// Source: "WAL Format" in the same.
inline bool is_wal_header_whole(std::span<const std::byte, kWalHeaderSize> header) {
  constexpr std::uint32_t kMagic = 0x377f0682;  // The last bit: sums are of big-endian words.
  const std::uint32_t magic = wal_word(header, 0, WalWords::big_endian);
  if ((magic & ~1u) != kMagic) return false;
  const auto order = static_cast<WalWords>((magic & 1u) != 0);
  const auto summed = header.first<kWalHeaderSize - kWalSumSize>();
  return add_to_wal_sum({}, summed, order) == stored_wal_sum(header.last<kWalSumSize>());
}

/// Which page of the database a frame holds.
inline std::uint32_t wal_frame_page(std::span<const std::byte, kWalFrameHeaderSize> header) {
  return wal_word(header, 0, WalWords::big_endian);
}

/// Whether a frame is what was written; `before` is the sum of what stands before it. Which order
/// the words are in says the header of the WAL, which is not worth another look: either will do.
inline bool is_wal_frame_whole(std::span<const std::byte, kWalSumSize> before,
                               std::span<const std::byte, kWalFrameHeaderSize> header,
                               std::span<const std::byte> page) {
  const WalSum stored = stored_wal_sum(header.last<kWalSumSize>());
  for (const WalWords order : {WalWords::little_endian, WalWords::big_endian}) {
    const WalSum head = add_to_wal_sum(stored_wal_sum(before), header.first<8>(), order);
    if (add_to_wal_sum(head, page, order) == stored) return true;
  }
  return false;
}

}  // namespace saerok
