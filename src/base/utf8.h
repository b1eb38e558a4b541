/// UTF-8 → code points and back, and what becomes of bytes that are no character.
///
/// Bytes that may be anything are read here; code_points.h walks over text that is known to be
/// valid. What this is not: normalisation, folding, and kinds of characters (unicode.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace saerok {

constexpr char32_t kReplacementCharacter = 0xFFFD;

/// One character of a UTF-8 text. Where the bytes are no character, `code_point` is U+FFFD and
/// `size` covers the bytes that a decoder replaces by one U+FFFD (the maximal subpart of the
/// Unicode standard, 3.9), so that reading goes on at the next possible character.
struct DecodedChar {
  char32_t code_point;
  std::uint32_t size;
  bool is_valid;
};

/// The general case of decode_utf8, out of line.
DecodedChar decode_utf8_checked(std::string_view text, std::size_t position);

/// The character at `position`. Requires position < text.size().
inline DecodedChar decode_utf8(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t offset) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[position + offset]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  // U+1000 to U+D7FF: Hangul, Han and kana. From there on surrogates need a closer look.
  if (lead >= 0xE1 && lead <= 0xED && position + 2 < text.size() && (byte(1) & 0xC0) == 0x80 &&
      (byte(2) & 0xC0) == 0x80 && (lead != 0xED || byte(1) < 0xA0)) {
    return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3, true};
  }
  return decode_utf8_checked(text, position);
}

constexpr std::size_t kUtf8BytesMax = 4;

/// Writes `code_point` at `out`, which has room for kUtf8BytesMax bytes; returns the size.
/// Requires a scalar value (no surrogate, at most U+10FFFF).
inline std::size_t encode_utf8(char32_t code_point, char* out) {
  const auto put = [out](std::size_t index, std::uint32_t value) {
    out[index] = static_cast<char>(static_cast<unsigned char>(value));
  };
  if (code_point < 0x80) {
    put(0, code_point);
    return 1;
  }
  if (code_point < 0x800) {
    put(0, 0xC0 | code_point >> 6);
    put(1, 0x80 | (code_point & 0x3F));
    return 2;
  }
  if (code_point < 0x10000) {
    put(0, 0xE0 | code_point >> 12);
    put(1, 0x80 | (code_point >> 6 & 0x3F));
    put(2, 0x80 | (code_point & 0x3F));
    return 3;
  }
  put(0, 0xF0 | code_point >> 18);
  put(1, 0x80 | (code_point >> 12 & 0x3F));
  put(2, 0x80 | (code_point >> 6 & 0x3F));
  put(3, 0x80 | (code_point & 0x3F));
  return 4;
}
void append_utf8(std::string& text, char32_t code_point);

bool is_valid_utf8(std::string_view text);

struct ReplacedText {
  std::string text;
  std::uint64_t replaced = 0;  ///< How many U+FFFD were put in.
};
/// `text` with U+FFFD wherever bytes are no character. Valid text comes back unchanged.
ReplacedText replace_invalid_utf8(std::string_view text);

}  // namespace saerok
