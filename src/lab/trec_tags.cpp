#include "lab/trec_tags.h"

#include <algorithm>

#include "base/code_points.h"

namespace saerok::lab {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = chars::ascii_lower(c);
  return lower;
}

std::optional<Tag> find_tag(std::string_view text, std::size_t at) {
  while ((at = text.find('<', at)) != std::string_view::npos) {
    Tag tag;
    tag.begin = at;
    std::size_t name = at + 1;
    if (name < text.size() && text[name] == '/') {
      tag.is_end = true;
      ++name;
    }
    std::size_t after = name;
    const auto is_of_name = [](char c) {
      return chars::is_ascii_letter(c) || chars::is_ascii_digit(c) || c == '_' || c == '-';
    };
    while (after < text.size() && is_of_name(text[after])) ++after;
    const std::size_t close = text.find_first_of("<>", after);
    if (after > name && close != std::string_view::npos && text[close] == '>') {
      tag.name = lower_case(text.substr(name, after - name));
      tag.inside = text.substr(after, close - after);
      tag.is_empty = tag.inside.ends_with('/');
      tag.end = close + 1;
      return tag;
    }
    ++at;
  }
  return std::nullopt;
}

std::string join_white_space(std::string_view text) {
  std::string joined;
  for (const char c : text) {
    if (!chars::is_ascii_space(c)) {
      joined += c;
    } else if (!joined.empty() && joined.back() != ' ') {
      joined += ' ';
    }
  }
  if (joined.ends_with(' ')) joined.pop_back();
  return joined;
}

void add_field(TrecElement& element, const std::string& tag, std::string_view text) {
  text = chars::trim(text);
  if (text.empty()) return;
  const auto found =
      std::ranges::find(element.fields, tag, &std::pair<std::string, std::string>::first);
  if (found == element.fields.end()) {
    element.fields.emplace_back(tag, text);
  } else {
    found->second += "\n\n" + std::string(text);
  }
}

std::optional<std::string> TrecElement::find(std::string_view tag) const {
  const auto found = std::ranges::find(fields, tag, &std::pair<std::string, std::string>::first);
  if (found == fields.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace saerok::lab
