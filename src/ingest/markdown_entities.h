/// Character references of HTML ("&amp;", "&#44032;") as Markdown text uses them, and which names
/// are tags of HTML. Not an HTML parser.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saerok {

struct CharacterReference {
  std::size_t size = 0;  ///< Bytes of the reference; 0: it is none, or one that is not known.
  std::string text;
};
/// Requires text to begin with '&'. References to characters that would change under NFC are not
/// resolved.
CharacterReference parse_character_reference(std::string_view text);

struct HtmlTag {
  std::size_t size = 0;  ///< 0: it is none.
  bool is_line_break = false;
};
/// Requires text to begin with '<'. Opening and closing tags with names of HTML or SVG.
HtmlTag parse_html_tag(std::string_view text);

}  // namespace saerok
