#include "ingest/markdown_inline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/code_points.h"
#include "base/unicode.h"
#include "ingest/markdown_edits.h"
#include "ingest/markdown_emphasis.h"
#include "ingest/markdown_entities.h"
#include "ingest/markdown_links.h"

namespace saerok {
namespace {

using namespace chars;

/// A web address between < and > is shorter.
constexpr std::size_t kAutolinkBytesMax = 2'000;
constexpr std::size_t kBacktickRunMax = 64;
constexpr auto npos = std::string_view::npos;

enum class BracketKind : std::uint8_t { link, image, footnote };

struct Bracket {
  std::size_t begin;
  BracketKind kind;
};

bool is_tag_character(char32_t c) {
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    return is_ascii_letter(ascii) || is_ascii_digit(ascii) || ascii == '_' || ascii == '-' ||
           ascii == '/';
  }
  const CharClass kind = class_of(c);
  return kind != CharClass::space && kind != CharClass::punctuation && kind != CharClass::invalid;
}

class InlineParser {
 public:
  InlineParser(std::string_view content, const LinkLabels& labels, InlineFindings& findings)
      : content_(content),
        labels_(labels),
        findings_(findings),
        edits_(content),
        comment_(content, "-->"),
        hidden_(content, "%%"),
        math_(content, "$$") {}

  std::vector<InlinePart> run() {
    while (at_ < content_.size()) step();
    return edits_.take_parts();
  }

 private:
  char peek(std::size_t ahead) const {
    return at_ + ahead < content_.size() ? content_[at_ + ahead] : '\0';
  }
  void edit(std::size_t begin, std::size_t end, std::string made = {}) {
    edits_.add(begin, end, std::move(made));
  }
  char32_t before(std::size_t at) const {
    return at == 0 ? U' ' : code_point_at(content_, code_point_before(content_, at)).value;
  }
  char32_t after(std::size_t at) const {
    return at >= content_.size() ? U' ' : code_point_at(content_, at).value;
  }

  void step() {
    switch (content_[at_]) {
      case '\\': return backslash();
      case '`': return code_span();
      case '$': return math();
      case '&': return reference();
      case '<': return angle();
      case '!': return exclamation();
      case '[': return open_bracket();
      case ']': return close_bracket();
      case '*':
      case '_':
      case '~':
      case '=': return delimiter();
      case '#': return tag();
      case '%': return hidden();
      case '^':
        if (peek(1) == '[') {
          brackets_.push_back({at_, BracketKind::footnote});
          ++at_;
        }
        ++at_;
        return;
      default: ++at_;
    }
  }

  void backslash() {
    const char next = peek(1);
    if (is_ascii_punctuation(next) || next == '\n') edit(at_, at_ + 1);
    at_ += is_ascii_punctuation(next) ? 2u : 1u;
  }

  void code_span() {
    std::size_t size = 1;
    while (peek(size) == '`') ++size;
    const std::size_t inside = at_ + size;
    if (size < kBacktickRunMax && !has_no_closer_[size]) {
      std::size_t close = content_.find('`', inside);
      while (close != npos) {
        std::size_t end = close;
        while (end < content_.size() && content_[end] == '`') ++end;
        if (end - close == size) {
          edit(at_, inside);
          edit(close, end);
          at_ = end;
          return;
        }
        close = content_.find('`', end);
      }
      has_no_closer_[size] = true;
    }
    at_ = inside;
  }

  /// Math is kept as it stands, dollars included; what is in it is not mark-up.
  void math() {
    if (peek(1) == '$') {
      const std::size_t close = math_.find(at_ + 2);
      at_ = close == npos ? at_ + 2 : close + 2;
      return;
    }
    if (!is_space(after(at_ + 1))) {
      next_dollar_ = std::max(next_dollar_, at_ + 1);
      while (next_dollar_ < content_.size() && !closes_math(next_dollar_)) ++next_dollar_;
      if (next_dollar_ < content_.size()) {
        at_ = next_dollar_ + 1;
        return;
      }
    }
    ++at_;
  }
  bool closes_math(std::size_t at) const {
    return content_[at] == '$' && !is_space(before(at)) && content_[at - 1] != '\\' &&
           !(at + 1 < content_.size() && is_ascii_digit(content_[at + 1]));
  }

