/// The particles and endings that korean.cpp strips, as tables that the compiler builds. Our own
/// lists; nothing here but data and how it is looked up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/unicode.h"

namespace saerok {

/// What must come before a suffix: Korean picks many particles by the sound before them.
enum class Before : std::uint8_t {
  anything,
  consonant,
  vowel,
  vowel_or_rieul,       ///< 로 and its kin.
  consonant_not_rieul,  ///< 으로 and its kin.
};

constexpr std::uint32_t kFinalRieul = 8;

constexpr bool fits(Before before, std::uint32_t final) {
  switch (before) {
    case Before::anything: return true;
    case Before::consonant: return final != 0;
    case Before::vowel: return final == 0;
    case Before::vowel_or_rieul: return final == 0 || final == kFinalRieul;
    case Before::consonant_not_rieul: return final != 0 && final != kFinalRieul;
  }
  return false;
}

/// Forms of the verbs that turn a noun into one: 하다, 되다, 시키다.
enum class VerbForm : std::uint8_t { base, infinitive, past, adnominal, future, nominal, formal };

namespace korean_rules {

struct Suffix {
  std::u32string_view text;
  Before before;
};

// Words of each list are parted by one space.
inline constexpr std::u32string_view kFree =
    U"도 만 의 에 께 께서 뿐 뿐만 들 한테 한테서 부터 까지 마다 조차 마저 밖에 보다 처럼 만큼 "
    U"대로 끼리 쯤 씩 치고 하고 에서 에게 에게서 에서부터 에서까지 에까지 에서의 에서만 "
    U"인가 인가요 인지 인지를 인지에 인지도 인데 인데요 일까 일까요 입니다 입니까 입니다만 "
    U"이에요 이예요 예요 이죠 인가에 일지 일지라도 일수록 임을 임에도 인것 이다 이며 이고";
inline constexpr std::u32string_view kAfterConsonant =
    U"이 은 을 과 이나 이란 이라 이라고 이라는 이라면 이라도 이라서 이라며 이라고도 이라든지 "
    U"이자 이든 이든지 이야 이야말로 이여 이랑 은커녕 이다 이었다 이었던 이었고 이었으며 "
    U"이었는데 이었지만 이었습니다 이었나 이었나요 이었을까 이며 이고 이고도 이지 이지만 이지요 "
    U"이면 이면서 이므로 이니 이니까 이어서 이어야 이기도 이기에 이기는 이냐 이냐고 이네 이네요 "
    U"이나마 이다가 이라기 이라기보다 과의 과는 과도 과만 이십니다 이신 이신가요 이었음 아";
inline constexpr std::u32string_view kAfterVowel =
    U"가 는 를 와 나 란 라 라고 라는 라면 라도 라서 라며 라고도 라든지 든지 야말로 여 랑 "
    U"는커녕 였다 였던 였고 였으며 였는데 였지만 였습니다 였나 였나요 였을까 며 고 지만 죠 "
    U"면서 므로 니까 여서 여야 나마 다가 와의 와는 와도 와만 였음";
inline constexpr std::u32string_view kAfterVowelOrRieul = U"로 로서 로써 로부터";
inline constexpr std::u32string_view kAfterOtherConsonant = U"으로 으로서 으로써 으로부터";

// Particles that others stack on, and those others.
inline constexpr std::u32string_view kStackable =
    U"에 에서 에게 에게서 께서 한테 부터 까지 만 보다 처럼 만큼 마다 뿐 대로 들 끼리 에서부터";
inline constexpr std::u32string_view kStacked =
    U"는 은 도 만 의 이 가 을 를 나 라도 로 으로 이나 이라도 과 와 에 에서 에게 에는 에도 에게는 "
    U"이다 입니다 인가 인가요 인지 만이 만을 이며 이고 이라는 이라고";
inline constexpr std::u32string_view kStackedOnRo =
    U"는 도 만 의 까지 나 라도 부터 서는 서의 서도 써는";

// What may follow a light verb's form, empty included where it is said below.
inline constexpr std::u32string_view kBaseTails =
    U"다 고 며 면 는 던 지 기 게 자 나 니 려 라 여 어 든 네 냐 군 도록 려고 려는 려면 면서 거나 "
    U"지만 "
    U"니까 므로 세요 시오 십시오 여서 여야 여도 여요 였다 였고 였던 였으며 였는데 였지만 였습니다 "
    U"였을 였음 었다 었고 었던 었으며 었는데 었지만 었습니다 었을 었음 었나 었나요 었는지 였나 "
    U"였나요 였는지 어서 어야 어도 어요 는데 는데요 는지 는지를 는지에 는지도 는가 는가요 는가에 "
    U"나요 느냐 느냐에 라고 라는 자고 자는 고자 고는 고도 고서 고있는 고있다 고있습니다 지는 지도 "
    U"지를 지가 지않는 지않은 지않고 지않다 지않습니다 지못한 지못하는 기는 기도 기가 기를 기만 "
    U"기에 기로 기엔 기까지 기보다 기위해 기위한 기때문 기때문에 기위해서 게끔 게도 게된 게되는 "
    U"겠다 겠습니다 겠지만 겠는가 신 시는 시면 실 시고 셨다 셨습니다 십니까 더라도 더라 던가 다가 "
    U"다고 다는 다면 든지 지요 죠 군요 네요 구나 느라 자마자 려면은 면은 면서도 는것 는것은 는것이 "
    U"는데에 는지요 는바 여금 며는 고나서 기시작 기전 기전에";
inline constexpr std::u32string_view kInfinitiveTails =
    U"서 야 도 요 라 서는 서도 야만 야할 야하는 야한다 야합니다 야하는지 야하나요 야지 야죠 줘 "
    U"주는 "
    U"주세요 주고 준다 준 줄 줘요 줍니다 달라 달라고 왔다 왔던 왔고 왔습니다 온 오고 오는 져 져서 "
    U"졌다 졌고 졌던 졌습니다 진 진다 질 질까 지는 지고 지면 지기 지게 지며 지면서 집니다 지나요 "
    U"지는가 지는지 져야 버린 버렸다 보면 보자 보세요 본 볼 봐 내는 낸 낼 내고 내기 내며 냈다 낸다 "
    U"둔 두고 놓은 있는 있다 볼까 보았다 봤다 보니";
inline constexpr std::u32string_view kPastTails =
    U"다 고 으며 지만 던 는데 습니다 습니까 어요 어 을 음 기 으나 으므로 는지 는가 는가요 나 나요 "
    U"다고 "
    U"다는 다면 다가 다며 다지만 던가 을까 을까요 을때 음을 음에 음이 음은 음에도 기에 기때문 "
    U"기때문에 거나 었다 었던 으면 으니 으니까 더라면 더니 더라도 지 지요 죠 네 네요 는지를 는지에 "
    U"는지도 을지 을지도 다는데 었고 었습니다 더라 고요 구나 군요 듯이 을것 으면서 습니다만 는데요";
inline constexpr std::u32string_view kAdnominalTails =
    U"다 다고 다는 다면 다며 다지만 지 데 가 가요 가를 가에 지를 지가 지는 지도 지에 다음 채 것 후 "
    U"뒤 때 "
    U"것은 것이 것을 다는데 다거나 다든지 다네 답니다 편";
inline constexpr std::u32string_view kFutureTails =
    U"까 까요 지 지라도 수록 게 때 것 수 수있는 수있다 수있습니다 뿐 뿐만 만한 만큼 지를 지에 지는 "
    U"지가 "
    U"지도 려고 때는 때의 때에 때마다 것을 것이 것은 것이다 것입니다 수도 수는 수가 수없는 수없다";
inline constexpr std::u32string_view kNominalTails =
    U"을 은 이 에 으로 과 의 도 만 으로써 으로서 에도 에는 에서 에따라 이라 이다 이란 이라는 "
    U"으로도 "
    U"까지 부터 보다 이나 인가 입니다 으로인해";
inline constexpr std::u32string_view kFormalTails = U"니다 니까 시다 니다만";

// Endings of other verbs and adjectives.
inline constexpr std::u32string_view kEndings =
    U"다 습니다 습니까 습니다만 는지 는지를 는지에 는지도 는가 는가요 나요 은지 은가 은가요 을까 "
    U"을까요 "
    U"으면 으면서 면서 면 으며 며 도록 지만 으므로 므로 으니까 니까 거나 려고 으려고 려면 으려면 "
    U"려는 으려는 던 는데 은데 고 게 어서 아서 여서 어야 아야 어도 아도 세요 으세요 어요 아요 지요 "
    U"네요 군요 는다 는다고 는다면 는다는 다고 다는 다면 다가 더라도 을수록 고자 으로써 게끔 "
    U"자마자 "
    U"는데요 고서 고는 고도 지는 지도 지를 겠다 겠습니다 십시오 으십시오 느냐 느라 든지 든가";

}  // namespace korean_rules

/// Suffixes by their syllables from the end. Keys are exact, not hashes. A miss mostly reads
/// one bit of a map that stays in the first-level cache.
///
/// Each syllable that occurs in any list has a code of one byte, so that a suffix of up to seven
/// syllables is one number: the last syllable's code lowest, a tag for the list on top.
class KoreanRules {
 public:
  using Key = std::uint64_t;

