/// What a half-typed word can grow into, for completing it while the user types. Hangul is typed by
/// letters, so the last syllable on the screen is often not yet the one meant: 검새 is on the way
/// to 검색, 각 on the way to 가구. The answers are ranges of bytes, which a sorted list of terms
/// finds by two binary searches each. What this is not: the list of terms, or a rank among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saerok {

/// The terms t with first <= t < last, compared by bytes. `last` need not be UTF-8.
struct TermRange {
  std::string first;
  std::string last;

  bool operator==(const TermRange&) const = default;
};

/// Where every term lies that typing may still make of `prefix` (NFC UTF-8), and no other term made
/// of syllables: those that begin with `prefix`, and, on a two-set keyboard,
/// - a last syllable without a final takes any, and ㅗ ㅜ ㅡ become ㅘ ㅙ ㅚ, ㅝ ㅞ ㅟ, ㅢ;
/// - a single final becomes one of two letters (갑, 값), and the final, or its second letter,
/// becomes
///   the next syllable's initial (각, 가구; 값, 갑시다);
/// - a consonant alone begins a syllable (검ㅅ, 검색), after joining another if it can (ㄱ, ㄳ).
/// Other scripts give the one range of what begins with `prefix`; the empty prefix, of all terms;
/// what is not UTF-8, none.
///
/// Ascending, disjoint, not adjacent: at most 3 ranges. Takes time linear in the prefix.
std::vector<TermRange> ranges_of_prefix(std::string_view prefix);

/// Whether `text` is a word by its initials, as ㄱㅅ for 검색: consonants alone (ㄱ to ㅎ), at
/// least two. One like ㄳ counts as the two that an input method made it of, so it is one by
/// itself.
bool is_initials(std::string_view text);

/// Whether the first syllables of `term` (NFC UTF-8) have these initials; more may follow. A
/// character that is no syllable matches none. False if `initials` is not is_initials().
bool matches_initials(std::string_view term, std::string_view initials);

/// Where the terms lie whose first syllable has the first of `initials`: what matches_initials()
/// need look at. Empty if `initials` is not is_initials().
TermRange range_of_initials(std::string_view initials);

}  // namespace saerok
