#include "ingest/frontmatter_scalars.h"

#include <utility>

#include "base/code_points.h"
#include "base/utf8.h"

namespace saerok {
namespace {

using namespace chars;

std::optional<char32_t> parse_hex(std::string_view digits, std::size_t count) {
  if (digits.size() < count) return std::nullopt;
  char32_t value = 0;
  for (const char c : digits.substr(0, count)) {
    const char lower = ascii_lower(c);
    if (!is_ascii_digit(c) && !(lower >= 'a' && lower <= 'f')) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(is_ascii_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return std::nullopt;
  return value;
}

}  // namespace

std::size_t quoted_end(std::string_view text) {
  const char quote = text[0];
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool is_doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == '\'';
      if (!is_doubled) return at + 1;
      ++at;
    }
  }
  return std::string_view::npos;
}

std::string unescape_quoted(std::string_view inside, char quote) {
  std::string out;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    const char c = inside[at];
    if (quote == '\'' && c == '\'') {
      ++at;
      out.push_back('\'');
    } else if (quote == '"' && c == '\\' && at + 1 < inside.size()) {
      const char escaped = inside[++at];
      const std::size_t digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : escaped == 'U' ? 8 : 0;
      const auto value = digits > 0 ? parse_hex(inside.substr(at + 1), digits) : std::nullopt;
      if (value) {
        append_utf8(out, *value);
        at += digits;
      } else {
        out.push_back(escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped);
      }
    } else {
      out.push_back(c == '\n' ? ' ' : c);
    }
  }
  return out;
}

std::string_view without_yaml_comment(std::string_view plain) {
  for (std::size_t at = 1; at < plain.size(); ++at) {
    if (plain[at] == '#' && (plain[at - 1] == ' ' || plain[at - 1] == '\t')) {
      return trim(plain.substr(0, at));
    }
  }
  return plain;
}

std::optional<KeySplit> split_key(std::string_view content) {
  std::size_t colon = 0;
  std::string key;
  if (!content.empty() && (content[0] == '"' || content[0] == '\'')) {
    const std::size_t end = quoted_end(content);
    if (end == std::string_view::npos) return std::nullopt;
    colon = end;
    while (colon < content.size() && content[colon] == ' ') ++colon;
    if (colon >= content.size() || content[colon] != ':') return std::nullopt;
    key = unescape_quoted(content.substr(1, end - 2), content[0]);
  } else {
    colon = content.find(':');
    while (colon != std::string_view::npos && colon + 1 < content.size() &&
           content[colon + 1] != ' ' && content[colon + 1] != '\t') {
      colon = content.find(':', colon + 1);
    }
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    key = std::string(trim(content.substr(0, colon)));
  }
  return KeySplit{std::move(key), trim(content.substr(colon + 1))};
}

bool is_yaml_list_item(std::string_view content) {
  return content == "-" || content.starts_with("- ") || content.starts_with("-\t");
}

bool is_yaml_null(std::string_view plain) {
  return plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL";
}

}  // namespace saerok
