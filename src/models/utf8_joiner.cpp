#include "models/utf8_joiner.h"

#include <cstddef>

#include "base/unicode.h"

namespace saerok {
namespace {

/// Bytes of a character that begins so; 0: none does.
std::size_t length_of(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xc2 || byte > 0xf4) return 0;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

}  // namespace

std::string Utf8Joiner::feed(std::string_view piece) {
  pending_ += piece;
  const std::string_view text = pending_;
  std::string complete;
  std::size_t at = 0;
  while (at < text.size()) {
    const DecodedChar decoded = decode_utf8(text, at);
    const bool may_go_on = at + decoded.size == text.size() && decoded.size < length_of(text[at]);
    if (!decoded.is_valid && may_go_on) break;
    if (decoded.is_valid) {
      complete += text.substr(at, decoded.size);
    } else {
      append_utf8(complete, kReplacementCharacter);
    }
    at += decoded.size;
  }
  pending_.erase(0, at);
  return complete;
}

std::string Utf8Joiner::finish() {
  std::string rest;
  if (!pending_.empty()) append_utf8(rest, kReplacementCharacter);
  pending_.clear();
  return rest;
}

}  // namespace saerok
