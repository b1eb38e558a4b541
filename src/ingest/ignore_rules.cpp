#include "ingest/ignore_rules.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/unicode.h"

namespace saerok {
namespace {

constexpr auto npos = std::string_view::npos;

struct Token {
  enum class Kind : std::uint8_t { literal, any_one, any_run, any_path, set } kind;
  std::string_view text;  // Literal character's bytes; of a set what stands in the brackets.
};

std::size_t character_size(std::string_view text, std::size_t at) {
  return decode_utf8(text, at).size;
}

std::vector<Token> tokenize(std::string_view pattern) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '*') {
      const std::size_t end = std::min(pattern.find_first_not_of('*', at), pattern.size());
      const bool is_path = end - at >= 2;
      // "**/" may also match nothing: a/**/b is a/b.
      const bool has_slash = is_path && end < pattern.size() && pattern[end] == '/';
      tokens.push_back({is_path ? Token::Kind::any_path : Token::Kind::any_run, {}});
      at = has_slash ? end + 1 : end;
    } else if (c == '?') {
      tokens.push_back({Token::Kind::any_one, {}});
      ++at;
    } else if (c == '[' && pattern.find(']', at + 2) != npos) {
      const std::size_t end = pattern.find(']', at + 2);
      tokens.push_back({Token::Kind::set, pattern.substr(at + 1, end - at - 1)});
      at = end + 1;
    } else {
      if (c == '\\' && at + 1 < pattern.size()) ++at;
      const std::size_t size = character_size(pattern, at);
      tokens.push_back({Token::Kind::literal, pattern.substr(at, size)});
      at += size;
    }
  }
  return tokens;
}

bool set_matches(std::string_view set, char32_t wanted) {
  const bool is_negated = set.starts_with('!') || set.starts_with('^');
  if (is_negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t at = 0; at < set.size();) {
    const DecodedChar low = decode_utf8(set, at);
    at += low.size;
    DecodedChar high = low;
    if (at + 1 < set.size() && set[at] == '-') {
      high = decode_utf8(set, at + 1);
      at += 1 + high.size;
    }
    found = found || (wanted >= low.code_point && wanted <= high.code_point);
  }
  return found != is_negated;
}

/// Whether `token` takes the one character at `at`.
bool takes(const Token& token, std::string_view path, std::size_t at) {
  const DecodedChar c = decode_utf8(path, at);
  switch (token.kind) {
    case Token::Kind::literal: return path.substr(at, c.size) == token.text;
    case Token::Kind::any_one:
    case Token::Kind::any_run: return c.code_point != U'/';
    case Token::Kind::any_path: return true;
    case Token::Kind::set: return c.code_point != U'/' && set_matches(token.text, c.code_point);
  }
  return false;
}

std::string_view without_trailing_blanks(std::string_view line) {
  while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) {
    const bool is_escaped = line.size() > 1 && line[line.size() - 2] == '\\';
    if (is_escaped) break;
    line.remove_suffix(1);
  }
  return line;
}

std::string as_prefix(std::string_view folder) {
  return folder.empty() ? std::string() : std::string(folder) + "/";
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
  const std::vector<Token> tokens = tokenize(pattern);
  // All positions of the pattern that the path so far can have reached: no backtracking.
  std::vector<char> reached(tokens.size() + 1, 0);
  const auto is_run = [&](std::size_t i) {
    return tokens[i].kind == Token::Kind::any_run || tokens[i].kind == Token::Kind::any_path;
  };
  const auto skip_runs = [&](std::vector<char>& states) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (states[i] != 0 && is_run(i)) states[i + 1] = 1;
    }
  };
  reached[0] = 1;
  skip_runs(reached);
  for (std::size_t at = 0; at < path.size(); at += character_size(path, at)) {
    std::vector<char> next(tokens.size() + 1, 0);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (reached[i] == 0 || !takes(tokens[i], path, at)) continue;
      next[is_run(i) ? i : i + 1] = 1;
    }
    skip_runs(next);
    reached = std::move(next);
  }
  return reached[tokens.size()] != 0;
}

void IgnoreRules::add_file(std::string_view folder, std::string_view content) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  while (!content.empty()) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    std::string_view line = without_trailing_blanks(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.empty() || line.starts_with('#')) continue;
    Rule rule;
    rule.folder = as_prefix(folder);
    rule.takes_back = line.starts_with('!');
    if (rule.takes_back) line.remove_prefix(1);
    rule.folders_only = line.ends_with('/');
    if (rule.folders_only) line.remove_suffix(1);
    rule.is_anchored = line.find('/') != npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) continue;
    rule.pattern = to_nfc(line);
    rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::add_obsidian_filter(std::string_view folder, std::string_view filter) {
  if (filter.size() > 1 && filter.starts_with('/') && filter.ends_with('/')) return false;
  while (filter.ends_with('/')) filter.remove_suffix(1);
  if (filter.empty()) return true;
  // Obsidian compares paths, so what is special in a glob is not here.
  std::string pattern;
  for (const char c : to_nfc(filter)) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  rules_.push_back({as_prefix(folder), std::move(pattern), false, false, true});
  return true;
}

bool IgnoreRules::is_ignored(std::string_view path, EntryKind kind) const {
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->folders_only && kind != EntryKind::folder) continue;
    if (!path.starts_with(rule->folder)) continue;
    std::string_view subject = path.substr(rule->folder.size());
    if (!rule->is_anchored) {
      const std::size_t slash = subject.find_last_of('/');
      if (slash != npos) subject.remove_prefix(slash + 1);
    }
    if (glob_matches(rule->pattern, subject)) return !rule->takes_back;
  }
  return false;
}

}  // namespace saerok
