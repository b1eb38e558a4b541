/// Made-up texts for tests of tokenizers: strings of every script, of blanks and controls, of
/// pieces that look special, and of no script at all.
#pragma once

#include <iterator>
#include <random>
#include <string>

#include "base/unicode.h"

namespace saerok {

inline std::string hostile_text(std::mt19937_64& random) {
  // clang-format off: one part to a line hides what kinds there are.
  static const char* const kParts[] = {
      " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u200b", "\u200d", "\ufe0f", "\u2581",
      "<s>", "</s>", "<unk>", "<pad>", "<mask>", "[CLS]", "[SEP]", "[UNK]", "[unused7]", "##",
      "👩‍👩‍👧", "🇰🇷", "😀", "안녕", "새록", "ㅋㅋㅋ", "뷁", "\u1112\u1161\u11ab", "漢字", "かな", "ﬁ", "ß", "É",
      "e\u0301", "İ", "ﷺ", "עברית", "ไทย", "\u0915\u094d\u0937", "a", "Zz", "0", "1234567890", ".",
      "...", "—", "\"", "'", "$", "€", "+", "<", "`", "~", "\u007f", "\u0085", "\u0001", "\ufffd"};
  // clang-format on
  std::string text;
  const auto parts = random() % 24;
  for (std::uint64_t i = 0; i < parts; ++i) {
    if (random() % 5 != 0) {
      text += kParts[random() % std::size(kParts)];
      continue;
    }
    auto code = static_cast<char32_t>(random() % (random() % 3 == 0 ? 0x110000 : 0x3000));
    if (code == 0 || (code >= 0xd800 && code < 0xe000)) code = U'\u00e9';
    append_utf8(text, code);
  }
  return text;
}

}  // namespace saerok
