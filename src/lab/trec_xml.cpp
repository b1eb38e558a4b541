// The XML of TREC's later topics: <topic number="1"> with <query>, <question>, <title> or bare
// text.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/code_points.h"
#include "base/unicode.h"
#include "lab/trec.h"
#include "lab/trec_tags.h"

namespace saerok::lab {
namespace {

/// A topics file that has not named a topic by then is something else.
constexpr std::size_t kLookBytes = 65'536;

/// `text` without comments, and with CDATA as the references to characters that it stands for.
/// Lines keep their numbers.
std::string plain_xml(std::string_view text) {
  struct Section {
    std::string_view begin, end;
  };
  static constexpr std::array<Section, 2> kSections = {{{"<!--", "-->"}, {"<![CDATA[", "]]>"}}};
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find("<!", at), text.size());
    plain += text.substr(at, open - at);
    at = open;
    if (at == text.size()) break;
    const auto section = std::ranges::find_if(
        kSections, [&](const Section& one) { return text.substr(at).starts_with(one.begin); });
    if (section == kSections.end()) {
      plain += text[at++];
      continue;
    }
    at += section->begin.size();
    const std::size_t close = std::min(text.find(section->end, at), text.size());
    const bool is_comment = section == kSections.begin();
    for (const char c : text.substr(at, close - at)) {
      if (c == '<' && !is_comment) plain += "&lt;";
      else if (c == '&' && !is_comment) plain += "&amp;";
      else if (c == '\n' || !is_comment) plain += c;
    }
    at = std::min(close + section->end.size(), text.size());
  }
  return plain;
}

/// The character that "&name;" stands for, without the marks around it; nothing if it is unknown.
std::optional<char32_t> character_of(std::string_view name) {
  struct Named {
    std::string_view name;
    char32_t character;
  };
  static constexpr std::array<Named, 5> kNamed = {
      {{"amp", U'&'}, {"lt", U'<'}, {"gt", U'>'}, {"quot", U'"'}, {"apos", U'\''}}};
  const auto named = std::ranges::find(kNamed, name, &Named::name);
  if (named != kNamed.end()) return named->character;
  if (!name.starts_with('#')) return std::nullopt;
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x') || name.starts_with('X');
  if (is_hex) name.remove_prefix(1);
  std::uint32_t value = 0;
  const auto [end, failed] =
      std::from_chars(name.data(), name.data() + name.size(), value, is_hex ? 16 : 10);
  const bool is_scalar = value < 0xD800 || (value > 0xDFFF && value <= 0x10FFFF);
  if (failed != std::errc() || end != name.data() + name.size() || value == 0 || !is_scalar) {
    return std::nullopt;
  }
  return static_cast<char32_t>(value);
}

std::string with_characters(std::string_view text) {
  constexpr std::size_t kReferenceBytesMax = 12;
  std::string read;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end =
        text[at] == '&' ? text.substr(at, kReferenceBytesMax).find(';') : std::string_view::npos;
    const auto character =
        end == std::string_view::npos ? std::nullopt : character_of(text.substr(at + 1, end - 1));
    if (character) {
      append_utf8(read, *character);
      at += end + 1;
    } else {
      read += text[at++];
    }
  }
  return read;
}

/// The value of the first of these attributes that is there.
std::string attribute_of(std::string_view inside) {
  static constexpr std::array<std::string_view, 5> kNames = {"number", "num", "id", "topicid",
                                                             "qid"};
  for (const std::string_view name : kNames) {
    for (std::size_t at = inside.find('='); at != std::string_view::npos;
         at = inside.find('=', at + 1)) {
      const std::string_view before = chars::trim(inside.substr(0, at));
      const std::string_view after = chars::trim(inside.substr(at + 1));
      // As a name of its own, not as the end of another.
      const std::size_t space = before.find_last_of(" \t\r\n");
      if (lower_case(before.substr(space == std::string_view::npos ? 0 : space + 1)) != name ||
          after.empty() || (after[0] != '"' && after[0] != '\''))
        continue;
      const std::size_t close = after.find(after[0], 1);
      if (close != std::string_view::npos) return with_characters(after.substr(1, close - 1));
    }
  }
  return {};
}

void take_field(TrecElement& topic, const std::string& name, std::string_view text) {
  add_field(topic, name, with_characters(join_white_space(text)));
}

/// What stands between <topic …> and </topic>: only the outermost elements have names of their own.
void read_inside(std::string_view inner, TrecElement& topic) {
  std::string name;
  std::string gathered;
  std::size_t from = 0;
  const auto flush = [&] {
    take_field(topic, name, gathered);
    gathered.clear();
  };
  for (auto tag = find_tag(inner, 0); tag; tag = find_tag(inner, tag->end)) {
    gathered += inner.substr(from, tag->begin - from);
    gathered += ' ';
    from = tag->end;
    if (tag->is_empty) continue;
    if (name.empty() && !tag->is_end) {
      flush();
      name = tag->name;
    } else if (tag->is_end && tag->name == name) {
      flush();
      name.clear();
    }
  }
  gathered += inner.substr(from);
  flush();
}

}  // namespace

bool looks_like_trec_xml_topics(std::string_view text) {
  text = without_mark(text);
  if (!chars::trim(text.substr(0, kLookBytes)).starts_with('<')) return false;
  const std::string begin = plain_xml(text.substr(0, kLookBytes));
  for (auto tag = find_tag(begin, 0); tag; tag = find_tag(begin, tag->end)) {
    if (tag->name == "topic" && !tag->is_end) return true;
    if (tag->name == "top" || tag->name == "doc") return false;
  }
  return false;
}

Status for_each_trec_xml_topic(std::string_view text,
                               const std::function<Status(const TrecElement&)>& visit,
                               const BadLineSink& bad_line, const CallContext& call) {
  const std::string plain = plain_xml(text);
  std::uint64_t line = 1;
  std::size_t counted = 0;
  const auto line_at = [&](std::size_t at) {
    const auto passed = std::string_view(plain).substr(counted, at - counted);
    line += static_cast<std::uint64_t>(std::ranges::count(passed, '\n'));
    counted = at;
    return line;
  };
  std::optional<Tag> open;
  for (auto tag = find_tag(plain, 0); tag; tag = find_tag(plain, tag->end)) {
    if (tag->name != "topic" || (open && !tag->is_end && tag->is_empty)) continue;
    TRY(call.check());
    if (open && !tag->is_end) {
      bad_line(line_at(open->begin), "<topic> is not closed before the next one begins");
    }
    const bool is_whole = tag->is_empty || (tag->is_end && open);
    if (is_whole) {
      const Tag& begin = tag->is_empty ? *tag : *open;
      TrecElement topic{.line = line_at(begin.begin), .fields = {}};
      add_field(topic, "num", attribute_of(begin.inside));
      if (!tag->is_empty) {
        read_inside(std::string_view(plain).substr(begin.end, tag->begin - begin.end), topic);
      }
      TRY(visit(topic));
    }
    open = is_whole || tag->is_end ? std::nullopt : tag;
  }
  if (open) bad_line(line_at(open->begin), "<topic> is cut off before its end");
  return {};
}

}  // namespace saerok::lab
