#include "text/sentences.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/unicode.h"

namespace saerok {
namespace {

/// Lines of hard-wrapped text are about this wide or wider; list items seldom are.
constexpr std::size_t kWrappedLineColumns = 60;
/// The longest word that the tests before a full stop look back at, in bytes.
constexpr std::size_t kWordBytesMax = 16;

template <std::size_t N>
bool contains(const std::string_view (&words)[N], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

enum class Stop : std::uint8_t { none, ascii, wide };

Stop stop_of(char32_t c) {
  if (c == '.' || c == '!' || c == '?' || c == 0x2026 /* … */) return Stop::ascii;
  if (c == 0x3002 /* 。 */ || c == 0xFF01 /* ！ */ || c == 0xFF1F /* ？ */ || c == 0xFF61) {
    return Stop::wide;
  }
  return Stop::none;
}

/// Quotation marks and brackets that close: they belong to the sentence before.
bool is_closer(char32_t c) {
  static constexpr char32_t kClosers[] = {'"',    '\'',   ')',    ']',    '}',    0x2019, 0x201D,
                                          0x00BB, 0x300B, 0x3009, 0x300D, 0x300F, 0x3011, 0xFF09};
  return std::find(std::begin(kClosers), std::end(kClosers), c) != std::end(kClosers);
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<ByteSpan> split() {
    while (at_ < text_.size()) {
      if (text_[at_] == '\n') {
        if (line_break_ends_sentence()) end_sentence();
        line_begin_ = ++at_;
        continue;
      }
      const DecodedChar c = decode_utf8(text_, at_);
      const Stop stop = stop_of(c.code_point);
      at_ += c.size;
      if (stop != Stop::none) after_stop(stop, at_ - c.size);
    }
    end_sentence();
    return std::move(sentences_);
  }

 private:
  /// Takes the rest of the stop and its closing marks, then decides.
  void after_stop(Stop stop, std::size_t stop_begin) {
    bool is_full_stop_only = text_[stop_begin] == '.';
    while (at_ < text_.size()) {
      const DecodedChar c = decode_utf8(text_, at_);
      const Stop more = stop_of(c.code_point);
      if (more == Stop::none) break;
      if (more == Stop::wide) stop = Stop::wide;
      is_full_stop_only = false;
      at_ += c.size;
    }
    const std::size_t stop_end = at_;
    while (at_ < text_.size()) {
      const DecodedChar c = decode_utf8(text_, at_);
      if (!is_closer(c.code_point)) break;
      at_ += c.size;
    }
    const bool is_quoted = at_ > stop_end;
    const bool ends = stop == Stop::wide
                          ? !goes_on_quoting(is_quoted)
                          : stop_ends_sentence(stop_begin, is_full_stop_only, is_quoted);
    if (ends) end_sentence();
  }

  bool stop_ends_sentence(std::size_t stop_begin, bool is_full_stop_only, bool is_quoted) const {
    if (at_ >= text_.size()) return true;
    if (!is_blank(text_[at_])) {
      return !is_quoted && is_full_stop_only && lacks_space_after(stop_begin);
    }
    if (goes_on_quoting(is_quoted)) return false;
    const std::size_t next = next_word();
    if (next >= text_.size()) return true;
    if (is_lower(text_[next]) && !line_breaks_before(next)) return false;
    return !is_full_stop_only || is_quoted || !is_part_of_a_word(stop_begin, next);
  }

  /// "했다.그리고": a Korean ending with a full stop, and no space before the next word.
  bool lacks_space_after(std::size_t stop_begin) const {
    static constexpr std::string_view kEndings[] = {"다", "요", "죠", "까", "네", "라", "자"};
    if (stop_begin < 3 || !contains(kEndings, text_.substr(stop_begin - 3, 3))) return false;
    return is_hangul_syllable(decode_utf8(text_, at_).code_point);
  }

  /// "…다." 라고 했다: the sentence goes on after what it quotes.
  bool goes_on_quoting(bool is_quoted) const {
    static constexpr std::string_view kQuoting[] = {"라고",   "라며",   "라는", "하고",
                                                    "이라고", "라면서", "と",   "という"};
    if (!is_quoted) return false;
    const std::string_view rest = text_.substr(std::min(next_word(), text_.size()));
    return std::any_of(std::begin(kQuoting), std::end(kQuoting),
                       [&](std::string_view word) { return rest.starts_with(word); });
  }

  /// Whether the full stop belongs to an abbreviation, an initial, a number or an item's number.
  bool is_part_of_a_word(std::size_t stop_begin, std::size_t next) const {
    // Never before a sentence begins with one of these.
    static constexpr std::string_view kTitles[] = {
        "mr", "mrs", "ms",  "dr", "prof", "st", "vs",  "fig", "figs", "no",  "nos",  "eq",
        "cf", "e.g", "i.e", "pp", "vol",  "ed", "eds", "sec", "ch",   "ref", "refs", "approx"};
    std::size_t begin = stop_begin;
    while (begin > sentence_begin_ && stop_begin - begin < kWordBytesMax &&
           !is_blank(text_[begin - 1]) && text_[begin - 1] != '(') {
      --begin;
    }
    const std::string_view word = text_.substr(begin, stop_begin - begin);
    if (word.empty()) return false;
    const bool is_first = begin == sentence_begin_;
    if (std::all_of(word.begin(), word.end(), is_digit)) {
      // "1. First", "2024. 3. 1. 회의"
      return is_first || is_digit(text_[next]) || follows_number(begin);
    }
    static constexpr std::string_view kItems[] = {"가", "나", "다", "라", "마", "바", "사",
                                                  "아", "자", "차", "카", "타", "파", "하"};
    if (is_first && contains(kItems, word)) return true;
    if (word.size() == 1 && is_upper(word[0]) && word[0] != 'I') return true;
    std::string lower(word);
    for (char& c : lower) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    // "No." is an abbreviation before a number and a sentence elsewhere.
    if (lower == "no" || lower == "nos") return is_digit(text_[next]);
    return contains(kTitles, lower);
  }

  /// Whether "3. " or the like stands before `begin`: a date, not the end of a sentence.
  bool follows_number(std::size_t begin) const {
    std::size_t at = begin;
    while (at > sentence_begin_ && text_[at - 1] == ' ') --at;
    return at >= sentence_begin_ + 2 && text_[at - 1] == '.' && is_digit(text_[at - 2]);
  }

  std::size_t next_word() const {
    std::size_t next = at_;
    while (next < text_.size() && is_blank(text_[next])) ++next;
    return next;
  }
  bool line_breaks_before(std::size_t next) const {
    return text_.substr(at_, next - at_).find('\n') != std::string_view::npos;
  }

  bool line_break_ends_sentence() const {
    std::size_t next = at_ + 1;
    while (next < text_.size() && text_[next] != '\n' && is_blank(text_[next])) ++next;
    if (next >= text_.size() || text_[next] == '\n') return true;
    if (begins_item(next)) return true;
    std::string_view line = text_.substr(line_begin_, at_ - line_begin_);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    if (line.empty()) return true;
    if (is_lower(text_[next]) || line.ends_with(',') || line.ends_with("、")) return false;
    // display_width reads the whole line, so ask it only where the bytes leave room for doubt.
    return line.size() < kWrappedLineColumns || display_width(line) < kWrappedLineColumns;
  }

  /// "- tea", "* tea", "• tea", "1. tea", "2) tea", "| a | b |"
  bool begins_item(std::size_t at) const {
    const std::string_view rest = text_.substr(at);
    if (rest.starts_with("•") || rest.starts_with("|") || rest.starts_with(">")) return true;
    if (rest.size() > 1 && (rest[0] == '-' || rest[0] == '*' || rest[0] == '+')) {
      return is_blank(rest[1]);
    }
    std::size_t digits = 0;
    while (digits < rest.size() && digits < 4 && is_digit(rest[digits])) ++digits;
    return digits > 0 && digits + 1 < rest.size() && (rest[digits] == '.' || rest[digits] == ')') &&
           is_blank(rest[digits + 1]);
  }

  void end_sentence() {
    if (sentence_begin_ >= at_) return;  // White space that was skipped already.
    std::size_t begin = sentence_begin_, end = at_;
    while (begin < end && is_blank(text_[begin])) ++begin;
    while (end > begin && is_blank(text_[end - 1])) --end;
    if (begin < end) sentences_.push_back({begin, end});
    sentence_begin_ = at_;
    while (sentence_begin_ < text_.size() && is_blank(text_[sentence_begin_])) ++sentence_begin_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t sentence_begin_ = 0;
  std::size_t line_begin_ = 0;
  std::vector<ByteSpan> sentences_;
};

}  // namespace

std::vector<ByteSpan> split_sentences(std::string_view text) { return Splitter(text).split(); }

}  // namespace saerok
