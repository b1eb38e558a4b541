/// Where a Markdown link leads: the part in parentheses after its text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saerok {

struct LinkDestination {
  std::size_t size = 0;     ///< With both parentheses; 0: it is none.
  std::string_view target;  ///< As written, without <> and title.
};
/// "(/url "title")" at the start of `text`, which begins with '('. Reads at most 2,000 bytes and 32
/// nested parentheses, so that many broken links cost no more than their length.
LinkDestination parse_link_destination(std::string_view text);

/// The note or file that a target names, %20 and the like decoded; empty for web addresses and for
/// places on the same page.
std::string local_target(std::string_view target);

}  // namespace saerok
