#include "ingest/encoding_guess.h"

#include "base/byte_lanes.h"
#include "base/code_points.h"
#include "base/utf8.h"

namespace saerok {

using namespace chars;

Utf8Census take_census(std::string_view bytes) {
  Utf8Census census;
  for (std::size_t at = 0; at < bytes.size();) {
    const DecodedChar c = decode_utf8(bytes, at);
    if (!c.is_valid) ++census.invalid;
    if (c.is_valid && c.size > 1) ++census.valid;
    at += c.is_valid ? c.size : 1;
  }
  return census;
}

std::uint64_t count_controls(std::string_view bytes) {
  std::uint64_t controls = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kByteLanes) {
    const std::string_view some = bytes.substr(at, kByteLanes);
    if (some.size() == kByteLanes && !any(between(load_bytes(some.data()), 0, 0x1F))) continue;
    for (const char c : some) {
      const auto byte = static_cast<unsigned char>(c);
      const bool is_control = byte < 0x20 && !(byte >= 0x09 && byte <= 0x0D) && byte != 0x1B;
      controls += is_control ? 1 : 0;
    }
  }
  return controls;
}

bool is_plausible_utf16(std::string_view bytes, bool is_big_endian) {
  const std::string_view shown = bytes.substr(0, kSniffBytesMax);
  std::size_t plausible = 0;
  std::size_t units = 0;
  for (std::size_t at = 0; at + 1 < shown.size(); at += 2, ++units) {
    const auto first = static_cast<unsigned char>(shown[at]);
    const auto second = static_cast<unsigned char>(shown[at + 1]);
    const char32_t value = is_big_endian ? static_cast<char32_t>(first << 8 | second)
                                         : static_cast<char32_t>(second << 8 | first);
    const bool is_text = (value >= 0x20 && value < 0x250 && value != 0x7F) || value == '\n' ||
                         value == '\r' || value == '\t' || is_hangul(value) ||
                         is_unspaced_script(value) || (value >= 0x2010 && value <= 0x205E) ||
                         (value >= 0x3000 && value <= 0x303F);
    plausible += is_text ? 1 : 0;
  }
  return bytes.size() % 2 == 0 && units > 0 && plausible * 100 >= units * 97;
}

bool is_plausible_cp949(std::string_view bytes) {
  std::size_t hangul = 0;
  std::size_t pairs = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    if (lead < 0x80) continue;
    if (at + 1 == bytes.size()) break;
    const auto trail = static_cast<unsigned char>(bytes[++at]);
    if (lead < 0x81 || lead > 0xFE || trail < 0x41 || trail == 0x80 || trail == 0xFF) return false;
    ++pairs;
    hangul += lead >= 0xB0 && lead <= 0xC8 && trail >= 0xA1 ? 1 : 0;
  }
  return pairs > 0 && hangul * 10 >= pairs * 8;
}

}  // namespace saerok
