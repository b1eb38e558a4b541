/// The smallest parts of front matter: its scalars, quoted and plain, and the keys before them.
///
/// Each function is given what stands on one line, or the lines of one value joined. What this is
/// not: which lines belong together, and what lists and maps mean (frontmatter.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace saerok {

/// End of a quoted string that begins at 0, one past the quote; npos if it is not closed.
/// Requires a quote at 0.
std::size_t quoted_end(std::string_view text);

/// What a quoted string says. `inside` is what stands between the quotes.
std::string unescape_quoted(std::string_view inside, char quote);

/// Without a comment, which is a '#' after white space.
std::string_view without_yaml_comment(std::string_view plain);

struct KeySplit {
  std::string key;
  std::string_view value;
};
/// "key: value" or "key:"; quoted keys too.
std::optional<KeySplit> split_key(std::string_view content);

/// "-" alone or before white space.
bool is_yaml_list_item(std::string_view content);

/// No value: nothing, "~" or "null".
bool is_yaml_null(std::string_view plain);

}  // namespace saerok
