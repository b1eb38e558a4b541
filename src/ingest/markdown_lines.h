/// What a single line of Markdown can be, each question a function over the line's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace saerok {

/// "# Heading #": its level and where its text stands in the line; level 0: it is none.
struct HeadingLine {
  std::uint8_t level = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};
HeadingLine heading_line(std::string_view line);

/// "```info" or "~~~": the mark and how often; size 0: it is none.
struct FenceLine {
  char mark = 0;
  std::size_t size = 0;
};
FenceLine fence_line(std::string_view line);
bool closes_fence(std::string_view line, FenceLine open);

/// "- ", "* ", "+ ", "1. ", "1) ": size of mark and blanks after it; 0: it is none.
struct ListMark {
  std::size_t size = 0;
  std::size_t mark_size = 0;
  bool is_ordered = false;
};
ListMark list_mark(std::string_view line);

/// "---", "* * *", "___".
bool is_thematic_break(std::string_view line);
/// Level of the heading that this line makes of the paragraph above it: 1 "===", 2 "---", else 0.
std::uint8_t underline_level(std::string_view line);
/// "| --- | :-: |".
bool is_table_delimiter(std::string_view line);

/// "[label]: /url "title"" with a destination that looks like one: size of the label with its
/// brackets; 0: it is none.
std::size_t link_definition_label(std::string_view line);
/// "[^id]: text": where the text begins; 0: it is none.
std::size_t footnote_definition(std::string_view line);
/// "[!note]- title": where the title begins; 0: it is none.
std::size_t callout_mark(std::string_view line);

/// Size of an Obsidian block id (" ^abc-1") at the end of `content`; 0: none.
std::size_t block_id_size(std::string_view content);

}  // namespace saerok
