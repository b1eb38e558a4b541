/// What a user says about words, from the text of a file:
///
///     # Blank lines and what follows a # at the start of a line or after a space are left out.
///     자동차, 차량, car               each is also searched as the others
///     인공 지능 = AI                  the same with another sign, and with a name of several words
///     이동전화 => 휴대폰, 핸드폰      the left is also searched as each of the right, not back
///     !회의                           a word as it stands: no rule cuts an ending off
///
/// Reading only; what a search does with the lists is search/'s.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "saerok/result.h"

namespace saerok {

/// All words are as the analyser folds text (lower case, half width, NFC), not empty, at most
/// kListedWordBytesMax long and without commas or equals signs. In the order of the file; a word
/// may stand in several lists, and groups that share one are not joined. Words that have synonyms
/// may be several with a single blank between them; protected ones are one.
struct WordLists {
  /// Two or more each, all different.
  std::vector<std::vector<std::string>> synonyms;
  /// Different words, without the one on the left.
  std::vector<std::pair<std::string, std::vector<std::string>>> one_way;
  std::vector<std::string> protected_words;
};

constexpr std::size_t kListedLinesMax = 10'000;  ///< Of a file, comments included.
constexpr std::size_t kListedWordsMax = 32;      ///< Of a line: each makes a query longer.
constexpr std::size_t kListedWordBytesMax = 64;  ///< Folded; no term is longer.
constexpr std::size_t kListedLineBytesMax = 4096;

/// Words that come twice in a line count once. A byte order mark and \r\n are read over; commas,
/// # ! and => may be full-width.
/// Errors: invalid_argument, naming the first line that cannot be read, what is wrong with it and
/// what to write instead. Takes linear time.
Result<WordLists> parse_word_lists(std::string_view text);

}  // namespace saerok
