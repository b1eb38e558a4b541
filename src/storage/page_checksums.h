/// Checksums of the pages of an SQLite database: each page that SQLite writes gets one into the
/// bytes that it leaves free at the page's end, and is held against it when it is read. Pages in
/// the WAL have SQLite's own sums, which it looks at only when it recovers; a reader here looks
/// each time.
///
/// Only for databases that were made so (their header says 8 free bytes a page): what an earlier
/// saerok made is read as it is. Whoever writes such a database through another VFS breaks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"

namespace saerok {

/// Of every database of a store.
inline constexpr std::size_t kDatabasePageSize = 8'192;
/// What SQLite is told to leave free at the end of each page.
inline constexpr std::size_t kPageChecksumSize = 8;

/// What to do where the truth cannot be read any more.
inline constexpr std::string_view kDamagedTruthCure =
    "restore the store from a backup, or move truth.db and its -wal and -shm files aside and run "
    "`saerok index` on your folders again: vectors are kept in emb.db, only labels and "
    "conversations "
    "are nowhere else";

/// Puts the checksum of page `number` (from 1) into its last bytes. Requires kDatabasePageSize
/// bytes.
void seal_page(std::span<std::byte> page, std::uint64_t number);
bool is_page_sealed(std::span<const std::byte> page, std::uint64_t number);

/// Whether the database at `path` has checksums. False also where it cannot be read.
bool has_page_checksums(Env& env, const std::string& path);

/// What one connection reads from and writes to a database file. Not thread-safe.
class CheckedPages {
 public:
  explicit CheckedPages(std::string path) : path_(std::move(path)) {}

  /// Looks at what SQLite has read. `is_wal_open`: the connection knows which pages the WAL has in
  /// place of the file's. Errors: corrupt, which names the page; those of the file.
  Status check(const File& file, std::span<const std::byte> bytes, std::uint64_t offset,
               bool is_wal_open);

  /// The bytes to write in place of `bytes`; valid until the next call.
  Result<std::span<const std::byte>> seal(const File& file, std::span<const std::byte> bytes,
                                          std::uint64_t offset);

 private:
  Status check_first(std::span<const std::byte> page, bool is_wal_open);
  Result<bool> are_kept(const File& file);
  Error damaged(std::uint64_t number) const;

  std::string path_;
  bool are_kept_ = false;
  std::vector<std::byte> sealed_;
};

/// What one connection reads from a WAL. Not thread-safe.
class CheckedWal {
 public:
  explicit CheckedWal(std::string path) : path_(std::move(path)) {}

  /// Looks at a page that SQLite has read. Errors: corrupt; those of the file.
  Status check(const File& file, std::span<const std::byte> bytes, std::uint64_t offset) const;

  /// In a transaction that outgrows the cache SQLite writes a frame anew, whose sum and those
  /// behind it are wrong until it has written them too, before the sync that ends the transaction.
  void note_write(std::size_t size, std::uint64_t offset);
  void note_sync() { unsure_from_ = kNowhere; }

 private:
  static constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

  std::string path_;
  std::uint64_t end_ = 0;  ///< Of what was written since the WAL began anew.
  std::uint64_t unsure_from_ = kNowhere;
};

}  // namespace saerok
