#include "text/words.h"

#include <array>
#include <string_view>

#include "text/english.h"

namespace saerok {
namespace {

bool is_word_class(CharClass c) { return c == CharClass::letter || c == CharClass::digit; }

// A stretch of a piece.
struct Span {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

// UTF-8 of at most kTermBytesMax bytes on the stack.
class TermText {
 public:
  /// False, and nothing is added, if there is no room.
  bool add(char32_t c) {
    char utf8[kUtf8BytesMax];
    const std::size_t size = encode_utf8(c, utf8);
    if (size_ + size > bytes_.size()) return false;
    for (std::size_t i = 0; i < size; ++i) bytes_[size_++] = utf8[i];
    return true;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  void clear() { size_ = 0; }

 private:
  std::array<char, kTermBytesMax> bytes_;
  std::size_t size_ = 0;
};

class WordTerms {
 public:
  WordTerms(const Piece& piece, TermSink& sink) : piece_(piece), sink_(sink) {}

  void add_compound(Span word);

 private:
  char32_t at(std::size_t i) const { return piece_.chars[i]; }
  bool is_digit(std::size_t i) const { return piece_.classes[i] == CharClass::digit; }
  bool is_letter(std::size_t i) const { return piece_.classes[i] == CharClass::letter; }
  bool is_between_digits(std::size_t i, Span word) const {
    return i > word.begin && i + 1 < word.end && is_digit(i - 1) && is_digit(i + 1);
  }
  bool is_digits(Span span) const {
    for (std::size_t i = span.begin; i < span.end; ++i) {
      if (!is_digit(i)) return false;
    }
    return true;
  }

  std::size_t part_end(std::size_t begin, Span word) const;
  void add_joined(Span word);
  void add_part(Span part);
  void add_number(Span part);
  void add_plain(Span part);
  std::size_t add_camel_parts(Span part);
  void add_numbered(Span part);
  void add(TermField field, Span span, std::string_view text) {
    sink_.terms.add(field, sink_.position, piece_.begins[span.begin], piece_.ends[span.end - 1],
                    text);
  }
  void add_gram(Span span);
  void add_beside(Span span);

