/// Walking over valid UTF-8 and the few questions about code points that reading and cutting text
/// needs, inline because they run on every byte. Not normalisation and not categories: those are
/// base/unicode.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace saerok::chars {

struct CodePoint {
  char32_t value = 0;
  std::uint32_t size = 1;  ///< Bytes.
};

/// The code point at `at`. Requires at < text.size(). On text that is not valid UTF-8 it moves
/// on by one byte and never reads past the end.
inline CodePoint code_point_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1};
  const std::uint32_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (size == 1 || at + size > text.size()) return {0xFFFD, 1};
  char32_t value = lead & (0x7Fu >> size);
  for (std::uint32_t i = 1; i < size; ++i) value = (value << 6) | (byte(at + i) & 0x3Fu);
  return {value, size};
}

/// Begin of the code point that ends at `end`. Requires end > 0.
inline std::size_t code_point_before(std::string_view text, std::size_t end) {
  std::size_t at = end - 1;
  while (at > 0 && end - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

inline bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline bool is_ascii_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
inline bool is_ascii_punctuation(char c) {
  return c > ' ' && c < 0x7F && !is_ascii_digit(c) && !is_ascii_letter(c);
}

inline bool is_hangul(char32_t c) {
  return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x1100 && c <= 0x11FF) ||
         (c >= 0x3130 && c <= 0x318F);
}
/// Ideographs and kana: scripts written without blanks.
inline bool is_unspaced_script(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x3FFFF);
}
/// Unicode's White_Space.
inline bool is_space(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}
/// Punctuation of ASCII, the general punctuation blocks and full-width forms; letters and digits of
/// every script, symbols and emoji are not.
inline bool is_punctuation(char32_t c) {
  if (c < 0x80) return is_ascii_punctuation(static_cast<char>(c));
  return (c >= 0xA1 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) ||
         (c >= 0x2010 && c <= 0x205E) || (c >= 0x3001 && c <= 0x3003) ||
         (c >= 0x3008 && c <= 0x3011) || (c >= 0x3014 && c <= 0x301F) ||
         (c >= 0xFE10 && c <= 0xFE6B) || (c >= 0xFF01 && c <= 0xFF0F) ||
         (c >= 0xFF1A && c <= 0xFF20) || (c >= 0xFF3B && c <= 0xFF40) ||
         (c >= 0xFF5B && c <= 0xFF65) || c == 0x30FB;
}

/// The span without the white space at both of its ends; the whole of it may go.
struct TrimmedText {
  std::size_t begin;
  std::size_t end;
};
inline TrimmedText trimmed(std::string_view text, std::size_t begin, std::size_t end) {
  while (begin < end) {
    const CodePoint c = code_point_at(text, begin);
    if (!is_space(c.value)) break;
    begin += c.size;
  }
  while (end > begin) {
    const std::size_t last = code_point_before(text, end);
    if (!is_space(code_point_at(text, last).value)) break;
    end = last;
  }
  return {begin, end};
}
inline std::string_view trim(std::string_view text) {
  const TrimmedText kept = trimmed(text, 0, text.size());
  return text.substr(kept.begin, kept.end - kept.begin);
}

}  // namespace saerok::chars
