#include "search/query_nodes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/unicode.h"
#include "search/filter.h"
#include "search/filter_value.h"

namespace saerok {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Attributes that every document has, or that the filter grammar gives a meaning of its own.
constexpr std::array<std::string_view, 11> kAlwaysKnown = {
    "tag", "tags", "alias", "aliases", "path", "root", "title", "id", "before", "after", "date"};

/// A pair of quotation marks in UTF-8.
struct Quotes {
  std::string_view open, close;
};
constexpr std::array<Quotes, 2> kQuotes = {{{"\"", "\""}, {"\u201C", "\u201D"}}};

/// Recursive descent; whoever cannot read an operator leaves it to be read as a word.
class QueryParser {
 public:
  QueryParser(std::string_view query, const KnowsAttribute& knows_attribute, ParsedQuery& parsed)
      : query_(query), knows_attribute_(knows_attribute), parsed_(parsed) {
    std::vector<std::size_t> open;
    for (std::size_t at = 0; at < query.size(); ++at) {
      if (query[at] == '(') open.push_back(at);
      if (query[at] != ')' || open.empty()) continue;
      paired_.insert(open.back());
      open.pop_back();
    }
  }

  std::vector<QueryNode> parse() { return list(0); }

 private:
  bool at_end() const { return at_ >= query_.size(); }
  std::string_view rest() const { return query_.substr(at_); }
  void skip_blanks() {
    while (!at_end() && is_blank(query_[at_])) ++at_;
  }

  std::string place(std::size_t byte, const std::string& what) const {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    const std::string_view before = query_.substr(0, byte);
    const auto characters = before.size() - static_cast<std::size_t>(std::count_if(
                                                before.begin(), before.end(), continues));
    return "query, at character " + std::to_string(characters + 1) + ": " + what;
  }

  bool sees_keyword(std::string_view word) const {
    if (!rest().starts_with(word)) return false;
    const std::string_view after = rest().substr(word.size());
    return after.empty() || is_blank(after.front()) || after.front() == '(' ||
           (after.front() == ')' && open_groups_ > 0);
  }
  /// A keyword with an operand behind it.
  bool take_keyword(std::string_view word) {
    if (!sees_keyword(word)) return false;
    const std::size_t before = at_;
    at_ += word.size();
    skip_blanks();
    if (!at_end() && !closes_group()) return true;
    at_ = before;
    return false;
  }
  bool closes_group() const { return closes_group_at(at_); }
  bool closes_group_at(std::size_t at) const { return open_groups_ > 0 && query_[at] == ')'; }

  std::vector<QueryNode> list(std::size_t depth) {
    std::vector<QueryNode> nodes;
    for (skip_blanks(); !at_end() && !closes_group(); skip_blanks()) {
      nodes.push_back(chain(QueryNodeKind::any, depth));
    }
    return nodes;
  }

  /// Operands joined by OR, each of them operands joined by AND.
  QueryNode chain(QueryNodeKind kind, std::size_t depth) {
    const std::string_view keyword = kind == QueryNodeKind::any ? "OR" : "AND";
    const auto next = [&] {
      return kind == QueryNodeKind::any ? chain(QueryNodeKind::every, depth) : operand(depth);
    };
    QueryNode node;
    node.kind = kind;
    node.begin = at_;
    node.children.push_back(next());
    for (;;) {
      const std::size_t before = at_;
      skip_blanks();
      if (!take_keyword(keyword)) {
        at_ = before;
        break;
      }
      node.children.push_back(next());
    }
    if (node.children.size() == 1) return std::move(node.children.front());
    node.end = at_;
    return node;
  }

  QueryNode operand(std::size_t depth) {
    if (depth < kQueryDepthMax) {
      if (auto node = signed_operand(depth)) return *std::move(node);
      if (auto node = group(depth)) return *std::move(node);
    }
    if (auto node = test()) return *std::move(node);
    if (auto node = phrase()) return *std::move(node);
    return word();
  }

  QueryNode parent(QueryNodeKind kind, std::size_t begin, QueryNode child) {
    QueryNode node;
    node.kind = kind;
    node.begin = begin;
    node.end = at_;
    node.children.push_back(std::move(child));
    return node;
  }

  /// -word, +word, NOT word. A number after a sign is a number, and so is a sign by itself.
  std::optional<QueryNode> signed_operand(std::size_t depth) {
    const std::size_t begin = at_;
    if (take_keyword("NOT")) return parent(QueryNodeKind::negation, begin, operand(depth + 1));
    const char sign = query_[at_];
    if ((sign != '-' && sign != '+') || at_ + 1 >= query_.size()) return std::nullopt;
    const DecodedChar next = decode_utf8(query_, at_ + 1);
    const CharClass kind = class_of(next.code_point);
    const bool is_operand = kind == CharClass::letter || kind == CharClass::hangul ||
                            kind == CharClass::jamo || kind == CharClass::han ||
                            kind == CharClass::kana || next.code_point == U'"' ||
                            next.code_point == U'\u201C' || next.code_point == U'(';
    if (!is_operand) return std::nullopt;
    ++at_;
    return parent(sign == '-' ? QueryNodeKind::negation : QueryNodeKind::plus, begin,
                  operand(depth + 1));
  }

