#include "search/query_language.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/unicode.h"
#include "search/filter.h"
#include "search/filter_value.h"
#include "text/dates.h"

namespace saerok {
namespace {

enum class NodeKind : std::uint8_t { word, phrase, prefix, test, group, any, every, negation, plus };

/// A part of a query. `begin` to `end` are its bytes, operators and all.
struct Node {
  NodeKind kind = NodeKind::word;
  std::size_t begin = 0, end = 0;
  std::string_view text;             // Of a word, phrase or prefix.
  AttributeFilter filter;            // Of a test.
  std::vector<Node> children;
};

constexpr std::size_t kSyllableBytes = 3;

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

  std::vector<Node> parse() { return list(0); }

 private:
  bool at_end() const { return at_ >= query_.size(); }
  std::string_view rest() const { return query_.substr(at_); }
  void skip_blanks() {
    while (!at_end() && is_blank(query_[at_])) ++at_;
  }

  std::string place(std::size_t byte, const std::string& what) const {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    const std::string_view before = query_.substr(0, byte);
    const auto characters =
        before.size() -
        static_cast<std::size_t>(std::count_if(before.begin(), before.end(), continues));
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

  std::vector<Node> list(std::size_t depth) {
    std::vector<Node> nodes;
    for (skip_blanks(); !at_end() && !closes_group(); skip_blanks()) {
      nodes.push_back(chain(NodeKind::any, depth));
    }
    return nodes;
  }

  /// Operands joined by OR, each of them operands joined by AND.
  Node chain(NodeKind kind, std::size_t depth) {
    const std::string_view keyword = kind == NodeKind::any ? "OR" : "AND";
    const auto next = [&] {
      return kind == NodeKind::any ? chain(NodeKind::every, depth) : operand(depth);
    };
    Node node;
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

  Node operand(std::size_t depth) {
    if (depth < kQueryDepthMax) {
      if (auto node = signed_operand(depth)) return *std::move(node);
      if (auto node = group(depth)) return *std::move(node);
    }
    if (auto node = test()) return *std::move(node);
    if (auto node = phrase()) return *std::move(node);
    return word();
  }

  Node parent(NodeKind kind, std::size_t begin, Node child) {
    Node node;
    node.kind = kind;
    node.begin = begin;
    node.end = at_;
    node.children.push_back(std::move(child));
    return node;
  }

  /// -word, +word, NOT word. A number after a sign is a number, and so is a sign by itself.
  std::optional<Node> signed_operand(std::size_t depth) {
    const std::size_t begin = at_;
    if (take_keyword("NOT")) return parent(NodeKind::negation, begin, operand(depth + 1));
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
    return parent(sign == '-' ? NodeKind::negation : NodeKind::plus, begin, operand(depth + 1));
  }

  std::optional<Node> group(std::size_t depth) {
    if (query_[at_] != '(') return std::nullopt;
    if (!paired_.contains(at_)) {
      if (parsed_.unclosed.empty()) {
        parsed_.unclosed = place(at_, "this '(' has no ')', so it was ignored");
      }
      return std::nullopt;
    }
    Node node;
    node.kind = NodeKind::group;
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

  std::optional<Node> phrase() {
    Node node;
    node.kind = NodeKind::phrase;
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
    if (std::find(kAlwaysKnown.begin(), kAlwaysKnown.end(), name) != kAlwaysKnown.end()) return true;
    return knows_attribute_(name);
  }

  /// name:value, name>=value and so on, if the name is one. 12:30 and https: are words.
  std::optional<Node> test() {
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
             kSigns.find(query_[name_end]) == std::string_view::npos &&
             query_[name_end] != '(' && query_[name_end] != ')' && query_[name_end] != '"') {
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
    Node node;
    node.kind = NodeKind::test;
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

  Node word() {
    Node node;
    node.begin = at_;
    while (!at_end() && !is_blank(query_[at_]) && !(at_ > node.begin && closes_group())) ++at_;
    node.end = at_;
    node.text = query_.substr(node.begin, at_ - node.begin);
    const std::string_view stem = node.text.substr(0, node.text.size() - 1);
    const bool has_star = node.text.ends_with('*') && !stem.empty() &&
                          stem.find('*') == std::string_view::npos;
    if (has_star && class_of(last_character(stem)) != CharClass::punctuation) {
      node.kind = NodeKind::prefix;
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

/// How a part of a query counts: by its rank alone, as something a chunk must have, or must not.
enum class Role : std::uint8_t { ranked, required, excluded };

/// From the parts of a query to conditions, and the text that is left to rank by.
class QueryBuilder {
 public:
  QueryBuilder(std::string_view query, const Analyzer& analyzer, ParsedQuery& parsed)
      : query_(query), analyzer_(analyzer), parsed_(parsed) {
    parsed_.text = query;
  }

  /// A part on the top level, or in a group on it.
  void add(const Node& node) {
    switch (node.kind) {
      case NodeKind::word: break;
      case NodeKind::prefix: condition_of_node(node, Role::ranked); break;
      case NodeKind::group:
        blank_frame(node);
        for (const Node& child : node.children) add(child);
        break;
      case NodeKind::phrase:
        keep(condition_of_node(node, Role::required), parsed_.phrases);
        break;
      default: keep(condition_of_node(node, Role::required), parsed_.conditions);
    }
  }

 private:
  static void keep(Condition condition, std::vector<Condition>& to) {
    if (condition.op != ConditionOp::all) to.push_back(std::move(condition));
  }

  void blank(std::size_t begin, std::size_t end) {
    std::fill(parsed_.text.begin() + static_cast<std::ptrdiff_t>(begin),
              parsed_.text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
  }
  /// Everything of the node that none of its children covers: its operators.
  void blank_frame(const Node& node) {
    std::size_t at = node.begin;
    for (const Node& child : node.children) {
      blank(at, child.begin);
      at = child.end;
    }
    blank(at, node.end);
  }

  /// The condition that a node sets, and its words, where it is not excluded, left in the text.
  /// ConditionOp::all where it has nothing to ask for, as a phrase of punctuation.
  Condition condition_of_node(const Node& node, Role role) {
    switch (node.kind) {
      case NodeKind::word:
        if (role == Role::excluded) blank(node.begin, node.end);
        return word(node.text, role);
      case NodeKind::phrase: {
        const auto inside = static_cast<std::size_t>(node.text.data() - query_.data());
        blank(node.begin, role == Role::excluded ? node.end : inside);
        if (role != Role::excluded) blank(inside + node.text.size(), node.end);
        return stems_of(node.text);
      }
      case NodeKind::prefix: return prefix(node, role);
      case NodeKind::test: {
        blank(node.begin, node.end);
        Condition condition;
        condition.op = ConditionOp::attributes;
        condition.attributes = node.filter;
        return condition;
      }
      case NodeKind::group:
      case NodeKind::every: return joined(node, ConditionOp::conjunction, role);
      case NodeKind::any: return joined(node, ConditionOp::disjunction, role);
      case NodeKind::plus:
        blank_frame(node);
        return condition_of_node(node.children.front(), role);
      case NodeKind::negation: break;
    }
    blank_frame(node);
    Condition inner = condition_of_node(node.children.front(), Role::excluded);
    if (inner.op == ConditionOp::all) return inner;
    return saerok::condition_of(ConditionOp::negation, {std::move(inner)});
  }

  Condition joined(const Node& node, ConditionOp op, Role role) {
    blank_frame(node);
    std::vector<Condition> conditions;
    for (const Node& child : node.children) keep(condition_of_node(child, role), conditions);
    if (conditions.empty()) return {};
    if (conditions.size() == 1) return std::move(conditions.front());
    return saerok::condition_of(op, std::move(conditions));
  }

  Condition prefix(const Node& node, Role role) {
    blank(node.begin, node.end);
    if (role != Role::excluded) parsed_.prefixes.emplace_back(node.text);
    Condition condition;
    condition.op = ConditionOp::prefix;
    condition.ranges = ranges_of_prefix(fold_case(fold_width(node.text)));
    return condition;
  }

  /// A required Hangul word may also stand inside a longer one (검색 in 정보검색); an excluded one
  /// takes only itself away.
  Condition word(std::string_view text, Role role) {
    Condition stems = stems_of(text);
    if (role == Role::excluded || stems.op == ConditionOp::all) return stems;
    Condition grams;
    grams.op = ConditionOp::grams;
    analyzer_.analyze(text, terms_);
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Term term = terms_[i];
      if (term.field != TermField::gram) continue;
      // 회 of 회의, in case 의 is a particle, is no part of what was asked for.
      if (term.text.size() <= kSyllableBytes && text.size() > kSyllableBytes) continue;
      grams.grams.emplace_back(term.text);
    }
    const bool is_hangul =
        !grams.grams.empty() && is_hangul_syllable(decode_utf8(grams.grams.front(), 0).code_point);
    if (!is_hangul) return stems;
    return saerok::condition_of(ConditionOp::disjunction, {std::move(stems), std::move(grams)});
  }

  Condition stems_of(std::string_view text) {
    analyzer_.analyze(text, terms_);
    Condition condition;
    std::uint32_t first = 0;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Term term = terms_[i];
      if (term.field != TermField::stem) continue;
      if (condition.phrase.empty()) first = term.position;
      condition.phrase.push_back({std::string(term.text), term.position - first});
    }
    if (condition.phrase.empty()) return condition;
    condition.op = ConditionOp::phrase;
    Condition date = written_date(text);
    if (date.op == ConditionOp::all) return condition;
    return saerok::condition_of(ConditionOp::disjunction, {std::move(condition), std::move(date)});
  }

  /// The date that the text is, however a note writes it; ConditionOp::all if it is none.
  static Condition written_date(std::string_view text) {
    Condition condition;
    const std::vector<WrittenDate> dates = find_dates(text);
    const bool is_date = dates.size() == 1 && dates.front().begin == 0 &&
                         text.find_first_not_of(" .", dates.front().end) == std::string_view::npos;
    if (!is_date) return condition;
    condition.op = ConditionOp::grams;
    condition.grams.push_back(terms_of_date(dates.front()).front());
    return condition;
  }

  std::string_view query_;
  const Analyzer& analyzer_;
  ParsedQuery& parsed_;
  TermList terms_;
};

/// Conditions that are looked up, those inside others too.
std::size_t count_of(const std::vector<Condition>& conditions) {
  std::size_t count = 0;
  for (const Condition& condition : conditions) {
    // A prefix is as many words as begin so.
    const std::size_t weight =
        condition.op == ConditionOp::prefix ? kQueryConditionsMax / kQueryPrefixesMax : 1;
    count += condition.children.empty() ? weight : count_of(condition.children);
  }
  return count;
}

}  // namespace

ParsedQuery parse_query(std::string_view query, const Analyzer& analyzer,
                        const KnowsAttribute& knows_attribute) {
  ParsedQuery parsed;
  const std::vector<Node> nodes = QueryParser(query, knows_attribute, parsed).parse();
  QueryBuilder builder(query, analyzer, parsed);
  for (const Node& node : nodes) builder.add(node);
  const std::size_t conditions = count_of(parsed.conditions) + count_of(parsed.phrases);
  if (conditions > kQueryConditionsMax || parsed.prefixes.size() > kQueryPrefixesMax) {
    ParsedQuery plain;
    plain.text = query;
    plain.warnings.push_back("the query asks for more than " + std::to_string(kQueryConditionsMax) +
                             " conditions or " + std::to_string(kQueryPrefixesMax) +
                             " beginnings of words, so it was read as words");
    return plain;
  }
  return parsed;
}

}  // namespace saerok
