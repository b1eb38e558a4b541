#include "models/charsmap.h"

#include <cstring>

#include "base/bytes.h"

namespace saerok {
namespace {

// A unit is a node: its byte in bits 0 to 7, whether a replacement ends here in bit 8, and from bit
// 10 the number that leads to its children, shifted by another 8 if bit 9 is set. Or it is the
// place of a replacement: that and bit 31.
constexpr std::uint32_t kValueBit = 1u << 31;
/// Of no unit's byte and of no value, so that nothing follows.
constexpr std::uint32_t kNoUnit = 0;

std::uint32_t to_children(std::uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }
bool ends_replaced(std::uint32_t unit) { return (unit >> 8 & 1u) != 0; }

}  // namespace

Result<Charsmap> Charsmap::open(std::span<const std::byte> table) {
  const auto broken = [](std::string_view what) {
    return Error{ErrorCode::failed_precondition,
                 "its table for normalising text is broken: " + std::string(what)};
  };
  ByteReader reader(table);
  const auto size = reader.get<std::uint32_t>();
  Charsmap map;
  map.units_ = reader.get_bytes(size);
  if (reader.failed() || size % sizeof(std::uint32_t) != 0) return broken("it is cut");
  map.replacements_ = as_text(table.subspan(reader.position()));
  if (map.replacements_.empty() || map.replacements_.back() != '\0') {
    return broken("its replacements do not end");
  }
  return map;
}

std::uint32_t Charsmap::unit(std::uint32_t index) const {
  if (index >= units_.size() / sizeof(std::uint32_t)) return kNoUnit;
  std::uint32_t unit = 0;
  std::memcpy(&unit, units_.data() + std::size_t{index} * sizeof unit, sizeof unit);
  return unit;
}

Charsmap::Match Charsmap::match(std::string_view text) const {
  Match best;
  std::uint32_t node = to_children(unit(0));
  for (std::size_t i = 0; i < text.size() && text[i] != '\0'; ++i) {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    node ^= byte;
    const std::uint32_t here = unit(node);
    if ((here & (kValueBit | 0xffu)) != byte) break;
    node ^= to_children(here);
    if (!ends_replaced(here)) continue;
    const std::uint32_t value = unit(node);
    const std::size_t place = value & ~kValueBit;
    if ((value & kValueBit) == 0 || place >= replacements_.size()) break;
    const std::string_view rest = replacements_.substr(place);
    best = {i + 1, rest.substr(0, rest.find('\0'))};
  }
  return best;
}

}  // namespace saerok
