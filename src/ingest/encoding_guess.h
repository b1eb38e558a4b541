/// What the bytes of a text file look like, by rules that hold for short notes too.
///
/// Each function answers one question about them; decode.cpp asks them in order. What this is not:
/// the statistics of other encodings (charset.h), or the conversion (decode.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace saerok {

/// Bytes at the beginning of a file that say whether it is UTF-16.
constexpr std::size_t kSniffBytesMax = 64 * 1024;

struct Utf8Census {
  std::uint64_t valid = 0;    ///< Sequences of more than one byte.
  std::uint64_t invalid = 0;  ///< Bytes that are in no sequence.
};
Utf8Census take_census(std::string_view bytes);

/// Control characters that no text has.
std::uint64_t count_controls(std::string_view bytes);

/// Whether 16-bit units read this way are what people write: ASCII, Hangul, kana, ideographs,
/// Latin.
bool is_plausible_utf16(std::string_view bytes, bool is_big_endian);

/// Whether the bytes above ASCII pair up as CP949 and are mostly Hangul of KS X 1001. The detector
/// needs more text than a short note has; Chinese in GB2312 spreads over twice as many lead bytes.
bool is_plausible_cp949(std::string_view bytes);

}  // namespace saerok
