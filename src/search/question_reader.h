/// How the words of a question are read where dates and tags are looked for in them.
///
/// What this is not: what is found there (question_dates.h, question_filter.h), or the words and
/// operators of a query (query_nodes.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/code_points.h"

namespace saerok {

/// The question with ASCII capitals folded, read from left to right; offsets are the question's.
class QuestionReader {
 public:
  explicit QuestionReader(std::string_view text) : question_(text), text_(text) {
    for (char& c : text_) c = chars::ascii_lower(c);
  }

  const std::string& text() const { return text_; }
  std::size_t size() const { return text_.size(); }
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::size_t skip_blanks(std::size_t i) const {
    while (at(i) == ' ') ++i;
    return i;
  }

  bool is_capital(std::size_t i) const { return question_[i] != text_[i]; }
  bool is_word_start(std::size_t i) const {
    if (i == 0) return true;
    const chars::CodePoint before = chars::code_point_at(text_, chars::code_point_before(text_, i));
    return chars::is_space(before.value) || chars::is_punctuation(before.value);
  }
  bool is_word_end(std::size_t i) const {
    if (i >= text_.size()) return true;
    const chars::CodePoint next = chars::code_point_at(text_, i);
    return chars::is_space(next.value) || chars::is_punctuation(next.value);
  }

  /// Where `words` that stand at `i` end; nothing if they do not.
  std::optional<std::size_t> match(std::size_t i, std::string_view words) const {
    const bool is_english = chars::is_ascii_letter(words.front());
    for (std::size_t w = 0; w < words.size(); ++w) {
      if (words[w] == ' ') {
        const std::size_t after = skip_blanks(i);
        if (after == i && is_english) return std::nullopt;
        i = after;
      } else if (at(i) != words[w]) {
        return std::nullopt;
      } else {
        ++i;
      }
    }
    if (is_english && !is_word_end(i)) return std::nullopt;
    return i;
  }

  /// A number of at most `digits_max` digits at `i`, which `i` is moved past.
  std::optional<int> number(std::size_t& i, std::size_t digits_max) const {
    std::size_t end = i;
    int value = 0;
    for (; chars::is_ascii_digit(at(end)); ++end) {
      if (end - i == digits_max) return std::nullopt;
      value = value * 10 + (at(end) - '0');
    }
    if (end == i) return std::nullopt;
    i = end;
    return value;
  }

  /// The word that ends before `i`, blanks left out.
  std::string_view word_before(std::size_t i) const {
    while (i > 0 && text_[i - 1] == ' ') --i;
    std::size_t begin = i;
    while (begin > 0 && chars::is_ascii_letter(text_[begin - 1])) --begin;
    return std::string_view(text_).substr(begin, i - begin);
  }

 private:
  std::string_view question_;
  std::string text_;
};

}  // namespace saerok
