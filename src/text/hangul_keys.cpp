#include "text/hangul_keys.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/unicode.h"
#include "text/hangul_letters.h"

namespace saerok {
namespace {

constexpr std::u32string_view kLettersOfKeys =  // From a to z.
    U"ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅓㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋ";
constexpr std::string_view kShiftKeys = "QWERTOP";
constexpr std::u32string_view kShiftLetters = U"ㅃㅉㄸㄲㅆㅒㅖ";

// 0 for what is no letter.
constexpr char32_t letter_of_key(char key) {
  if (const std::size_t shift = kShiftKeys.find(key); shift != std::string_view::npos) {
    return kShiftLetters[shift];
  }
  if (key >= 'a' && key <= 'z') return kLettersOfKeys[static_cast<std::size_t>(key - 'a')];
  if (key >= 'A' && key <= 'Z') return kLettersOfKeys[static_cast<std::size_t>(key - 'A')];
  return 0;
}

// 0 for letters that take two keys.
constexpr auto kKeysOfLetters = [] {
  std::array<char, kHangulLetterCount> keys{};
  for (char key = 'a'; key <= 'z'; ++key) keys[letter_of_key(key) - kFirstHangulLetter] = key;
  for (const char key : kShiftKeys) keys[letter_of_key(key) - kFirstHangulLetter] = key;
  return keys;
}();

// Reads one syllable from letters. What is a final and what the next initial shows once it is known
// what follows, so that nothing ever moves.
class SyllableReader {
 public:
  explicit SyllableReader(std::u32string_view letters) : letters_(letters) {}

  bool is_at_end() const { return position_ == letters_.size(); }

  // 0 if the letters from here on begin with no complete syllable.
  char32_t next() {
    const std::optional<std::uint32_t> initial = initial_index(letter(0));
    if (!initial || !is_vowel_letter(letter(1))) return 0;
    ++position_;
    const std::uint32_t vowel = *vowel_index(take(is_vowel_letter(letter(1))));
    const std::size_t final_count = count_of_finals();
    if (final_count == 0) return compose_syllable({*initial, vowel, 0});
    const std::optional<std::uint32_t> final = final_index(take(final_count > 1));
    if (!final) return 0;
    return compose_syllable({*initial, vowel, *final});
  }

 private:
  char32_t letter(std::size_t offset) const {
    return position_ + offset < letters_.size() ? letters_[position_ + offset] : 0;
  }

  // Takes one letter, or, if `has_second`, two if they join.
  char32_t take(bool has_second) {
    const char32_t first = letter(0);
    const char32_t joined = has_second ? join_letters(first, letter(1)) : 0;
    position_ += joined == 0 ? 1 : 2;
    return joined == 0 ? first : joined;
  }

  // Consonants up to the end or to the initial before the next vowel. Those that do not fit into
  // the final begin no syllable either.
  std::size_t count_of_finals() const {
    std::size_t count = 0;
    while (is_consonant_letter(letter(count))) ++count;
    return count > 0 && is_vowel_letter(letter(count)) ? count - 1 : count;
  }

  std::u32string_view letters_;
  std::size_t position_ = 0;
};

}  // namespace

std::optional<std::string> hangul_of_keys(std::string_view latin) {
  std::u32string letters;
  for (const char key : latin) {
    letters.push_back(letter_of_key(key));
    if (letters.back() == 0) return std::nullopt;
  }
  if (letters.empty()) return std::nullopt;
  std::string hangul;
  for (SyllableReader reader(letters); !reader.is_at_end();) {
    const char32_t syllable = reader.next();
    if (syllable == 0) return std::nullopt;
    append_utf8(hangul, syllable);
  }
  return hangul;
}

std::optional<std::string> keys_of_hangul(std::string_view hangul) {
  if (hangul.empty()) return std::nullopt;
  std::string keys;
  for (std::size_t i = 0; i < hangul.size();) {
    const DecodedChar c = decode_utf8(hangul, i);
    if (!is_hangul_syllable(c.code_point) && !is_hangul_letter(c.code_point)) return std::nullopt;
    visit_typed_letters(c.code_point, [&](char32_t letter) {
      keys.push_back(kKeysOfLetters[letter - kFirstHangulLetter]);
    });
    i += c.size;
  }
  return keys;
}

}  // namespace saerok
