#include "ingest/markdown_links.h"

#include <algorithm>

#include "base/code_points.h"
#include "base/unicode.h"

namespace saerok {
namespace {

using namespace chars;

constexpr std::size_t kDestinationBytesMax = 2'000;
constexpr std::size_t kParenthesesMax = 32;  // As the CommonMark implementations.
constexpr auto npos = std::string_view::npos;

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (is_ascii_digit(c)) return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape = text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
                           digit(text[at + 2]) >= 0;
    if (is_escape) {
      out.push_back(static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2])));
      at += 2;
    } else {
      out.push_back(text[at]);
    }
  }
  return is_valid_utf8(out) ? out : std::string(text);
}

/// One past a destination without <> that begins at `at`; npos if its parentheses nest too deeply.
std::size_t plain_destination_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size() && !is_ascii_space(text[at]); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
    } else if (text[at] == '(') {
      if (++depth > kParenthesesMax) return npos;
    } else if (text[at] == ')') {
      if (depth == 0) break;
      --depth;
    }
  }
  return std::min(at, text.size());
}

}  // namespace

LinkDestination parse_link_destination(std::string_view text) {
  text = text.substr(0, kDestinationBytesMax);
  constexpr std::string_view kBlanks = " \n\t";
  std::size_t at = text.find_first_not_of(kBlanks, 1);
  if (at == npos) return {};
  LinkDestination found;
  if (text[at] == '<') {
    const std::size_t end = text.find_first_of("<>\n", at + 1);
    if (end == npos || text[end] != '>') return {};
    found.target = text.substr(at + 1, end - at - 1);
    at = end + 1;
  } else {
    const std::size_t end = plain_destination_end(text, at);
    if (end == npos) return {};
    found.target = text.substr(at, end - at);
    at = end;
  }
  at = text.find_first_not_of(kBlanks, at);
  if (at != npos && (text[at] == '"' || text[at] == '\'' || text[at] == '(')) {
    at = text.find(text[at] == '(' ? ')' : text[at], at + 1);
    if (at != npos) at = text.find_first_not_of(kBlanks, at + 1);
  }
  if (at == npos || text[at] != ')') return {};
  found.size = at + 1;
  return found;
}

std::string local_target(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t colon = target.find(':');
  const bool has_scheme = colon != npos && colon > 1 && target.find('/') >= colon;
  if (has_scheme || target.starts_with("//")) return {};
  return percent_decoded(target);
}

}  // namespace saerok
