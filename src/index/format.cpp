#include "index/format.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "base/hash.h"

namespace saerok {
namespace {

constexpr std::size_t kHeaderSize = 64;
constexpr std::size_t kEntrySize = 24;
// u64 table offset, u32 section count, u32 checksum, u64 file size, 8 bytes of magic.
constexpr std::size_t kTrailerSize = 32;
constexpr std::size_t kMagicSize = 8;

/// Over the header, the table and the trailer's numbers: all that open() believes.
std::uint32_t structure_checksum(std::span<const std::byte> header,
                                 std::span<const std::byte> table, std::uint64_t table_offset,
                                 std::uint32_t section_count, std::uint64_t file_size) {
  ByteWriter numbers;
  numbers.put(table_offset);
  numbers.put(section_count);
  numbers.put(file_size);
  return crc32c(numbers.bytes(), crc32c(table, crc32c(header)));
}

std::string number_of(SectionKind kind) { return std::to_string(static_cast<std::uint32_t>(kind)); }

}  // namespace

Error damaged_segment(std::string_view what) {
  return Error{ErrorCode::corrupt, "the segment file is damaged: " + std::string(what)};
}

SegmentFileWriter::SegmentFileWriter(std::string_view magic) : magic_(magic) {
  ASSERT(magic.size() == kMagicSize);
  out_.append(magic.data(), magic.size());
  out_.put(kSegmentFormatVersion);
  out_.align(kHeaderSize);
}

void SegmentFileWriter::begin(SectionKind kind) {
  end();
  for (const Entry& entry : entries_) ASSERT(entry.kind != kind);
  out_.align(kSectionAlignment);
  section_begin_ = out_.size();
  entries_.push_back({kind, section_begin_, 0});
  in_section_ = true;
}

void SegmentFileWriter::end() {
  if (in_section_) entries_.back().size = section_size();
  in_section_ = false;
}

void SegmentFileWriter::put_block_checksums() {
  out_.align(kSectionAlignment);
  std::vector<std::uint32_t> checksums;
  const std::span<const std::byte> all = out_.bytes();
  for (std::size_t at = 0; at < all.size(); at += kCheckedBlock) {
    checksums.push_back(crc32c(all.subspan(at, std::min(kCheckedBlock, all.size() - at))));
  }
  begin(kBlockChecksumsSection);
  out_.append(checksums.data(), checksums.size() * sizeof(std::uint32_t));
  end();
}

std::vector<std::byte> SegmentFileWriter::finish() {
  end();
  put_block_checksums();
  ASSERT(entries_.size() <= kSectionCountMax);
  out_.align(kSectionAlignment);
  const std::uint64_t table_offset = out_.size();
  const auto section_count = static_cast<std::uint32_t>(entries_.size());
  for (const Entry& entry : entries_) {
    const std::span<const std::byte> file = out_.bytes();
    const std::uint32_t crc = crc32c(file.subspan(entry.offset, entry.size));
    out_.put(static_cast<std::uint32_t>(entry.kind));
    out_.put(crc);
    out_.put(entry.offset);
    out_.put(entry.size);
  }
  const std::uint64_t file_size = out_.size() + kTrailerSize;
  const std::span<const std::byte> file = out_.bytes();
  const std::uint32_t crc = structure_checksum(file.first(kHeaderSize), file.subspan(table_offset),
                                               table_offset, section_count, file_size);
  out_.put(table_offset);
  out_.put(section_count);
  out_.put(crc);
  out_.put(file_size);
  out_.append(magic_.data(), magic_.size());
  entries_.clear();
  return out_.take();
}

Result<SegmentFileReader> SegmentFileReader::open(std::span<const std::byte> bytes,
                                                  std::string_view magic) {
  ASSERT(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0);
  if (bytes.size() < kHeaderSize + kTrailerSize) return damaged_segment("it is cut short");
  if (as_text(bytes.first(kMagicSize)) != magic) {
    return damaged_segment("it does not begin as a segment of this kind does");
  }
  std::uint32_t version = 0;
  std::memcpy(&version, bytes.data() + kMagicSize, sizeof version);
  if (version > kSegmentFormatVersion) {
    return Error{ErrorCode::failed_precondition,
                 "the segment file has format version " + std::to_string(version) +
                     ", this program reads up to version " + std::to_string(kSegmentFormatVersion) +
                     "; use a newer saerok, or run `saerok index --rebuild`"};
  }
  ByteReader trailer(bytes.last(kTrailerSize));
  const auto table_offset = trailer.get<std::uint64_t>();
  const auto section_count = trailer.get<std::uint32_t>();
  const auto crc = trailer.get<std::uint32_t>();
  const auto file_size = trailer.get<std::uint64_t>();
  if (file_size != bytes.size() || as_text(trailer.get_bytes(kMagicSize)) != magic) {
    return damaged_segment("its end is missing");
  }
  const std::uint64_t table_end = bytes.size() - kTrailerSize;
  if (section_count > kSectionCountMax || table_offset < kHeaderSize || table_offset > table_end ||
      table_end - table_offset != section_count * kEntrySize) {
    return damaged_segment("its section table is not where it should be");
  }
  const auto table = bytes.subspan(table_offset, section_count * kEntrySize);
  if (crc !=
      structure_checksum(bytes.first(kHeaderSize), table, table_offset, section_count, file_size)) {
    return damaged_segment("its section table fails its checksum");
  }
  SegmentFileReader reader;
  reader.bytes_ = bytes;
  reader.version_ = version;
  ByteReader entries(table);
  for (std::uint32_t i = 0; i < section_count; ++i) {
    Entry entry;
    entry.kind = static_cast<SectionKind>(entries.get<std::uint32_t>());
    entry.crc = entries.get<std::uint32_t>();
    entry.offset = entries.get<std::uint64_t>();
    entry.size = entries.get<std::uint64_t>();
    if (entry.offset % kSectionAlignment != 0 || entry.offset > table_offset ||
        entry.size > table_offset - entry.offset) {
      return damaged_segment("section " + number_of(entry.kind) + " lies outside of it");
    }
    reader.entries_.push_back(entry);
  }
  TRY(reader.open_blocks());
  return reader;
}

Status SegmentFileReader::open_blocks() {
  const std::optional<Entry> entry = find(kBlockChecksumsSection);
  if (!entry) {
    sections_looked_at_ = std::make_unique<std::atomic<Look>[]>(entries_.size());
    return {};
  }
  const std::size_t count = BlockChecks::count_of(entry->offset);
  const auto checksums = TRY(array<std::uint32_t>(kBlockChecksumsSection, count));
  blocks_ = std::make_unique<BlockChecks>(bytes_.first(entry->offset), checksums);
  return {};
}

Error SegmentFileReader::wrong_size(SectionKind kind) {
  return damaged_segment("section " + number_of(kind) + " has the wrong size");
}

std::optional<SegmentFileReader::Entry> SegmentFileReader::find(SectionKind kind) const {
  for (const Entry& entry : entries_) {
    if (entry.kind == kind) return entry;
  }
  return std::nullopt;
}

Result<std::span<const std::byte>> SegmentFileReader::section(SectionKind kind) const {
  const std::optional<Entry> entry = find(kind);
  if (!entry) return damaged_segment("section " + number_of(kind) + " is missing");
  return bytes_.subspan(entry->offset, entry->size);
}

Status SegmentFileReader::verify_entry(const Entry& entry) const {
  if (crc32c(bytes_.subspan(entry.offset, entry.size)) != entry.crc) {
    return damaged_segment("section " + number_of(entry.kind) + " fails its checksum");
  }
  return {};
}

Status SegmentFileReader::verify(SectionKind kind) const {
  const std::optional<Entry> entry = find(kind);
  if (!entry) return damaged_segment("section " + number_of(kind) + " is missing");
  return verify_entry(*entry);
}

void SegmentFileReader::look_at(std::span<const std::byte> part) const {
  if (part.empty()) return;
  if (blocks_) blocks_->look_at(part);
  else look_at_section_of(part);
}

void SegmentFileReader::look_at_section_of(std::span<const std::byte> part) const {
  const auto at = static_cast<std::uint64_t>(part.data() - bytes_.data());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (at < entry.offset || at >= entry.offset + entry.size) continue;
    std::atomic<Look>& look = sections_looked_at_[i];
    if (look == Look::unknown) look = verify_entry(entry) ? Look::sound : Look::damaged;
    return;
  }
}

Status SegmentFileReader::check_looked_at() const {
  if (blocks_) {
    const std::optional<std::uint64_t> at = blocks_->damaged_at();
    if (!at) return {};
    return damaged_segment("its bytes from " + std::to_string(*at) + " on fail their checksum");
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (sections_looked_at_[i] != Look::damaged) continue;
    return damaged_segment("section " + number_of(entries_[i].kind) + " fails its checksum");
  }
  return {};
}

Status SegmentFileReader::verify_all() const {
  for (const Entry& entry : entries_) TRY(verify_entry(entry));
  return {};
}

}  // namespace saerok
