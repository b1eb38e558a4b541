/// Words typed with the keyboard in the wrong mode: "rjator" was meant as 검색, "ㅗ디ㅣㅐ" as
/// hello. The two-set keyboard (dubeolsik), which nearly every Korean keyboard is. What this is
/// not: a judgement on which of the two was meant; whoever asks compares what either finds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace saerok {

/// What an input method makes of the Latin letters `latin`, if that is complete syllables only:
/// a final consonant goes to the next syllable where a vowel follows it, vowels and finals join
/// where they can. With shift Q W E R T O P are ㅃㅉㄸㄲㅆㅒㅖ, other capitals are as small
/// letters. None if `latin` is empty, holds anything but ASCII letters, or leaves a letter that is
/// in no syllable. Takes linear time.
std::optional<std::string> hangul_of_keys(std::string_view latin);

/// The keys typed for `hangul`, syllables and single letters (compatibility jamo) in any order;
/// the shift letters as capitals. hangul_of_keys() of the keys of syllables gives them back.
/// None if `hangul` is empty, holds anything else (conjoining jamo among it: text is NFC), or is
/// not UTF-8. Takes linear time.
std::optional<std::string> keys_of_hangul(std::string_view hangul);

}  // namespace saerok