  static constexpr std::size_t kSuffixSyllablesMax = 7;

  /// 0 for a syllable in no suffix.
  static std::uint8_t code_of(char32_t syllable) { return kTable.codes[syllable - kFirstSyllable]; }

  /// `key` with one more syllable before it, the `count`-th from the end, counting from 0.
  static Key extend(Key key, std::uint8_t code, std::size_t count) {
    return key | static_cast<Key>(code) << (8 * count);
  }

  struct Match {
    bool found;
    Before before;
  };
  static Match particle(Key key) { return find(key | tag(kParticles)); }
  static bool is_ending(Key key) { return find(key | tag(kEndingList)).found; }
  static bool is_tail(VerbForm form, Key key) {
    return find(key | tag(kTails + static_cast<std::uint32_t>(form))).found;
  }

 private:
  static constexpr std::uint32_t kParticles = 1, kEndingList = 2, kTails = 3;
  static constexpr std::size_t kSlots = 4096;

  // Slots hold a key with its Before above the tag. 0 is an empty slot.
  static constexpr std::uint32_t kTagShift = 56, kBeforeShift = 60;
  static constexpr Key kKeyMask = (Key{1} << kBeforeShift) - 1;

  struct Table {
    std::array<std::uint8_t, kLastSyllable - kFirstSyllable + 1> codes{};
    std::array<std::uint64_t, kSlots / 64> occupied{};
    std::array<Key, kSlots> slots{};
    std::size_t code_count = 0;
    std::size_t count = 0;
  };

  static constexpr Key tag(std::uint32_t list) { return static_cast<Key>(list) << kTagShift; }

  static constexpr std::size_t slot_of(Key key) {
    return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15u >> 52);
  }
  static constexpr Before before_of(Key slot) { return static_cast<Before>(slot >> kBeforeShift); }

  static Match find(Key key) {
    for (std::size_t slot = slot_of(key);; slot = (slot + 1) % kSlots) {
      if ((kTable.occupied[slot / 64] >> slot % 64 & 1) == 0) return {false, Before::anything};
      const Key found = kTable.slots[slot];
      if ((found & kKeyMask) == key) return {true, before_of(found)};
    }
  }

  static const Table kTable;
  static constexpr Table build();
  friend std::uint64_t korean_rules_hash();
};

/// Changes with any suffix: a part of the analyser's fingerprint.
std::uint64_t korean_rules_hash();

}  // namespace saerok
