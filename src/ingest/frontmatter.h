/// The block of YAML between `---` lines at the top of a note → typed attributes.
///
/// Reads what notes use: scalars, quoted strings, inline and block lists, nested maps (flattened to
/// a.b), block scalars, comments. What it does not understand (anchors, tags of types, lines that
/// are no entry) it keeps as a string and says so; it never loses a line. Not a YAML library: those
/// either resolve aliases without bound or throw away what Obsidian users really write.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace saerok {

struct FrontmatterEntry {
  std::string key;  ///< Nested keys joined by '.'.
  std::string value;
  bool is_quoted = false;  ///< A string whatever it looks like.
};

struct Frontmatter {
  std::size_t size = 0;  ///< Bytes of the text up to the end of the closing line; 0: there is none.
  std::vector<FrontmatterEntry> entries;  ///< In order; a list is several of one key.
  std::vector<std::string> notes;
};

/// `text` is UTF-8 with '\n'. Linear in the size of the front matter.
Frontmatter parse_frontmatter(std::string_view text);

}  // namespace saerok