  void reference() {
    CharacterReference found = parse_character_reference(content_.substr(at_));
    if (found.size > 0) edit(at_, at_ + found.size, std::move(found.text));
    at_ += std::max<std::size_t>(found.size, 1);
  }

  void angle() {
    const std::string_view rest = content_.substr(at_);
    if (rest.starts_with("<!--")) {
      const std::size_t close = comment_.find(at_ + 4);
      if (close != npos) {
        edit(at_, close + 3);
        at_ = close + 3;
        return;
      }
    }
    const HtmlTag tag = parse_html_tag(rest);
    if (tag.size > 0) {
      const bool breaks_line = tag.is_line_break && after(at_ + tag.size) != U'\n';
      edit(at_, at_ + tag.size, breaks_line ? "\n" : "");
      at_ += tag.size;
      return;
    }
    const std::size_t end = rest.substr(0, kAutolinkBytesMax).find_first_of(" \n<>", 1);
    const bool is_closed = end != npos && rest[end] == '>';
    if (is_closed && rest.substr(1, end - 1).find_first_of(":@") != npos) {
      edit(at_, at_ + 1);
      edit(at_ + end, at_ + end + 1);
      at_ += end + 1;
      return;
    }
    ++at_;
  }

  void exclamation() {
    if (peek(1) == '[' && peek(2) == '[') {
      const std::size_t begin = at_++;
      if (wiki_link(begin)) return;
      return;
    }
    if (peek(1) == '[') {
      brackets_.push_back({at_, BracketKind::image});
      at_ += 2;
      return;
    }
    ++at_;
  }

  void open_bracket() {
    if (peek(1) == '[' && wiki_link(at_)) return;
    if (peek(1) == '^') {
      const std::size_t end = content_.find_first_of(" \n[]", at_ + 1);
      if (end != npos && content_[end] == ']' && end > at_ + 2) {
        edit(at_, end + 1);
        at_ = end + 1;
        return;
      }
    }
    brackets_.push_back({at_, BracketKind::link});
    ++at_;
  }

  /// [[target#part|alias]] at at_; `begin` is where an embed's '!' stands, else at_. Moves on.
  bool wiki_link(std::size_t begin) {
    const std::size_t inside = at_ + 2;
    const std::size_t end = content_.find_first_of("\n[]", inside);
    if (end == npos || end == inside || !content_.substr(end).starts_with("]]")) {
      if (begin != at_) ++at_;
      return false;
    }
    const std::string_view whole = content_.substr(inside, end - inside);
    const std::size_t bar = whole.find('|');
    std::string_view target = whole.substr(0, bar);
    if (bar != npos && target.ends_with('\\')) target.remove_suffix(1);  // Of a table.
    const bool is_embed = begin != at_;
    const std::string_view alias = bar == npos ? std::string_view() : trim(whole.substr(bar + 1));
    const bool is_size =
        is_embed && !alias.empty() && alias.find_first_not_of("0123456789x") == npos;
    std::size_t shown_begin = inside;
    std::size_t shown_end = inside + target.size();
    if (!alias.empty() && !is_size) {
      shown_begin = inside + bar + 1;
      shown_end = end;
    }
    edit(begin, shown_begin);
    if (shown_begin == inside) show_target(shown_begin, shown_end);
    edit(shown_end, end + 2);
    const std::string_view name = trim(target.substr(0, target.find('#')));
    if (!name.empty()) (is_embed ? findings_.embeds : findings_.links).emplace_back(name);
    at_ = end + 2;
    return true;
  }

  /// "Note#Heading#^id" is shown as "Note > Heading".
  void show_target(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
      if (content_[at] != '#') continue;
      if (at + 1 < end && content_[at + 1] == '^') {
        edit(at, end);
        return;
      }
      edit(at, at + 1, at == begin ? "" : " > ");
    }
  }

