#include "ingest/frontmatter.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/code_points.h"
#include "ingest/frontmatter_scalars.h"

namespace saerok {
namespace {

using namespace chars;

/// Deeper maps are kept as text: nobody files a note fifty levels deep, and the parser recurses.
constexpr int kDepthMax = 50;

struct Line {
  std::size_t indent = 0;
  std::string_view content;  // Without indent and trailing white space.
  std::size_t number = 0;    // In the file, from 1.
};

bool is_fence(std::string_view line, std::string_view fence) {
  return line.starts_with(fence) && trim(line.substr(fence.size())).empty();
}

class Parser {
 public:
  Parser(std::vector<Line> lines, Frontmatter& out) : lines_(std::move(lines)), out_(out) {}

  void run() { parse_block(0, "", 0); }

 private:
  void add(std::string key, std::string value, bool is_quoted) {
    out_.entries.push_back({std::move(key), std::move(value), is_quoted});
  }
  void note(const Line& line, std::string_view what) {
    out_.notes.push_back("line " + std::to_string(line.number) + ": " + std::string(what) +
                         "; kept as text");
  }

  /// Entries with at least `indent`, until a line with less.
  void parse_block(std::size_t indent, const std::string& prefix, int depth) {
    while (at_ < lines_.size()) {
      const Line line = lines_[at_];
      if (line.content.empty() || line.content[0] == '#') {
        ++at_;
        continue;
      }
      if (line.indent < indent) return;
      if (is_yaml_list_item(line.content)) {
        parse_item(line, prefix, depth);
      } else {
        parse_entry(line, prefix, depth);
      }
    }
  }

  void parse_item(const Line& line, const std::string& prefix, int depth) {
    const std::string_view rest = trim(line.content.substr(1));
    if (rest.empty() || rest[0] == '#') {
      ++at_;
      parse_nested(line.indent + 1, prefix, depth);
      return;
    }
    const bool is_inner = rest[0] != '[' && rest[0] != '{' && rest[0] != '"' && rest[0] != '\'' &&
                          (split_key(rest).has_value() || is_yaml_list_item(rest));
    if (is_inner && depth < kDepthMax) {
      const auto offset = static_cast<std::size_t>(rest.data() - line.content.data());
      lines_[at_] = {line.indent + offset, rest, line.number};
      parse_block(line.indent + offset, prefix, depth + 1);
      return;
    }
    ++at_;
    parse_value(line, prefix, rest);
  }

  void parse_entry(const Line& line, const std::string& prefix, int depth) {
    ++at_;
    const std::optional<KeySplit> split = split_key(line.content);
    if (!split) {
      note(line, "this is no front matter entry (key: value)");
      add(prefix.empty() ? "frontmatter" : prefix, std::string(line.content), true);
      return;
    }
    const std::string key = prefix.empty() ? split->key : prefix + "." + split->key;
    const bool is_bare = split->value.empty() || split->value.starts_with("# ");
    if (!is_bare) {
      parse_value(line, key, split->value);
      return;
    }
    const std::size_t next = next_line();
    if (next == lines_.size()) return;
    const bool is_same_level_list =
        lines_[next].indent == line.indent && is_yaml_list_item(lines_[next].content);
    if (is_same_level_list) {
      while (next_line() < lines_.size() && lines_[next_line()].indent == line.indent &&
             is_yaml_list_item(lines_[next_line()].content)) {
        at_ = next_line();
        parse_item(lines_[at_], key, depth);
      }
    } else if (lines_[next].indent > line.indent) {
      parse_nested(line.indent + 1, key, depth);
    }
  }

  void parse_nested(std::size_t indent, const std::string& key, int depth) {
    if (depth < kDepthMax) {
      parse_block(indent, key, depth + 1);
      return;
    }
    if (at_ < lines_.size()) note(lines_[at_], "this is nested too deeply");
    for (; at_ < lines_.size() && lines_[at_].indent >= indent; ++at_) {
      if (!lines_[at_].content.empty()) add(key, std::string(lines_[at_].content), true);
    }
  }

  std::size_t next_line() const {
    std::size_t next = at_;
    while (next < lines_.size() &&
           (lines_[next].content.empty() || lines_[next].content[0] == '#')) {
      ++next;
    }
    return next;
  }

  /// Joins the lines that continue a value: those with more indent than its own.
  std::string with_continuation(const Line& line, std::string_view value, char joint) {
    std::string joined(value);
    std::size_t blank_count = 0;
    for (; at_ < lines_.size(); ++at_) {
      const Line& next = lines_[at_];
      if (next.content.empty()) {
        ++blank_count;
        continue;
      }
      if (next.indent <= line.indent) break;
      joined.append(blank_count, '\n');
      blank_count = 0;
      if (!joined.empty()) joined.push_back(joint);
      joined += next.content;
    }
    return joined;
  }

