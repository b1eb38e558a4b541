/// Tags in the text of TREC's files, for the readers of SGML and of XML.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lab/trec.h"

namespace saerok::lab {

struct Tag {
  std::string name;         ///< Lower case, without the slash.
  bool is_end = false;      ///< "</name>"
  bool is_empty = false;    ///< "<name/>"
  std::string_view inside;  ///< What stands behind the name: attributes.
  std::size_t begin = 0;
  std::size_t end = 0;  ///< Behind '>'.
};

/// The next "<name …>" or "</name>" at or behind `at`; a '<' that begins no tag is text.
std::optional<Tag> find_tag(std::string_view text, std::size_t at);

std::string lower_case(std::string_view text);

/// Runs of white space as one blank, none at the ends.
std::string join_white_space(std::string_view text);

/// Adds text to the field of that tag; a repeated one becomes paragraphs.
void add_field(TrecElement& element, const std::string& tag, std::string_view text);

}  // namespace saerok::lab
