#include "ingest/markdown_blocks.h"

#include <algorithm>
#include <utility>

#include "base/code_points.h"
#include "ingest/markdown_lines.h"

namespace saerok {
namespace {

using namespace chars;

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kTabColumns = 4;
/// Lists opened by one line ("- - - text"); the marks beyond are text. Bounds recursion.
constexpr std::size_t kListMarksMax = 32;

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char a, char b) { return ascii_lower(a) == b; });
}

class BlockParser {
 public:
  BlockParser(std::string_view text, std::size_t from, const MarkdownSink& sink)
      : text_(text),
        next_(from),
        sink_(sink),
        hidden_(text, "%%"),
        comment_(text, "-->"),
        math_(text, "$$"),
        script_(text, "</script"),
        style_(text, "</style") {}

  Status run() {
    while (next_ < text_.size()) {
      begin_ = next_;
      end_ = std::min(text_.find('\n', begin_), text_.size());
      next_ = end_ + 1;
      TRY(line());
    }
    return flush();
  }

 private:
  enum class Mode : std::uint8_t { none, lines, fence, indented, table };

  std::string_view rest(std::size_t at) const { return text_.substr(at, end_ - at); }

  /// Skips blanks from `at`, counting columns from `column`.
  std::size_t skip_blanks(std::size_t at, std::size_t& column) const {
    for (; at < end_; ++at) {
      if (text_[at] == ' ') {
        ++column;
      } else if (text_[at] == '\t') {
        column += kTabColumns - column % kTabColumns;
      } else {
        break;
      }
    }
    return at;
  }

  /// Past up to `depth_max` quote marks; sets quote_depth_found_.
  std::size_t skip_quotes(std::size_t depth_max) {
    std::size_t at = begin_;
    quotes_found_ = 0;
    while (quotes_found_ < depth_max) {
      std::size_t column = 0;
      const std::size_t mark = skip_blanks(at, column);
      const bool is_code = column >= 4 && lists_.empty();
      if (mark >= end_ || text_[mark] != '>' || is_code) break;
      at = mark + 1;
      if (at < end_ && text_[at] == ' ') ++at;
      ++quotes_found_;
    }
    return at;
  }

  Status line() {
    if (mode_ == Mode::fence) {
      const std::size_t at = skip_quotes(quote_depth_);
      if (quotes_found_ == quote_depth_) return fence_content(at);
      TRY(flush());
    }
    const std::size_t at = skip_quotes(npos);
    std::size_t column = 0;
    const std::size_t first = skip_blanks(at, column);
    if (quotes_found_ != quote_depth_) {
      TRY(flush());
      lists_.clear();
      quote_depth_ = quotes_found_;
    }
    if (first >= end_ || trim(rest(first)).empty()) return blank(first);
    TRY(leave_lists(column));
    const std::size_t base = lists_.empty() ? 0 : lists_.back().content;
    const bool can_be_code = mode_ == Mode::none || mode_ == Mode::indented;
    if (can_be_code && column >= base + 4) return indented(at, base + 4);
    if (mode_ == Mode::indented) TRY(flush());
    was_blank_ = false;
    marks_on_line_ = 0;
    return content(first, column);
  }

  Status blank(std::size_t at) {
    was_blank_ = true;
    if (mode_ == Mode::indented) {
      block_.lines.push_back({at, at});
      return {};
    }
    return flush();
  }

  /// After a blank line, text that is not indented belongs to no list any more.
  Status leave_lists(std::size_t column) {
    if (!was_blank_ || mode_ == Mode::indented) return {};
    while (!lists_.empty() && column <= lists_.back().mark) {
      // An item of the same list follows at the same column: content() sorts that out.
      if (column == lists_.back().mark) break;
      lists_.pop_back();
    }
    return {};
  }

  Status indented(std::size_t at, std::size_t columns) {
    std::size_t column = 0;
    while (at < end_ && column < columns) {
      column += text_[at] == '\t' ? kTabColumns - column % kTabColumns : 1;
      ++at;
    }
    if (mode_ == Mode::none) open(Mode::indented, BlockKind::code, true);
    block_.lines.push_back({at, end_});
    was_blank_ = false;
    return {};
  }

  Status fence_content(std::size_t at) {
    if (closes_fence(rest(at), fence_)) return flush();
    std::size_t column = 0;
    while (at < end_ && column < fence_column_ && text_[at] == ' ') {
      ++at;
      ++column;
    }
    block_.lines.push_back({at, end_});
    return {};
  }

