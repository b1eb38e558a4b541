#include "server/exchange.h"

#include <algorithm>
#include <optional>

#include "base/unicode.h"

namespace saerok::server {
namespace {

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

enum class Plus : std::uint8_t { keep, blank };

/// Nothing where an escape is cut short, or the bytes are no UTF-8, or hold a NUL.
std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char letter = text[i];
    if (letter == '+' && plus == Plus::blank) letter = ' ';
    if (letter == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      letter = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (letter == '\0') return std::nullopt;
    decoded.push_back(letter);
  }
  if (replace_invalid_utf8(decoded).text != decoded) return std::nullopt;
  return decoded;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::size_t Request::count_header(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(headers, name, &Header::name));
}

bool parse_target(Request& request) {
  request.path.clear();
  request.query.clear();
  std::string_view target = request.target;
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return false;
  const std::size_t mark = target.find('?');
  // An encoded '/' would move the borders between segments: no route has use for one.
  auto path = percent_decode(target.substr(0, mark), Plus::keep);
  if (!path || std::ranges::count(*path, '/') != std::ranges::count(target.substr(0, mark), '/')) {
    return false;
  }
  std::string_view pairs = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!pairs.empty()) {
    const std::string_view pair = pairs.substr(0, pairs.find('&'));
    pairs.remove_prefix(std::min(pairs.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), Plus::blank);
    auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1),
                                Plus::blank);
    if (!name || !value) return false;
    request.query.insert_or_assign(*std::move(name), *std::move(value));
  }
  request.path = *std::move(path);
  return true;
}

}  // namespace saerok::server
