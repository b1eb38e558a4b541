#include "storage/page_checksums.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"
#include "storage/wal_sums.h"

namespace saerok {
namespace {

// In the database's header, which begins page 1.
constexpr std::size_t kReadVersionAt = 19;
constexpr std::size_t kFreeBytesAt = 20;
constexpr std::size_t kHeaderSize = 100;
constexpr std::byte kReadVersionWal{2};

constexpr std::size_t kContentSize = kDatabasePageSize - kPageChecksumSize;

/// With the number, so that a page written to the place of another is noticed too.
std::uint64_t checksum_of(std::span<const std::byte> page, std::uint64_t number) {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;
  return hash64(as_text(page.first(kContentSize))) + number * kSpread;
}

bool says_sealed(std::byte free_bytes) {
  return std::to_integer<std::size_t>(free_bytes) == kPageChecksumSize;
}

Error damaged_file(const std::string& path, std::uint64_t number) {
  return {ErrorCode::corrupt, path + " is damaged: page " + std::to_string(number) +
                                  " fails its checksum; " + std::string(kDamagedTruthCure)};
}

}  // namespace

void seal_page(std::span<std::byte> page, std::uint64_t number) {
  const std::uint64_t checksum = checksum_of(page, number);
  std::memcpy(page.data() + kContentSize, &checksum, sizeof checksum);
}

bool is_page_sealed(std::span<const std::byte> page, std::uint64_t number) {
  std::uint64_t stored = 0;
  std::memcpy(&stored, page.data() + kContentSize, sizeof stored);
  return stored == checksum_of(page, number);
}

bool has_page_checksums(Env& env, const std::string& path) {
  const auto file = env.open(path, FileAccess::read);
  std::array<std::byte, kHeaderSize> header{};
  if (!file) return false;
  const auto read = (*file)->read_at(header, 0);
  return read && *read == header.size() && says_sealed(header[kFreeBytesAt]);
}

Error CheckedPages::damaged(std::uint64_t number) const { return damaged_file(path_, number); }

/// Asked again while it is not so: another process may be giving the database its checksums. Where
/// the header in the file says that there are some, every page that SQLite reads from the file, and
/// not from the WAL, has one: a page gets there by a checkpoint only, and page 1 before the others.
Result<bool> CheckedPages::are_kept(const File& file) {
  if (are_kept_) return true;
  std::byte free_bytes{};
  const std::size_t read = TRY(file.read_at(std::span(&free_bytes, 1), kFreeBytesAt));
  are_kept_ = read == 1 && says_sealed(free_bytes);
  return are_kept_;
}

Status CheckedPages::check_first(std::span<const std::byte> page, bool is_wal_open) {
  // A first look, without any lock that matters, only to see that there is a WAL. It may have a
  // better page 1, and a writer that was killed may have left half of one here.
  if (!is_wal_open && page[kReadVersionAt] == kReadVersionWal) return {};
  if (is_page_sealed(page, 1)) {
    are_kept_ = true;
    return {};
  }
  if (says_sealed(page[kFreeBytesAt])) return damaged(1);
  // Without checksums, or just the byte that says so is wrong.
  std::vector<std::byte> as_if(page.begin(), page.end());
  as_if[kFreeBytesAt] = static_cast<std::byte>(kPageChecksumSize);
  if (is_page_sealed(as_if, 1)) return damaged(1);
  return {};
}

Status CheckedPages::check(const File& file, std::span<const std::byte> bytes, std::uint64_t offset,
                           bool is_wal_open) {
  if (bytes.size() == kDatabasePageSize && offset % kDatabasePageSize == 0) {
    const std::uint64_t number = offset / kDatabasePageSize + 1;
    if (number == 1) return check_first(bytes, is_wal_open);
    if (!TRY(are_kept(file)) || is_page_sealed(bytes, number)) return {};
    return damaged(number);
  }
  // The header alone decides nothing that a look at all of page 1 would not decide again.
  if (bytes.size() <= kHeaderSize || !TRY(are_kept(file))) return {};
  return damaged(1);  // Where the size of pages stands.
}

Result<std::span<const std::byte>> CheckedPages::seal(const File& file,
                                                      std::span<const std::byte> bytes,
                                                      std::uint64_t offset) {
  if (bytes.size() != kDatabasePageSize || offset % kDatabasePageSize != 0) return bytes;
  const std::uint64_t number = offset / kDatabasePageSize + 1;
  if (number == 1) are_kept_ = says_sealed(bytes[kFreeBytesAt]);
  if (!TRY(are_kept(file))) return bytes;
  sealed_.assign(bytes.begin(), bytes.end());
  seal_page(sealed_, number);
  return std::span<const std::byte>(sealed_);
}

Status CheckedWal::check(const File& file, std::span<const std::byte> bytes,
                         std::uint64_t offset) const {
  constexpr std::uint64_t kFrameSize = kWalFrameHeaderSize + kDatabasePageSize;
  constexpr std::uint64_t kFirstPage = kWalHeaderSize + kWalFrameHeaderSize;
  if (bytes.size() != kDatabasePageSize || offset < kFirstPage ||
      (offset - kFirstPage) % kFrameSize != 0 || offset >= unsure_from_) {
    return {};
  }
  const std::uint64_t frame = offset - kWalFrameHeaderSize;
  std::array<std::byte, kWalFrameHeaderSize> header{};
  TRY(file.read_at(header, frame));
  // Each frame's sum goes on from that of the one before it, the first one's from the header's.
  std::array<std::byte, kWalSumSize> before{};
  const bool is_first = frame == kWalHeaderSize;
  TRY(file.read_at(before, is_first ? kWalHeaderSize - kWalSumSize
                                    : frame - kFrameSize + kWalFrameHeaderSize - kWalSumSize));
  if (is_wal_frame_whole(before, header, bytes)) return {};
  return damaged_file(path_, wal_frame_page(header));
}

void CheckedWal::note_write(std::size_t size, std::uint64_t offset) {
  if (offset == 0) end_ = 0;
  const bool is_page = size > kWalFrameHeaderSize;
  if (is_page && offset < end_) unsure_from_ = std::min(unsure_from_, offset);
  end_ = std::max(end_, offset + size);
}

}  // namespace saerok