  /// A line that is not blank, from its first visible character on.
  Status content(std::size_t at, std::size_t column) {
    if (skip_hidden(at)) return {};
    const std::string_view line = rest(at);
    if (mode_ == Mode::lines && !lists_open_only_ && lists_.empty()) {
      if (const std::uint8_t level = underline_level(line); level > 0) return underline(level);
    }
    if (const FenceLine fence = fence_line(line); fence.size > 0) {
      TRY(flush());
      fence_ = fence;
      fence_column_ = column;
      open(Mode::fence, BlockKind::code, true);
      return {};
    }
    if (line.starts_with("$$") && line.find("$$", 2) == npos) {
      if (const std::size_t close = math_.find(end_); close != npos) return math(at, close);
    }
    if (const HeadingLine heading = heading_line(line); heading.level > 0) {
      TRY(flush());
      return heading_block(at, column, heading);
    }
    if (mode_ == Mode::table && line.find('|') != npos) {
      block_.lines.push_back(table_row(at));
      return {};
    }
    if (is_thematic_break(line)) return flush();
    if (is_table_delimiter(line) && mode_ == Mode::lines && block_.lines.size() == 1 &&
        text_.substr(block_.lines[0].begin, block_.lines[0].size()).find('|') != npos) {
      return begin_table();
    }
    if (const ListMark mark = list_mark(line); mark.size > 0 && can_begin_list(line, mark)) {
      return list_item(at, column, mark);
    }
    return paragraph(at, column);
  }

  bool can_begin_list(std::string_view line, const ListMark& mark) const {
    if (mode_ != Mode::lines || !lists_.empty()) return true;
    return mark.size < line.size() && mark.mark_size <= 4;  // Not "2024. " amid a paragraph.
  }

  /// Comments, scripts and styles that reach over lines.
  bool skip_hidden(std::size_t at) {
    const std::string_view line = rest(at);
    std::size_t close = npos;
    std::size_t close_size = 2;
    if (line.starts_with("%%") && line.find("%%", 2) == npos) {
      close = hidden_.find(end_);
    } else if (line.starts_with("<!--") && line.find("-->", 4) == npos) {
      close = comment_.find(end_);
      close_size = 3;
    } else if (equals_ignoring_case(line.substr(0, 7), "<script")) {
      close = script_.find(at);
      close_size = 9;
    } else if (equals_ignoring_case(line.substr(0, 6), "<style")) {
      close = style_.find(at);
      close_size = 8;
    }
    if (close == npos) return false;
    // What follows the closing mark is read as a line of its own.
    next_ = std::min(close + close_size, text_.size());
    return true;
  }

  Status underline(std::uint8_t level) {
    if (block_.kind == BlockKind::paragraph) {
      block_.kind = BlockKind::heading;
      block_.level = level;
    }
    return flush();
  }

  Status math(std::size_t at, std::size_t close) {
    TRY(flush());
    open(Mode::lines, BlockKind::paragraph, true);
    block_.lines.push_back({at, end_});
    while (next_ <= close) {
      begin_ = next_;
      end_ = std::min(text_.find('\n', begin_), text_.size());
      next_ = end_ + 1;
      std::size_t column = 0;
      block_.lines.push_back({skip_blanks(skip_quotes(quote_depth_), column), end_});
    }
    return flush();
  }

  Status heading_block(std::size_t at, std::size_t column, const HeadingLine& heading) {
    while (!lists_.empty() && column <= lists_.back().mark) lists_.pop_back();
    if (quote_depth_ == 0 && lists_.empty()) {
      open(Mode::lines, BlockKind::heading, false);
      block_.level = heading.level;
    } else {
      open(Mode::lines, lists_.empty() ? BlockKind::quote : BlockKind::list_item, false);
    }
    block_.lines.push_back({at + heading.begin, at + heading.end});
    return flush();
  }

  ByteSpan table_row(std::size_t at) const {
    TrimmedText row = trimmed(text_, at, end_);
    if (row.begin < row.end && text_[row.begin] == '|') ++row.begin;
    const bool is_closed = row.begin < row.end && text_[row.end - 1] == '|' &&
                           !(row.end - row.begin > 1 && text_[row.end - 2] == '\\');
    if (is_closed) --row.end;
    row = trimmed(text_, row.begin, row.end);
    return {row.begin, row.end};
  }

  Status begin_table() {
    const std::size_t line_end = end_;
    end_ = block_.lines[0].end;
    block_.lines[0] = table_row(block_.lines[0].begin);
    end_ = line_end;
    mode_ = Mode::table;
    block_.kind = BlockKind::table;
    block_.level = 0;
    block_.is_tight = false;
    return {};
  }