  void parse_value(const Line& line, const std::string& key, std::string_view value) {
    const char first = value[0];
    if (first == '|' || first == '>') {
      add(key, with_continuation(line, "", first == '|' ? '\n' : ' '), true);
    } else if (value.starts_with("[[")) {
      add(key, with_continuation(line, value, ' '), true);  // Obsidian: a link without quotes.
    } else if (first == '[' || first == '{') {
      const std::string flow = with_continuation(line, value, ' ');
      if (!parse_flow(flow, key)) {
        note(line, "this list or map is not closed");
        add(key, flow, true);
      }
    } else if (first == '"' || first == '\'') {
      parse_quoted(line, key, value);
    } else if (first == '&' || first == '*' || first == '!' || first == '%' || first == '@' ||
               first == '`') {
      note(line, "YAML of this kind is not read");
      add(key, with_continuation(line, value, ' '), true);
    } else {
      const std::string plain = with_continuation(line, without_yaml_comment(value), ' ');
      if (!is_yaml_null(plain)) add(key, plain, false);
    }
  }

  void parse_quoted(const Line& line, const std::string& key, std::string_view value) {
    std::string joined(value);
    if (quoted_end(joined) == std::string_view::npos) joined = with_continuation(line, value, ' ');
    const std::size_t end = quoted_end(joined);
    if (end == std::string_view::npos) {
      note(line, "this quoted text is not closed");
      add(key, joined, true);
      return;
    }
    const std::string_view rest = trim(std::string_view(joined).substr(end));
    if (!rest.empty() && rest[0] != '#') {
      note(line, "text follows after the closing quote");
      add(key, joined, true);
      return;
    }
    add(key, unescape_quoted(std::string_view(joined).substr(1, end - 2), value[0]), true);
  }

  /// An inline list or map; nested ones are flattened. false if brackets do not match.
  bool parse_flow(std::string_view flow, const std::string& key) {
    struct Level {
      char close;
      std::string key;
    };
    std::vector<Level> levels;
    std::vector<FrontmatterEntry> found;
    std::string pending_key;  // Of the map entry whose value comes next.
    std::size_t at = 0;
    while (at < flow.size()) {
      const char c = flow[at];
      if (c == ' ' || c == '\t' || c == ',') {
        if (c == ',') pending_key.clear();
        ++at;
      } else if (c == '[' || c == '{') {
        if (levels.size() > static_cast<std::size_t>(kDepthMax)) return false;
        std::string base = levels.empty() ? key : levels.back().key;
        if (!pending_key.empty()) base += "." + std::exchange(pending_key, {});
        levels.push_back({c == '[' ? ']' : '}', std::move(base)});
        ++at;
      } else if (c == ']' || c == '}') {
        if (levels.empty() || levels.back().close != c) return false;
        levels.pop_back();
        ++at;
        if (levels.empty()) break;
      } else {
        if (levels.empty() || !parse_flow_scalar(flow, at, levels.back().close == '}',
                                                 levels.back().key, pending_key, found)) {
          return false;
        }
      }
    }
    const std::string_view rest = trim(flow.substr(at));
    if (!levels.empty() || (!rest.empty() && rest[0] != '#')) return false;
    out_.entries.insert(out_.entries.end(), found.begin(), found.end());
    return true;
  }

  static bool parse_flow_scalar(std::string_view flow, std::size_t& at, bool is_map,
                                const std::string& base, std::string& pending_key,
                                std::vector<FrontmatterEntry>& found) {
    std::string value;
    bool is_quoted = false;
    if (flow[at] == '"' || flow[at] == '\'') {
      const std::size_t size = quoted_end(flow.substr(at));
      if (size == std::string_view::npos) return false;
      value = unescape_quoted(flow.substr(at + 1, size - 2), flow[at]);
      is_quoted = true;
      at += size;
      while (at < flow.size() && flow[at] == ' ') ++at;
    } else {
      const std::size_t begin = at;
      while (at < flow.size() && flow[at] != ',' && flow[at] != ']' && flow[at] != '}' &&
             !(is_map && pending_key.empty() && flow[at] == ':')) {
        ++at;
      }
      value = std::string(trim(flow.substr(begin, at - begin)));
    }
    if (is_map && pending_key.empty() && at < flow.size() && flow[at] == ':') {
      pending_key = std::move(value);
      ++at;
      return !pending_key.empty();
    }
    std::string key = pending_key.empty() ? base : base + "." + std::exchange(pending_key, {});
    if (is_quoted || !is_yaml_null(value))
      found.push_back({std::move(key), std::move(value), is_quoted});
    return true;
  }

  std::vector<Line> lines_;
  Frontmatter& out_;
  std::size_t at_ = 0;
};

/// A thematic break at the top of a note looks the same; entries tell them apart.
bool begins_with_entry(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (line.content.empty() || line.content[0] == '#') continue;
    return split_key(line.content).has_value();
  }
  return true;
}

}  // namespace

Frontmatter parse_frontmatter(std::string_view text) {
  Frontmatter result;
  std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !is_fence(text.substr(0, end), "---")) return result;
  std::vector<Line> lines;
  std::size_t at = end + 1;
  for (std::size_t number = 2; at < text.size(); ++number) {
    end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = std::min(end + 1, text.size());
    if (is_fence(line, "---") || is_fence(line, "...")) {
      if (!begins_with_entry(lines)) return {};
      result.size = at;
      Parser(std::move(lines), result).run();
      return result;
    }
    const std::size_t indent = line.find_first_not_of(" \t");
    if (indent == std::string_view::npos) {
      lines.push_back({0, {}, number});
    } else {
      lines.push_back({indent, trim(line.substr(indent)), number});
    }
  }
  return {};
}

}  // namespace saerok
