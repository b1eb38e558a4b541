#include "text/word_lists.h"

#include <algorithm>
#include <cstddef>

#include "base/code_points.h"
#include "base/unicode.h"

namespace saerok {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kArrow = "=>";

Error unreadable(std::string problem) { return {ErrorCode::invalid_argument, std::move(problem)}; }

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && chars::is_ascii_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && chars::is_ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

// The # of C# is none.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || chars::is_ascii_space(line[i - 1]))) return line.substr(0, i);
  }
  return line;
}

Status check_word(std::string_view word) {
  if (word.empty()) return unreadable("a word is missing beside a comma or =; remove the sign");
  if (word.size() > kListedWordBytesMax) {
    return unreadable(quoted(word) + " is longer than " + std::to_string(kListedWordBytesMax) +
                      " bytes; no term is, so shorten it");
  }
  if (word.front() == '!') {
    return unreadable(quoted(word) +
                      " has its ! inside a list; protect the word on a line of its own");
  }
  bool is_searchable = false;
  for (std::size_t i = 0; i < word.size();) {
    const DecodedChar c = decode_utf8(word, i);
    const CharClass kind = class_of(c.code_point);
    is_searchable |= kind != CharClass::punctuation && kind != CharClass::ignorable &&
                     kind != CharClass::mark && kind != CharClass::invalid;
    i += c.size;
  }
  if (is_searchable) return {};
  return unreadable(quoted(word) + " has no letter or digit, so no search finds it; remove it");
}

/// Several words with one blank between them.
std::string with_single_blanks(std::string_view words) {
  std::string text;
  for (std::size_t i = 0; i < words.size();) {
    const DecodedChar c = decode_utf8(words, i);
    const bool is_blank = class_of(c.code_point) == CharClass::space;
    if (!is_blank) text += words.substr(i, c.size);
    else if (!text.empty() && text.back() != ' ') text += ' ';
    i += c.size;
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

// What stands between commas or equals signs, each once.
Result<std::vector<std::string>> words_of(std::string_view list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find_first_of(",=", begin), list.size());
    const std::string word = with_single_blanks(list.substr(begin, end - begin));
    TRY(check_word(word));
    if (std::ranges::find(words, word) == words.end()) words.emplace_back(word);
    if (words.size() > kListedWordsMax) {
      return unreadable("a line holds at most " + std::to_string(kListedWordsMax) +
                        " words; divide it into several");
    }
    begin = end + 1;
  }
  return words;
}

Result<std::string> word_alone(std::string_view text, std::string_view place) {
  std::vector<std::string> words = TRY(words_of(text));
  if (words.size() == 1) return std::move(words.front());
  return unreadable("one word stands " + std::string(place) + "; write a line for each");
}

// Requires a line that is folded and trimmed, without comment and not empty.
Status read_line(std::string_view line, WordLists& lists) {
  const std::size_t arrow = line.find(kArrow);
  if (line.front() == '!') {
    const std::string_view word = trimmed(line.substr(1));
    if (word.empty()) return unreadable("! protects no word; write one after it");
    if (arrow != std::string_view::npos) {
      return unreadable("! and => stand in one line; write a line for each");
    }
    std::string alone = TRY(word_alone(word, "after !"));
    if (alone.find(' ') != std::string::npos) {
      return unreadable(quoted(alone) + " is more than one word; write a line for each");
    }
    lists.protected_words.push_back(std::move(alone));
    return {};
  }
  if (arrow == std::string_view::npos) {
    std::vector<std::string> group = TRY(words_of(line));
    if (group.size() < 2) {
      return unreadable(quoted(group.front()) +
                        " stands alone; add a comma and what means the "
                        "same, or put ! before it to protect it");
    }
    lists.synonyms.push_back(std::move(group));
    return {};
  }
  const std::string_view left = trimmed(line.substr(0, arrow));
  const std::string_view right = trimmed(line.substr(arrow + kArrow.size()));
  if (left.empty() || right.empty()) {
    return unreadable("=> has words on one side only; write word => words");
  }
  if (right.find(kArrow) != std::string_view::npos) {
    return unreadable("=> stands twice in one line; write a line for each");
  }
  std::string word = TRY(word_alone(left, "left of =>"));
  std::vector<std::string> others = TRY(words_of(right));
  std::erase(others, word);
  if (others.empty()) {
    return unreadable(quoted(word) + " is on both sides of =>; write another word on the right");
  }
  lists.one_way.emplace_back(std::move(word), std::move(others));
  return {};
}

Status read_raw_line(std::string_view line, WordLists& lists) {
  if (line.size() > kListedLineBytesMax) {
    return unreadable("it is longer than " + std::to_string(kListedLineBytesMax) +
                      " bytes; divide it into several");
  }
  if (!is_valid_utf8(line)) return unreadable("it is not UTF-8; save the file as UTF-8");
  const std::string folded = fold_case(fold_width(line));
  const std::string_view content = trimmed(without_comment(folded));
  return content.empty() ? Status() : read_line(content, lists);
}

}  // namespace

Result<WordLists> parse_word_lists(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  WordLists lists;
  for (std::size_t number = 1; !text.empty(); ++number) {
    if (number > kListedLinesMax) {
      return unreadable("the word lists have more than " + std::to_string(kListedLinesMax) +
                        " lines; remove those that are not needed");
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const Status read = read_raw_line(text.substr(0, end), lists); !read) {
      return unreadable("line " + std::to_string(number) +
                        " of the word lists: " + read.error().message);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lists;
}

}  // namespace saerok
