#include "text/spelling.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "text/hangul_letters.h"

namespace saerok {
namespace {

constexpr std::size_t kUnitsMin = 4;        // Without Hangul, the shortest word to repair.
constexpr std::size_t kUnitsMinHangul = 5;  // With Hangul.
constexpr std::size_t kUnitsOneError = 8;   // The longest word that one error is looked for in.
constexpr std::size_t kCellsOnStack = 64;

// Cells of one row: the diagonal, `limit` to either side of it, and a border that is never reached.
constexpr std::size_t row_size(std::size_t limit) { return 2 * limit + 3; }

// The distance by three rows of the usual table, of which only cells within `limit` of the diagonal
// can be small enough. Cell k of row i is column i + k - limit - 1. Requires the lengths to differ
// by at most `limit`, and 3 * row_size(limit) cells.
std::uint32_t distance_in_band(std::u32string_view a, std::u32string_view b, std::size_t limit,
                               std::span<std::uint32_t> cells) {
  const std::size_t width = row_size(limit);
  const auto above_limit = static_cast<std::uint32_t>(limit + 1);
  std::span<std::uint32_t> second_last = cells.first(width);
  std::span<std::uint32_t> last = cells.subspan(width, width);
  std::span<std::uint32_t> row = cells.subspan(2 * width, width);
  std::ranges::fill(cells, above_limit);
  for (std::size_t j = 0; j <= std::min(limit, b.size()); ++j) {
    last[j + limit + 1] = static_cast<std::uint32_t>(j);
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::ranges::fill(row, above_limit);
    std::uint32_t row_min = above_limit;
    const std::size_t begin = i > limit ? i - limit : 0;
    const std::size_t end = std::min(i + limit, b.size());
    for (std::size_t j = begin; j <= end; ++j) {
      const std::size_t k = j + limit + 1 - i;
      std::uint32_t cost = last[k + 1] + 1;
      if (j > 0) {
        cost = std::min({cost, row[k - 1] + 1, last[k] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      }
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost = std::min(cost, second_last[k] + 1);
      }
      row[k] = std::min(cost, above_limit);
      row_min = std::min(row_min, row[k]);
    }
    if (row_min == above_limit) return above_limit;
    std::swap(second_last, last);
    std::swap(last, row);
  }
  return last[b.size() + limit + 1 - a.size()];
}

bool is_repairable(char32_t unit) {
  switch (class_of(unit)) {
    case CharClass::letter:
    case CharClass::jamo:
    case CharClass::hangul:
    case CharClass::mark:
    case CharClass::punctuation: return true;
    default: return false;
  }
}

}  // namespace

std::u32string spelling_units(std::string_view text) {
  std::u32string units;
  units.reserve(text.size() * 5 / 3);  // 괎 is three bytes and five letters.
  for (std::size_t i = 0; i < text.size();) {
    const DecodedChar c = decode_utf8(text, i);
    if (is_hangul_syllable(c.code_point) || is_hangul_letter(c.code_point)) {
      visit_typed_letters(c.code_point, [&](char32_t letter) { units.push_back(letter); });
    } else {
      units.push_back(c.code_point);
    }
    i += c.size;
  }
  return units;
}

std::uint32_t spelling_distance(std::u32string_view a, std::u32string_view b, std::uint32_t limit) {
  const std::size_t longest = std::max(a.size(), b.size());
  if (longest - std::min(a.size(), b.size()) > limit) return limit + 1;
  // No distance is above the longer word's length.
  const std::size_t band = std::min<std::size_t>(limit, longest);
  const std::size_t cell_count = 3 * row_size(band);
  if (cell_count <= kCellsOnStack) {
    std::array<std::uint32_t, kCellsOnStack> cells;
    return distance_in_band(a, b, band, std::span(cells).first(cell_count));
  }
  std::vector<std::uint32_t> cells(cell_count);
  return distance_in_band(a, b, band, cells);
}

std::uint32_t distance_allowed(std::u32string_view units) {
  const bool has_hangul = std::ranges::any_of(units, is_hangul_letter);
  if (units.size() < (has_hangul ? kUnitsMinHangul : kUnitsMin)) return 0;
  if (!std::ranges::all_of(units, is_repairable)) return 0;
  return units.size() <= kUnitsOneError ? 1 : 2;
}

std::uint64_t letter_bag(std::u32string_view units) {
  // One bit says that a unit occurs, another that it occurs again, which lets a third of the words
  // through that the first alone does. Jamo are 51 code points in a row and Latin letters 26, so
  // that neither share bits among themselves. Of all rotations 32 let the fewest English words
  // through, and nearly the fewest Korean ones.
  constexpr int kAgain = 32;
  std::uint64_t once = 0;
  std::uint64_t again = 0;
  for (const char32_t unit : units) {
    const std::uint64_t bit = std::uint64_t{1} << unit % 64;
    again |= once & bit;
    once |= bit;
  }
  return once | std::rotl(again, kAgain);
}

}  // namespace saerok
