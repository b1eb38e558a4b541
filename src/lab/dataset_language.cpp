#include "lab/dataset_language.h"

#include <cstdint>

#include "base/unicode.h"

namespace saerok::lab {

std::string_view language_of(std::string_view text) {
  std::uint64_t hangul = 0;
  std::uint64_t latin = 0;
  std::uint64_t other = 0;
  for (std::size_t at = 0; at < text.size();) {
    const DecodedChar c = decode_utf8(text, at);
    at += c.size;
    if (c.code_point < 0x80) {
      if (is_ascii_letter(c.code_point)) ++latin;
      continue;
    }
    switch (class_of(c.code_point)) {
      case CharClass::hangul: hangul += 2; break;
      case CharClass::jamo: ++hangul; break;
      case CharClass::letter: ++(c.code_point < 0x250 ? latin : other); break;
      case CharClass::han:
      case CharClass::kana: ++other; break;
      default: break;
    }
  }
  if (hangul + latin == 0 || other > hangul + latin) return "other";
  const std::uint64_t percent = hangul * 100 / (hangul + latin);
  return percent >= 70 ? "ko" : percent <= 10 ? "en" : "mixed";
}

}  // namespace saerok::lab
