/// Bytes of a text file → UTF-8 in NFC with '\n' line ends, and where each of its bytes came from.
///
/// What this is not: reading the disk (source.h), decompression (compress.h), what the text means
/// (extract.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"

namespace saerok {

/// From text byte `text` on, until the next anchor, text byte `text + n` came from raw `source +
/// n`.
struct OffsetAnchor {
  std::uint64_t text = 0;
  std::uint64_t source = 0;
  bool operator==(const OffsetAnchor&) const = default;
};

/// Decoded text. Views the bytes it was made of where they are usable as they stand, so it must not
/// outlive them.
class DecodedText {
 public:
  std::string_view text() const { return owned_ ? std::string_view(storage_) : view_; }
  /// Sorted by text; the first at text 0. Neither offset ever decreases.
  const std::vector<OffsetAnchor>& anchors() const { return anchors_; }
  std::uint64_t source_size() const { return source_size_; }
  /// "UTF-8", "UTF-16LE", "UTF-16BE", "CP949" or the detector's name.
  const std::string& encoding() const { return encoding_; }
  /// Byte sequences that stood for no character and became U+FFFD.
  std::uint64_t invalid_count() const { return invalid_count_; }
  /// false: too many anchors were needed, so places are exact to the line only.
  bool is_exact() const { return exact_; }

 private:
  friend class Decoding;
  std::string storage_;
  std::string_view view_;
  bool owned_ = false;
  std::vector<OffsetAnchor> anchors_{{0, 0}};
  std::uint64_t source_size_ = 0;
  std::string encoding_ = "UTF-8";
  std::uint64_t invalid_count_ = 0;
  bool exact_ = true;
};

/// Decodes by byte order mark, else as UTF-8 where that is what the bytes nearly all are, else as
/// UTF-16 where every other byte says so, else by detection (uchardet).
/// Errors: invalid_argument (looks like a binary file), corrupt (no encoding fits).
/// Cost: one pass and no copy for valid UTF-8 in NFC with '\n'.
Result<DecodedText> decode_text(std::string_view bytes);

}  // namespace saerok
