#include "text/korean_rules.h"

namespace saerok {
namespace {

using namespace korean_rules;

// Calls `visit` for every word of a list.
template <class Visitor>
constexpr void for_each_word(std::u32string_view list, Visitor&& visit) {
  while (!list.empty()) {
    const std::size_t space = list.find(U' ');
    visit(list.substr(0, space));
    if (space == std::u32string_view::npos) return;
    list.remove_prefix(space + 1);
  }
}

constexpr std::size_t kJoinedMax = KoreanRules::kSuffixSyllablesMax;

// Two words behind each other, without allocating: std::u32string cannot leave the compiler.
struct Joined {
  std::array<char32_t, kJoinedMax> text{};
  std::size_t size = 0;
  constexpr void append(std::u32string_view part) {
    for (const char32_t c : part) text[size++] = c;
  }
  constexpr std::u32string_view view() const { return {text.data(), size}; }
};

}  // namespace

constexpr KoreanRules::Table KoreanRules::build() {
  Table table;
  const auto add = [&table](std::u32string_view suffix, std::uint32_t list, Before before) {
    Key key = tag(list);
    for (std::size_t i = 0; i < suffix.size(); ++i) {
      std::uint8_t& code = table.codes[suffix[suffix.size() - 1 - i] - kFirstSyllable];
      if (code == 0) code = static_cast<std::uint8_t>(++table.code_count);
      key |= static_cast<Key>(code) << (8 * i);
    }
    std::size_t slot = slot_of(key);
    while (table.slots[slot] != 0 && (table.slots[slot] & kKeyMask) != key) {
      slot = (slot + 1) % kSlots;
    }
    if (table.slots[slot] == 0) {
      ++table.count;
      table.occupied[slot / 64] |= std::uint64_t{1} << slot % 64;
      table.slots[slot] = key | static_cast<Key>(before) << kBeforeShift;
    } else if (before_of(table.slots[slot]) != before) {
      table.slots[slot] = key;  // In two lists: fits wherever either does, near enough.
    }
  };
  const auto add_list = [&](std::u32string_view words, std::uint32_t list, Before before) {
    for_each_word(words, [&](std::u32string_view word) { add(word, list, before); });
  };
  const auto add_stacked = [&](std::u32string_view firsts, std::u32string_view seconds,
                               Before before) {
    for_each_word(firsts, [&](std::u32string_view first) {
      for_each_word(seconds, [&](std::u32string_view second) {
        // The second particle's form depends on the first one's last sound.
        const std::uint32_t final = final_of(first.back());
        const bool wants_consonant = second == U"은" || second == U"이" || second == U"을" ||
                                     second == U"과" || second.starts_with(U"이");
        const bool wants_vowel = second == U"는" || second == U"가" || second == U"를" ||
                                 second == U"와" || second == U"나";
        if ((wants_consonant && final == 0) || (wants_vowel && final != 0)) return;
        Joined joined;
        joined.append(first);
        joined.append(second);
        add(joined.view(), kParticles, before);
      });
    });
  };
  add_list(kFree, kParticles, Before::anything);
  add_list(kAfterConsonant, kParticles, Before::consonant);
  add_list(kAfterVowel, kParticles, Before::vowel);
  add_list(kAfterVowelOrRieul, kParticles, Before::vowel_or_rieul);
  add_list(kAfterOtherConsonant, kParticles, Before::consonant_not_rieul);
  add_stacked(kStackable, kStacked, Before::anything);
  add_stacked(kAfterVowelOrRieul, kStackedOnRo, Before::vowel_or_rieul);
  add_stacked(kAfterOtherConsonant, kStackedOnRo, Before::consonant_not_rieul);
  add_list(kEndings, kEndingList, Before::anything);
  constexpr std::u32string_view kTailLists[] = {kBaseTails,      kInfinitiveTails, kPastTails,
                                                kAdnominalTails, kFutureTails,     kNominalTails,
                                                kFormalTails};
  for (std::uint32_t form = 0; form < std::size(kTailLists); ++form) {
    add_list(kTailLists[form], kTails + form, Before::anything);
  }
  return table;
}

constexpr KoreanRules::Table KoreanRules::kTable = KoreanRules::build();

std::uint64_t korean_rules_hash() {
  static_assert(KoreanRules::kTable.count < KoreanRules::kSlots / 2);
  static_assert(KoreanRules::kTable.code_count < 256);
  std::uint64_t hash = 0;
  for (const KoreanRules::Key slot : KoreanRules::kTable.slots) {
    hash = (hash ^ slot) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace saerok
