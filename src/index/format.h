/// The container of every segment file: a header, sections aligned to 64 bytes with a CRC32C each,
/// one of every 4 KiB of all that, and a footer with the section table. Knows no section's content:
/// that is its reader's business. docs/formats.md describes it byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "index/block_checks.h"
#include "saerok/result.h"

namespace saerok {

/// What a container holds, as its first and last 8 bytes.
constexpr std::string_view kLexicalMagic = "SAEROKLX";
constexpr std::string_view kVectorMagic = "SAEROKVC";

/// Rises when an older reader could misread a newer file.
constexpr std::uint32_t kSegmentFormatVersion = 5;

constexpr std::size_t kSectionAlignment = 64;
constexpr std::uint32_t kSectionCountMax = 64;

/// A section's number in the table; the lexical and the vector segment each have their own.
enum class SectionKind : std::uint32_t {};

/// Written by the container itself, the last: the checksums of all blocks before it. A file of a
/// version below 5 has none.
constexpr SectionKind kBlockChecksumsSection{255};

/// Writes a container front to back. Sections are written one after the other.
class SegmentFileWriter {
 public:
  explicit SegmentFileWriter(std::string_view magic);

  /// Begins a section, ending the one before. What is put into out() from here on belongs to it.
  void begin(SectionKind kind);
  ByteWriter& out() { return out_; }
  /// Bytes of the current section so far.
  std::uint64_t section_size() const { return out_.size() - section_begin_; }
  /// Ends the last section; the whole file. The writer is empty afterwards.
  std::vector<std::byte> finish();

 private:
  struct Entry {
    SectionKind kind;
    std::uint64_t offset;
    std::uint64_t size;
  };
  void end();
  void put_block_checksums();

  std::string_view magic_;
  ByteWriter out_;
  std::vector<Entry> entries_;
  std::uint64_t section_begin_ = 0;
  bool in_section_ = false;
};

/// Finds sections in the bytes of a container. Views the bytes, which must outlive it.
class SegmentFileReader {
 public:
  /// Checks magic, version, sizes, and the checksum over header and table; sections are only
  /// checked to lie inside the file. Errors: corrupt; failed_precondition for a newer version.
  static Result<SegmentFileReader> open(std::span<const std::byte> bytes, std::string_view magic);

  /// The format's version of the file.
  std::uint32_t version() const { return version_; }

  /// The section's bytes. At least 8 readable bytes follow them. Errors: corrupt if there is none.
  Result<std::span<const std::byte>> section(SectionKind kind) const;

  /// The section as `count` values of T. Errors: corrupt if it is missing or of another size.
  template <class T>
  Result<std::span<const T>> array(SectionKind kind, std::uint64_t count) const {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::span<const std::byte> bytes = TRY(section(kind));
    if (bytes.size() % sizeof(T) != 0 || bytes.size() / sizeof(T) != count) {
      return wrong_size(kind);
    }
    return std::span<const T>(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
  }

  /// Compares a section's bytes with its checksum. Errors: corrupt.
  Status verify(SectionKind kind) const;
  Status verify_all() const;

  /// Compares the bytes around `part`, which is of a section, with their checksums unless that was
  /// done before: its block, or all of the section in a file that has none of blocks. Safe from
  /// several threads.
  void look_at(std::span<const std::byte> part) const;
  template <class T>
  void look_at(std::span<const T> part) const {
    look_at(std::as_bytes(part));
  }
  /// Nothing that was looked at was damaged. Errors: corrupt. Cheap.
  Status check_looked_at() const;

 private:
  struct Entry {
    SectionKind kind{};
    std::uint32_t crc = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  static Error wrong_size(SectionKind kind);
  std::optional<Entry> find(SectionKind kind) const;
  Status verify_entry(const Entry& entry) const;
  Status open_blocks();
  void look_at_section_of(std::span<const std::byte> part) const;

  /// Of an entry of a file without checksums of blocks.
  enum Look : std::uint8_t { unknown, sound, damaged };

  std::span<const std::byte> bytes_;
  std::vector<Entry> entries_;
  std::uint32_t version_ = 0;
  std::unique_ptr<BlockChecks> blocks_;
  std::unique_ptr<std::atomic<Look>[]> sections_looked_at_;  // Parallel to entries_.
};

/// The Error for bytes of a segment that cannot be right; `what` completes "… is damaged: ".
Error damaged_segment(std::string_view what);

}  // namespace saerok