  Status list_item(std::size_t at, std::size_t column, const ListMark& mark) {
    TRY(flush());
    while (!lists_.empty() && column < lists_.back().mark + 2) lists_.pop_back();
    lists_.push_back({column, column + mark.size});
    std::size_t inside = at + mark.size;
    const bool is_inner_list = inside < end_ && marks_on_line_ < kListMarksMax &&
                               list_mark(rest(inside)).size > 0 && !is_thematic_break(rest(inside));
    if (is_inner_list || fence_line(rest(inside)).size > 0) {
      ++marks_on_line_;
      return content(inside, column + mark.size);
    }
    open(Mode::lines, BlockKind::list_item, false);
    block_.is_tight = true;
    const std::string_view text = rest(inside);
    const bool is_task = text.size() > 3 && text[0] == '[' && text[2] == ']' && text[3] == ' ';
    if (is_task) {
      sink_.task(text[1] == ' ' ? TaskState::open : TaskState::done);
      inside += 4;
    } else if (mark.is_ordered) {
      inside = at;  // The number is something that people refer to: it stays.
    }
    if (const HeadingLine heading = heading_line(rest(inside)); heading.level > 0) {
      block_.lines.push_back({inside + heading.begin, inside + heading.end});
    } else {
      block_.lines.push_back({inside, end_});
    }
    return {};
  }

  Status paragraph(std::size_t at, std::size_t column) {
    if (mode_ == Mode::table) TRY(flush());
    if (mode_ == Mode::none) {
      while (!lists_.empty() && column <= lists_.back().mark) lists_.pop_back();
      if (link_definition_label(rest(at)) > 0) return {};
      open(Mode::lines, paragraph_kind(), false);
    }
    if (const std::size_t size = footnote_definition(rest(at)); size > 0) {
      TRY(flush());
      open(Mode::lines, paragraph_kind(), false);
      at += size;
    }
    if (quote_depth_ > 0 && block_.lines.empty()) {
      if (const std::size_t size = callout_mark(rest(at)); size > 0) at += size;
    }
    block_.lines.push_back({at, end_});
    return {};
  }

  BlockKind paragraph_kind() const {
    if (!lists_.empty()) return BlockKind::list_item;
    return quote_depth_ > 0 ? BlockKind::quote : BlockKind::paragraph;
  }

  void open(Mode mode, BlockKind kind, bool is_verbatim) {
    mode_ = mode;
    lists_open_only_ = kind == BlockKind::list_item;
    block_ = MarkdownBlock{};
    block_.kind = kind;
    block_.is_verbatim = is_verbatim;
    if (kind == BlockKind::list_item) {
      block_.level = static_cast<std::uint8_t>(std::clamp<std::size_t>(lists_.size(), 1, 255));
    }
  }

  Status flush() {
    if (mode_ == Mode::none) return {};
    mode_ = Mode::none;
    const auto is_blank = [&](const ByteSpan& line) {
      return trim(text_.substr(line.begin, line.size())).empty();
    };
    while (!block_.lines.empty() && is_blank(block_.lines.back())) block_.lines.pop_back();
    if (block_.lines.empty()) return {};
    return sink_.block(block_);
  }

  struct OpenList {
    std::size_t mark;     // Column of the item's mark.
    std::size_t content;  // Column of its text.
  };

  std::string_view text_;
  std::size_t next_;
  const MarkdownSink& sink_;
  ForwardFinder hidden_;
  ForwardFinder comment_;
  ForwardFinder math_;
  ForwardFinder script_;
  ForwardFinder style_;
  std::size_t begin_ = 0;  // Of the line being read.
  std::size_t end_ = 0;
  std::size_t quotes_found_ = 0;
  std::size_t quote_depth_ = 0;
  std::vector<OpenList> lists_;
  Mode mode_ = Mode::none;
  MarkdownBlock block_;
  FenceLine fence_;
  std::size_t fence_column_ = 0;
  std::size_t marks_on_line_ = 0;
  bool was_blank_ = false;
  bool lists_open_only_ = false;
};

}  // namespace

Status parse_markdown_blocks(std::string_view text, std::size_t from, const MarkdownSink& sink) {
  return BlockParser(text, from, sink).run();
}

LinkLabels find_link_labels(std::string_view text, std::size_t from) {
  LinkLabels labels;
  for (std::size_t at = from; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin <= 3) {
      const std::size_t size = link_definition_label(line.substr(begin));
      if (size > 0 && size <= 1'002)
        labels.insert(fold_link_label(line.substr(begin + 1, size - 2)));
    }
    at = end + 1;
  }
  return labels;
}

}  // namespace saerok
