#include "ingest/markdown_entities.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/code_points.h"
#include "base/unicode.h"

namespace saerok {
namespace {

using namespace chars;

constexpr std::size_t kTagBytesMax = 4'096;

struct NamedReference {
  std::string_view name;
  std::string_view text;
};
constexpr std::array kNamedReferences = std::to_array<NamedReference>({
    {"amp", "&"},    {"lt", "<"},     {"gt", ">"},     {"quot", "\""},  {"apos", "'"},
    {"nbsp", " "},   {"ensp", " "},   {"emsp", " "},   {"thinsp", " "}, {"copy", "©"},
    {"reg", "®"},    {"trade", "™"},  {"hellip", "…"}, {"mdash", "—"},  {"ndash", "–"},
    {"lsquo", "‘"},  {"rsquo", "’"},  {"ldquo", "“"},  {"rdquo", "”"},  {"laquo", "«"},
    {"raquo", "»"},  {"middot", "·"}, {"bull", "•"},   {"times", "×"},  {"divide", "÷"},
    {"plusmn", "±"}, {"deg", "°"},    {"micro", "µ"},  {"para", "¶"},   {"sect", "§"},
    {"larr", "←"},   {"rarr", "→"},   {"uarr", "↑"},   {"darr", "↓"},   {"harr", "↔"},
    {"le", "≤"},     {"ge", "≥"},     {"ne", "≠"},     {"infin", "∞"},  {"euro", "€"},
    {"pound", "£"},  {"yen", "¥"},    {"cent", "¢"},   {"frac12", "½"}, {"frac14", "¼"},
    {"auml", "ä"},   {"ouml", "ö"},   {"uuml", "ü"},   {"Auml", "Ä"},   {"Ouml", "Ö"},
    {"Uuml", "Ü"},   {"szlig", "ß"},  {"eacute", "é"}, {"egrave", "è"}, {"agrave", "à"},
    {"ccedil", "ç"}, {"ntilde", "ñ"}, {"check", "✓"},  {"lbrack", "["}, {"rbrack", "]"},
    {"lbrace", "{"}, {"rbrace", "}"}, {"vert", "|"},   {"num", "#"},    {"ast", "*"},
    {"lowbar", "_"}, {"grave", "`"},  {"bsol", "\\"},  {"zwnj", ""},    {"shy", ""},
});

constexpr std::array kTagNames = std::to_array<std::string_view>({
    "a",        "abbr",     "address",    "article", "aside",  "audio",    "b",       "bdi",
    "bdo",      "big",      "blockquote", "body",    "br",     "button",   "canvas",  "caption",
    "center",   "circle",   "cite",       "code",    "col",    "colgroup", "dd",      "del",
    "details",  "dfn",      "div",        "dl",      "dt",     "em",       "embed",   "figcaption",
    "figure",   "font",     "footer",     "form",    "g",      "h1",       "h2",      "h3",
    "h4",       "h5",       "h6",         "head",    "header", "hr",       "html",    "i",
    "iframe",   "img",      "input",      "ins",     "kbd",    "label",    "legend",  "li",
    "line",     "link",     "main",       "map",     "mark",   "meta",     "nav",     "object",
    "ol",       "optgroup", "option",     "p",       "param",  "path",     "picture", "polygon",
    "polyline", "pre",      "q",          "rect",    "rp",     "rt",       "ruby",    "s",
    "samp",     "script",   "section",    "select",  "small",  "source",   "span",    "strike",
    "strong",   "style",    "sub",        "summary", "sup",    "svg",      "table",   "tbody",
    "td",       "textarea", "tfoot",      "th",      "thead",  "time",     "tr",      "track",
    "tt",       "u",        "ul",         "use",     "var",    "video",    "wbr",
});
static_assert(std::ranges::is_sorted(kTagNames));

/// Whether a text stays in NFC wherever this character is put.
bool is_stable(char32_t value) {
  const CharClass kind = class_of(value);
  if (kind == CharClass::mark || kind == CharClass::jamo || kind == CharClass::invalid)
    return false;
  std::string text;
  append_utf8(text, value);
  return to_nfc(text) == text;
}

}  // namespace

CharacterReference parse_character_reference(std::string_view text) {
  constexpr std::size_t kReferenceBytesMax = 12;
  const std::size_t end = text.substr(0, kReferenceBytesMax).find(';');
  if (end == std::string_view::npos || end < 2) return {};
  std::string_view name = text.substr(1, end - 1);
  if (name[0] != '#') {
    const auto* found = std::ranges::find(kNamedReferences, name, &NamedReference::name);
    if (found == kNamedReferences.end()) return {};
    return {end + 1, std::string(found->text)};
  }
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x') || name.starts_with('X');
  if (is_hex) name.remove_prefix(1);
  std::uint32_t value = 0;
  const auto [stop, error] =
      std::from_chars(name.data(), name.data() + name.size(), value, is_hex ? 16 : 10);
  const bool is_whole = error == std::errc() && stop == name.data() + name.size() && !name.empty();
  const bool is_scalar = value >= 0x20 && value <= 0x10FFFF && (value < 0xD800 || value >= 0xE000);
  if (!is_whole || !is_scalar || !is_stable(value)) return {};
  CharacterReference reference{end + 1, {}};
  append_utf8(reference.text, value);
  return reference;
}

HtmlTag parse_html_tag(std::string_view text) {
  text = text.substr(0, kTagBytesMax);
  std::size_t at = 1;
  if (at < text.size() && text[at] == '/') ++at;
  std::string name;
  while (at < text.size() && (is_ascii_letter(text[at]) || is_ascii_digit(text[at]))) {
    name.push_back(ascii_lower(text[at++]));
    if (name.size() > 12) return {};
  }
  if (name.empty() || !std::ranges::binary_search(kTagNames, std::string_view(name))) return {};
  if (at < text.size() && text[at] != '>' && text[at] != '/' && !is_ascii_space(text[at]))
    return {};
  while (at < text.size()) {
    const char c = text[at];
    if (c == '>') return {at + 1, name == "br"};
    if (c == '<') return {};
    if (c == '"' || c == '\'') {
      at = text.find(c, at + 1);
      if (at == std::string_view::npos) return {};
    }
    ++at;
  }
  return {};
}

}  // namespace saerok