  void close_bracket() {
    const std::size_t close = at_++;
    const std::size_t bracket_before = std::exchange(last_close_, close);
    if (brackets_.empty()) return;
    const Bracket open = brackets_.back();
    brackets_.pop_back();
    const std::size_t inside = open.begin + (open.kind == BracketKind::link ? 1 : 2);
    if (open.kind == BracketKind::footnote) {
      edit(open.begin, inside, " ");
      edit(close, close + 1);
      return;
    }
    if (peek(0) == '(' && destination(close, open, inside)) return;
    std::size_t end = at_;
    std::string_view label = content_.substr(inside, close - inside);
    if (peek(0) == '[') {
      const std::size_t label_end = content_.substr(0, at_ + 1'000).find_first_of("[]", at_ + 1);
      if (label_end != npos && content_[label_end] == ']') {
        if (label_end > at_ + 1) label = content_.substr(at_ + 1, label_end - at_ - 1);
        end = label_end + 1;
      }
    }
    // A label holds no brackets, which also keeps the labels that are looked up from overlapping.
    const bool is_label = end > close + 2 || bracket_before <= open.begin;
    if (!is_label || label.size() > 1'000 || labels_.empty()) return;
    if (!labels_.contains(fold_link_label(label))) return;
    edit(open.begin, inside);
    edit(close, end);
    at_ = end;
  }

  /// "(destination "title")" at at_. On success the link's mark-up is edited out.
  bool destination(std::size_t close, const Bracket& open, std::size_t inside) {
    const LinkDestination found = parse_link_destination(content_.substr(at_));
    if (found.size == 0) return false;
    edit(open.begin, inside);
    edit(close, at_ + found.size);
    at_ += found.size;
    std::string name = local_target(found.target);
    if (!name.empty()) {
      const bool is_image = open.kind == BracketKind::image;
      (is_image ? findings_.embeds : findings_.links).push_back(std::move(name));
    }
    return true;
  }

  void delimiter() {
    const char mark = content_[at_];
    std::size_t size = 1;
    while (peek(size) == mark) ++size;
    const std::size_t begin = at_;
    at_ += size;
    emphasis_.take_run(mark, {begin, size}, before(begin), after(at_));
  }

  void tag() {
    const char32_t left = before(at_);
    std::size_t end = at_ + 1;
    bool has_letter = false;
    if (is_space(left) || left == U'(' || left == U'[' || left == U',') {
      while (end < content_.size()) {
        const CodePoint c = code_point_at(content_, end);
        if (!is_tag_character(c.value)) break;
        has_letter = has_letter || !(c.value < 0x80 && is_ascii_digit(static_cast<char>(c.value)));
        end += c.size;
      }
    }
    if (has_letter) {
      const std::string_view name = content_.substr(at_ + 1, end - at_ - 1);
      if (name.find_first_not_of("/-_0123456789") != npos) findings_.tags.emplace_back(name);
    }
    at_ = end;
  }

  void hidden() {
    if (peek(1) != '%') {
      ++at_;
      return;
    }
    const std::size_t close = hidden_.find(at_ + 2);
    if (close != npos) edit(at_, close + 2);
    at_ = close == npos ? at_ + 2 : close + 2;
  }

  std::string_view content_;
  const LinkLabels& labels_;
  InlineFindings& findings_;
  InlineEdits edits_;
  EmphasisMarks emphasis_{edits_};
  ForwardFinder comment_;
  ForwardFinder hidden_;
  ForwardFinder math_;
  std::size_t at_ = 0;
  std::size_t next_dollar_ = 0;
  std::size_t last_close_ = 0;  // Of the last ']' seen.
  std::vector<Bracket> brackets_;
  std::array<bool, kBacktickRunMax> has_no_closer_{};
};

}  // namespace

std::string fold_link_label(std::string_view label) { return fold_case(trim(label)); }

std::vector<InlinePart> parse_inline(std::string_view content, const LinkLabels& labels,
                                     InlineFindings& findings) {
  constexpr std::string_view kMarks = "\\`$&<![]*_~=#%^";
  if (content.find_first_of(kMarks) == npos) {
    const TrimmedText kept = trimmed(content, 0, content.size());
    if (kept.begin == kept.end) return {};
    return {{kept.begin, kept.end, {}}};
  }
  return InlineParser(content, labels, findings).run();
}

}  // namespace saerok
