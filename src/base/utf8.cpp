#include "base/utf8.h"

namespace saerok {
namespace {

std::uint32_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The bounds of the second byte shut out overlong forms, surrogates and values above U+10FFFF.
bool is_second_byte(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return second >= 0x80 && second <= 0xBF;
  }
}

}  // namespace

DecodedChar decode_utf8_checked(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t offset) {
    return static_cast<unsigned char>(text[position + offset]);
  };
  const unsigned char lead = byte(0);
  const std::uint32_t length = sequence_length(lead);
  if (length == 0) return {kReplacementCharacter, 1, false};
  if (length == 1) return {lead, 1, true};
  char32_t code_point = lead & (0x7Fu >> length);
  for (std::uint32_t i = 1; i < length; ++i) {
    if (position + i >= text.size()) return {kReplacementCharacter, i, false};
    const unsigned char next = byte(i);
    const bool fits = i == 1 ? is_second_byte(lead, next) : (next & 0xC0) == 0x80;
    if (!fits) return {kReplacementCharacter, i, false};
    code_point = code_point << 6 | (next & 0x3Fu);
  }
  return {code_point, length, true};
}

void append_utf8(std::string& text, char32_t code_point) {
  char bytes[kUtf8BytesMax];
  text.append(bytes, encode_utf8(code_point, bytes));
}

bool is_valid_utf8(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    const DecodedChar c = decode_utf8(text, position);
    if (!c.is_valid) return false;
    position += c.size;
  }
  return true;
}

ReplacedText replace_invalid_utf8(std::string_view text) {
  ReplacedText result;
  result.text.reserve(text.size());
  std::size_t done = 0;
  std::size_t position = 0;
  while (position < text.size()) {
    const DecodedChar c = decode_utf8(text, position);
    position += c.size;
    if (c.is_valid) continue;
    result.text.append(text, done, position - c.size - done);
    append_utf8(result.text, kReplacementCharacter);
    ++result.replaced;
    done = position;
  }
  result.text.append(text, done);
  return result;
}

}  // namespace saerok
