#include "ingest/markdown_lines.h"

#include "base/code_points.h"

namespace saerok {
namespace {

using namespace chars;

constexpr auto npos = std::string_view::npos;

std::size_t run_length(std::string_view text, char mark) {
  const std::size_t end = text.find_first_not_of(mark);
  return end == npos ? text.size() : end;
}
bool is_blank(char c) { return c == ' ' || c == '\t'; }
std::string_view without_trailing_blanks(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

HeadingLine heading_line(std::string_view line) {
  const std::size_t level = run_length(line, '#');
  if (level == 0 || level > 6 || (level < line.size() && !is_blank(line[level]))) return {};
  std::string_view text = without_trailing_blanks(line);
  std::size_t end = text.size();
  std::size_t marks = end;
  while (marks > level && text[marks - 1] == '#') --marks;
  if (marks < end && marks > 0 && (marks == level || is_blank(text[marks - 1]))) end = marks;
  return {static_cast<std::uint8_t>(level), level, end < level ? level : end};
}

FenceLine fence_line(std::string_view line) {
  if (line.empty() || (line[0] != '`' && line[0] != '~')) return {};
  const std::size_t size = run_length(line, line[0]);
  if (size < 3) return {};
  if (line[0] == '`' && line.find('`', size) != npos) return {};
  return {line[0], size};
}

bool closes_fence(std::string_view line, FenceLine open) {
  const std::string_view marks = trim(line);
  return marks.size() >= open.size && run_length(marks, open.mark) == marks.size();
}

ListMark list_mark(std::string_view line) {
  if (line.empty()) return {};
  std::size_t size = 0;
  bool is_ordered = false;
  if (line[0] == '-' || line[0] == '*' || line[0] == '+') {
    size = 1;
  } else {
    while (size < line.size() && size < 9 && is_ascii_digit(line[size])) ++size;
    if (size == 0 || size == line.size() || (line[size] != '.' && line[size] != ')')) return {};
    ++size;
    is_ordered = true;
  }
  const std::size_t mark_size = size;
  if (size < line.size() && !is_blank(line[size])) return {};
  while (size < line.size() && is_blank(line[size])) ++size;
  return {size, mark_size, is_ordered};
}

bool is_thematic_break(std::string_view line) {
  if (line.empty() || (line[0] != '-' && line[0] != '*' && line[0] != '_')) return false;
  std::size_t marks = 0;
  for (const char c : line) {
    if (c == line[0]) {
      ++marks;
    } else if (!is_ascii_space(c)) {
      return false;
    }
  }
  return marks >= 3;
}

std::uint8_t underline_level(std::string_view line) {
  line = without_trailing_blanks(line);
  if (line.empty() || (line[0] != '=' && line[0] != '-')) return 0;
  if (run_length(line, line[0]) != line.size()) return 0;
  return line[0] == '=' ? 1 : 2;
}

bool is_table_delimiter(std::string_view line) {
  return line.find_first_not_of("|:- \t") == npos && line.find('|') != npos &&
         line.find('-') != npos;
}

std::size_t link_definition_label(std::string_view line) {
  if (!line.starts_with('[') || line.starts_with("[^")) return 0;
  const std::size_t close = line.find_first_of("[]", 1);
  if (close == npos || close < 2 || line.substr(close, 2) != "]:") return 0;
  const std::string_view rest = trim(line.substr(close + 2));
  const std::size_t end = rest.find_first_of(" \t");
  const std::string_view target = rest.substr(0, end);
  // A sentence after "[word]:" is text, whatever CommonMark says of its first word.
  const bool is_target = target.find_first_of("/.#<") != npos;
  const std::string_view title = end == npos ? std::string_view() : trim(rest.substr(end));
  const bool is_title = title.empty() || title[0] == '"' || title[0] == '\'' || title[0] == '(';
  return is_target && is_title ? close + 1 : 0;
}

std::size_t footnote_definition(std::string_view line) {
  if (!line.starts_with("[^")) return 0;
  const std::size_t close = line.find_first_of(" []", 2);
  return close != npos && close > 2 && line.substr(close, 2) == "]:" ? close + 2 : 0;
}

std::size_t callout_mark(std::string_view line) {
  if (!line.starts_with("[!")) return 0;
  const std::size_t close = line.find_first_of("[]", 2);
  if (close == npos || close == 2 || line[close] != ']') return 0;
  const bool is_folding =
      close + 1 < line.size() && (line[close + 1] == '+' || line[close + 1] == '-');
  return close + (is_folding ? 2 : 1);
}

std::size_t block_id_size(std::string_view content) {
  std::size_t at = content.size();
  while (at > 0 && (is_ascii_letter(content[at - 1]) || is_ascii_digit(content[at - 1]) ||
                    content[at - 1] == '-')) {
    --at;
  }
  if (at == content.size() || at == 0 || content[at - 1] != '^') return 0;
  --at;
  if (at > 0 && !is_ascii_space(content[at - 1])) return 0;
  while (at > 0 && is_ascii_space(content[at - 1])) --at;
  return content.size() - at;
}

}  // namespace saerok