  const Piece& piece_;
  TermSink& sink_;
};

// Where the part that begins at `begin` ends: at a hyphen, underscore, at sign, or a full stop
// that is not a decimal point.
std::size_t WordTerms::part_end(std::size_t begin, Span word) const {
  std::size_t i = begin;
  for (; i < word.end; ++i) {
    const char32_t c = at(i);
    if (c == U'_' || c == U'-' || c == U'@') break;
    if (c == U'.' && !is_between_digits(i, word)) break;
  }
  return i;
}

// The compound without its joints, so that wi-fi, WiFi and wifi, or node.js and nodejs, meet.
// Between digits joints stay: 1-2 is not 12.
void WordTerms::add_joined(Span word) {
  TermText text;
  for (std::size_t i = word.begin; i < word.end; ++i) {
    const char32_t c = at(i);
    const bool is_joint = c == U'_' || c == U'-' || c == U'@' || c == U'.' || c == U'\'';
    if (is_joint && !is_between_digits(i, word)) continue;
    if (c == U',') continue;
    if (!text.add(c)) return;  // Too long to be asked for as a whole; its parts are there.
  }
  add(TermField::gram, word, text.view());
}

void WordTerms::add_gram(Span span) {
  TermText text;
  std::size_t begin = span.begin;
  for (std::size_t i = span.begin; i < span.end; ++i) {
    if (at(i) == U'\'' || at(i) == U',') continue;
    if (text.add(at(i))) continue;
    add(TermField::gram, {begin, i}, text.view());
    text.clear();
    text.add(at(i));
    begin = i;
  }
  add(TermField::gram, {begin, span.end}, text.view());
}

void WordTerms::add_beside(Span span) {
  TermText text;
  for (std::size_t i = span.begin; i < span.end; ++i) {
    if (!text.add(at(i))) return;  // Too long to be a name; it is there as a whole.
  }
  sink_.terms.add_beside(sink_.position, piece_.begins[span.begin], piece_.ends[span.end - 1],
                         text.view());
}

// Digits with points and thousands commas. The stem has no leading zeros: 03월 is 3월.
void WordTerms::add_number(Span part) {
  std::size_t points = 0;
  for (std::size_t i = part.begin; i < part.end; ++i) {
    if (at(i) == U'.') ++points;
  }
  TermText text;
  std::size_t begin = part.begin;
  const auto flush = [&](std::size_t end) {
    add(TermField::stem, {begin, end}, text.view());
    text.clear();
    begin = end;
  };
  std::size_t first = part.begin;
  while (points == 0 && first + 1 < part.end && at(first) == U'0') ++first;
  for (std::size_t i = first; i < part.end; ++i) {
    if (at(i) == U',') continue;
    if (text.add(at(i))) continue;
    flush(i);
    text.add(at(i));
  }
  flush(part.end);
  add_gram(part);
  // 3.11.2 is also found by 3.11 and 3.
  for (std::size_t i = part.end; points > 0 && i > part.begin; --i) {
    if (at(i - 1) == U'.') add_gram({part.begin, i - 1});
  }
  ++sink_.position;
}

// Returns where the last of them begins.
std::size_t WordTerms::add_camel_parts(Span part) {
  std::size_t begin = part.begin;
  bool was_cut = false;
  const auto emit = [&](std::size_t end) {
    if (end - begin >= 2) add_gram({begin, end});
    begin = end;
  };
  for (std::size_t i = part.begin + 1; i < part.end; ++i) {
    const bool upper = piece_.is_upper[i];
    const bool before_upper = piece_.is_upper[i - 1];
    const bool next_lower = i + 1 < part.end && is_letter(i + 1) && !piece_.is_upper[i + 1];
    const bool starts = upper && (!before_upper || next_lower) && i - begin >= 2;
    if (!starts) continue;
    emit(i);
    was_cut = true;
  }
  const std::size_t last = begin;
  if (was_cut) emit(part.end);
  return last;
}

// Of RTX4090 or iPhone15 the name and the number, beside the words that the text has: people part
// and join the two as they like.
void WordTerms::add_numbered(Span part) {
  constexpr std::size_t kNameMin = 2;
  std::size_t name_end = part.begin;
  while (name_end < part.end && is_letter(name_end)) ++name_end;
  const Span name{part.begin, name_end}, number{name_end, part.end};
  if (name.size() < kNameMin || number.size() == 0 || !is_digits(number)) return;
  add_beside(name);
  add_beside(number);
}

// A word: stem, exact form, and what capitals and digits inside it part.
//
// nDCG@10 on SciFact, test and training questions, before add_numbered(), which makes the first
// .6838 and .7011: stem and exact form in their own sub-fields .6810 and .6964; no stems, lower
// case only .6569 and .6701; no exact forms .6818 and .6963; the exact form as a marked second term
// of the stem sub-field .6524 and .6691. So the exact form costs nothing here, and ranks what was
// typed above its relatives.
void WordTerms::add_plain(Span part) {
  TermText text;
  std::size_t begin = part.begin;
  const auto flush = [&](std::size_t end) {
    const bool is_protected = sink_.words != nullptr && sink_.words->is_protected(text.view());
    const std::string_view stem = is_protected ? text.view() : stem_english(text.view());
    add(TermField::stem, {begin, end}, stem.empty() ? text.view() : stem);
    ++sink_.position;
    text.clear();
    begin = end;
  };
  const std::uint32_t first_position = sink_.position;
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const char32_t c = at(i) < 0x80 ? at(i) : base_letter(at(i));
    if (text.add(c)) continue;
    flush(i);
    text.add(c);
  }
  flush(part.end);
  const std::uint32_t after = sink_.position;
  sink_.position = first_position;
  add_gram(part);
  add_numbered({add_camel_parts(part), part.end});
  sink_.position = after;
}

void WordTerms::add_part(Span part) {
  std::size_t digits = part.begin;
  bool is_number = is_digit(part.begin);
  while (digits < part.end && (is_digit(digits) || at(digits) == U'.' || at(digits) == U',')) {
    ++digits;
  }
  if (is_number && digits == part.end) return add_number(part);
  // 3kg is a number and a unit; 3f2a9c is not.
  constexpr std::size_t kUnitLettersMax = 5;
  bool is_unit = is_number && part.end - digits <= kUnitLettersMax;
  for (std::size_t i = digits; i < part.end; ++i) is_unit = is_unit && is_letter(i);
  if (!is_unit) return add_plain(part);
  add_gram(part);
  add_number({part.begin, digits});
  add_plain({digits, part.end});
}

void WordTerms::add_compound(Span word) {
  const std::size_t first_end = part_end(word.begin, word);
  if (first_end < word.end) add_joined(word);
  for (std::size_t begin = word.begin; begin < word.end;) {
    const std::size_t end = part_end(begin, word);
    if (end > begin) add_part({begin, end});
    begin = end + 1;
  }
}

// Digits from `begin` on, at most four: enough to tell a group of three.
std::size_t count_digits(const Piece& piece, std::size_t begin) {
  std::size_t count = 0;
  while (count < 4 && begin + count < piece.size &&
         piece.classes[begin + count] == CharClass::digit) {
    ++count;
  }
  return count;
}

// Whether the joiner at `i`, behind a letter or digit, holds the word together.
bool joins(const Piece& piece, std::size_t i) {
  if (i + 1 >= piece.size || !is_word_class(piece.classes[i + 1])) return false;
  const CharClass before = piece.classes[i - 1];
  const CharClass after = piece.classes[i + 1];
  switch (piece.chars[i]) {
    case U'_':
    case U'-':
    case U'.':
    case U'@': return true;
    case U'\'': return before == CharClass::letter && after == CharClass::letter;
    case U'&': return before == CharClass::letter && after == CharClass::letter;
    case U',': return before == CharClass::digit && count_digits(piece, i + 1) == 3;
    default: return false;
  }
}

// C++, g++, C#, F#: the signs belong to the word if no word goes on behind them.
std::size_t with_language_signs(const Piece& piece, std::size_t begin, std::size_t end) {
  const auto is = [&](std::size_t i, char32_t c) { return i < piece.size && piece.chars[i] == c; };
  const auto ends_at = [&](std::size_t i) {
    return i >= piece.size || !is_word_class(piece.classes[i]);
  };
  if (is(end, U'+') && is(end + 1, U'+') && ends_at(end + 2)) return end + 2;
  if (end - begin == 1 && is(end, U'#') && ends_at(end + 1)) return end + 1;
  return end;
}

}  // namespace

std::size_t add_word(const Piece& piece, std::size_t begin, TermSink& sink) {
  std::size_t end = begin + 1;
  while (end < piece.size) {
    const CharClass c = piece.classes[end];
    if (is_word_class(c) || c == CharClass::mark) {
      ++end;
    } else if (c == CharClass::punctuation && is_word_class(piece.classes[end - 1]) &&
               joins(piece, end)) {
      end += 2;
    } else {
      break;
    }
  }
  const std::size_t with_signs =
      piece.classes[end - 1] == CharClass::letter ? with_language_signs(piece, begin, end) : end;
  WordTerms(piece, sink).add_compound({begin, with_signs});
  return with_signs;
}

}  // namespace saerok
