#include "search/query_language.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/unicode.h"
#include "search/query_nodes.h"
#include "text/dates.h"

namespace saerok {
namespace {

constexpr std::size_t kSyllableBytes = 3;

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
  void add(const QueryNode& node) {
    switch (node.kind) {
      case QueryNodeKind::word: break;
      case QueryNodeKind::prefix: condition_of_node(node, Role::ranked); break;
      case QueryNodeKind::group:
        blank_frame(node);
        for (const QueryNode& child : node.children) add(child);
        break;
      case QueryNodeKind::phrase:
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
  void blank_frame(const QueryNode& node) {
    std::size_t at = node.begin;
    for (const QueryNode& child : node.children) {
      blank(at, child.begin);
      at = child.end;
    }
    blank(at, node.end);
  }

  /// The condition that a node sets, and its words, where it is not excluded, left in the text.
  /// ConditionOp::all where it has nothing to ask for, as a phrase of punctuation.
  Condition condition_of_node(const QueryNode& node, Role role) {
    switch (node.kind) {
      case QueryNodeKind::word:
        if (role == Role::excluded) blank(node.begin, node.end);
        return word(node.text, role);
      case QueryNodeKind::phrase: {
        const auto inside = static_cast<std::size_t>(node.text.data() - query_.data());
        blank(node.begin, role == Role::excluded ? node.end : inside);
        if (role != Role::excluded) blank(inside + node.text.size(), node.end);
        return stems_of(node.text);
      }
      case QueryNodeKind::prefix: return prefix(node, role);
      case QueryNodeKind::test: {
        blank(node.begin, node.end);
        Condition condition;
        condition.op = ConditionOp::attributes;
        condition.attributes = node.filter;
        return condition;
      }
      case QueryNodeKind::group:
      case QueryNodeKind::every: return joined(node, ConditionOp::conjunction, role);
      case QueryNodeKind::any: return joined(node, ConditionOp::disjunction, role);
      case QueryNodeKind::plus:
        blank_frame(node);
        return condition_of_node(node.children.front(), role);
      case QueryNodeKind::negation: break;
    }
    blank_frame(node);
    Condition inner = condition_of_node(node.children.front(), Role::excluded);
    if (inner.op == ConditionOp::all) return inner;
    return saerok::condition_of(ConditionOp::negation, {std::move(inner)});
  }

  Condition joined(const QueryNode& node, ConditionOp op, Role role) {
    blank_frame(node);
    std::vector<Condition> conditions;
    for (const QueryNode& child : node.children) keep(condition_of_node(child, role), conditions);
    if (conditions.empty()) return {};
    if (conditions.size() == 1) return std::move(conditions.front());
    return saerok::condition_of(op, std::move(conditions));
  }

  Condition prefix(const QueryNode& node, Role role) {
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
  const std::vector<QueryNode> nodes = parse_nodes(query, knows_attribute, parsed);
  QueryBuilder builder(query, analyzer, parsed);
  for (const QueryNode& node : nodes) builder.add(node);
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