  std::optional<QueryNode> group(std::size_t depth) {
    if (query_[at_] != '(') return std::nullopt;
    if (!paired_.contains(at_)) {
      if (parsed_.unclosed.empty()) {
        parsed_.unclosed = place(at_, "this '(' has no ')', so it was ignored");
      }
      return std::nullopt;
    }
    QueryNode node;
    node.kind = QueryNodeKind::group;
    node.begin = at_++;
    ++open_groups_;
    node.children = list(depth + 1);
    --open_groups_;
    if (!at_end()) ++at_;
    node.end = at_;
    return node;
  }

  /// The end of the quotation that begins here, behind its closing mark; 0: none begins or ends.
  std::size_t end_of_quotation(std::size_t& inside_begin, std::size_t& inside_end) {
    for (std::size_t i = 0; i < kQuotes.size(); ++i) {
      if (no_more_closed_[i] || !rest().starts_with(kQuotes[i].open)) continue;
      inside_begin = at_ + kQuotes[i].open.size();
      inside_end = query_.find(kQuotes[i].close, inside_begin);
      if (inside_end != std::string_view::npos) return inside_end + kQuotes[i].close.size();
      no_more_closed_[i] = true;
    }
    return 0;
  }

  std::optional<QueryNode> phrase() {
    QueryNode node;
    node.kind = QueryNodeKind::phrase;
    node.begin = at_;
    std::size_t inside_begin = 0, inside_end = 0;
    node.end = end_of_quotation(inside_begin, inside_end);
    if (node.end == 0) {
      if (query_[at_] == '"' && parsed_.unclosed.empty()) {
        parsed_.unclosed = place(at_, "this quotation mark has no partner, so it was ignored");
      }
      return std::nullopt;
    }
    node.text = query_.substr(inside_begin, inside_end - inside_begin);
    at_ = node.end;
    return node;
  }

  bool is_known(std::string_view name) const {
    if (std::find(kAlwaysKnown.begin(), kAlwaysKnown.end(), name) != kAlwaysKnown.end())
      return true;
    return knows_attribute_(name);
  }

  /// name:value, name>=value and so on, if the name is one. 12:30 and https: are words.
  std::optional<QueryNode> test() {
    constexpr std::string_view kSigns = ":=<>!";
    std::size_t name_end = at_;
    std::string name;
    if (query_[at_] == '"') {
      std::size_t inside_begin = 0, inside_end = 0;
      name_end = end_of_quotation(inside_begin, inside_end);
      if (name_end == 0) return std::nullopt;
      name = fold_filter_text(query_.substr(inside_begin, inside_end - inside_begin));
    } else {
      while (name_end < query_.size() && !is_blank(query_[name_end]) &&
             kSigns.find(query_[name_end]) == std::string_view::npos && query_[name_end] != '(' &&
             query_[name_end] != ')' && query_[name_end] != '"') {
        ++name_end;
      }
      name = fold_filter_text(query_.substr(at_, name_end - at_));
    }
    std::size_t value = query_.find_first_not_of(kSigns, name_end);
    if (value == name_end || value == std::string_view::npos || is_blank(query_[value]) ||
        closes_group_at(value) || name.empty() || !is_known(name)) {
      return std::nullopt;
    }
    const std::size_t end = end_of_value(value);
    Result<AttributeFilter> filter = parse_filter(query_.substr(at_, end - at_));
    if (!filter) {
      warn_of_test("'" + std::string(query_.substr(at_, end - at_)) +
                   "' is no test, so its words were searched for (" + filter.error().message + ")");
      return std::nullopt;
    }
    QueryNode node;
    node.kind = QueryNodeKind::test;
    node.begin = at_;
    node.end = end;
    node.filter = std::move(*filter);
    at_ = end;
    return node;
  }

  /// Of many such tests the first is named.
  void warn_of_test(const std::string& what) {
    if (parsed_.warnings.empty()) parsed_.warnings.push_back(place(at_, what));
  }

  std::size_t end_of_value(std::size_t begin) const {
    if (query_[begin] == '"') {
      std::size_t at = begin + 1;
      while (at < query_.size() && query_[at] != '"') at += query_[at] == '\\' ? 2u : 1u;
      return std::min(at + 1, query_.size());
    }
    std::size_t at = begin;
    while (at < query_.size() && !is_blank(query_[at]) && !closes_group_at(at)) ++at;
    return at;
  }

  QueryNode word() {
    QueryNode node;
    node.begin = at_;
    while (!at_end() && !is_blank(query_[at_]) && !(at_ > node.begin && closes_group())) ++at_;
    node.end = at_;
    node.text = query_.substr(node.begin, at_ - node.begin);
    const std::string_view stem = node.text.substr(0, node.text.size() - 1);
    const bool has_star =
        node.text.ends_with('*') && !stem.empty() && stem.find('*') == std::string_view::npos;
    if (has_star && class_of(last_character(stem)) != CharClass::punctuation) {
      node.kind = QueryNodeKind::prefix;
      node.text = stem;
    }
    return node;
  }

  static char32_t last_character(std::string_view text) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    return decode_utf8(text, begin).code_point;
  }

  std::string_view query_;
  const KnowsAttribute& knows_attribute_;
  ParsedQuery& parsed_;
  std::unordered_set<std::size_t> paired_;  // Places of parentheses that are closed.
  std::array<bool, kQuotes.size()> no_more_closed_{};
  std::size_t at_ = 0;
  std::size_t open_groups_ = 0;
};

}  // namespace

std::vector<QueryNode> parse_nodes(std::string_view query, const KnowsAttribute& knows_attribute,
                                   ParsedQuery& parsed) {
  return QueryParser(query, knows_attribute, parsed).parse();
}

}  // namespace saerok
