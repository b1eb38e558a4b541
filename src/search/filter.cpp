#include "search/filter.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "base/unicode.h"
#include "search/filter_value.h"

namespace saerok {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool ends_name(char c) {
  return is_blank(c) || std::string_view("():=<>!\"*").find(c) != std::string_view::npos;
}

/// A value as written, before its types are read.
struct WrittenValue {
  std::string text;
  bool is_quoted = false;
  std::size_t begin = 0;
};

enum class Operator : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

AttributeFilter node_of(FilterOp op) {
  AttributeFilter node;
  node.op = op;
  return node;
}

AttributeFilter negation_of(AttributeFilter filter) {
  AttributeFilter negated = node_of(FilterOp::negation);
  negated.children.push_back(std::move(filter));
  return negated;
}

AttributeFilter test_of(std::string name, Comparison comparison,
                        std::vector<AttributeValue> alternatives) {
  AttributeFilter test = node_of(FilterOp::test);
  test.name = std::move(name);
  test.comparison = comparison;
  test.alternatives = std::move(alternatives);
  return test;
}

/// Recursive descent over the grammar of docs/query.md, one function a rule.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  Result<AttributeFilter> parse() {
    skip_blanks();
    if (at_end()) return AttributeFilter{};
    AttributeFilter filter = TRY(disjunction(0));
    if (!at_end()) return error("expected a test, AND, OR or the end, found ')' without its '('");
    return filter;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) ++at_;
  }

  Error error(const std::string& what) const { return error_at(at_, what); }
  Error error_at(std::size_t byte, const std::string& what) const {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    const std::string_view before = text_.substr(0, byte);
    const auto characters = before.size() - static_cast<std::size_t>(std::count_if(
                                                before.begin(), before.end(), continues));
    return {ErrorCode::invalid_argument,
            "filter, at character " + std::to_string(characters + 1) + ": " + what};
  }

  /// Whether the word begins here and ends as a name would.
  bool sees_keyword(std::string_view word) const {
    if (!text_.substr(at_).starts_with(word)) return false;
    const std::size_t after = at_ + word.size();
    return after >= text_.size() || is_blank(text_[after]) || text_[after] == '(' ||
           text_[after] == ')' || text_[after] == '"';
  }
  bool take_keyword(std::string_view word) {
    if (!sees_keyword(word)) return false;
    at_ += word.size();
    skip_blanks();
    return true;
  }

  Result<AttributeFilter> disjunction(std::size_t depth) {
    AttributeFilter any = node_of(FilterOp::disjunction);
    do {
      any.children.push_back(TRY(conjunction(depth)));
    } while (take_keyword("OR"));
    if (any.children.size() == 1) return AttributeFilter(std::move(any.children.front()));
    return any;
  }

  Result<AttributeFilter> conjunction(std::size_t depth) {
    AttributeFilter all = node_of(FilterOp::conjunction);
    do {
      all.children.push_back(TRY(operand(depth)));
    } while (take_keyword("AND") || (!at_end() && peek() != ')' && !sees_keyword("OR")));
    if (all.children.size() == 1) return AttributeFilter(std::move(all.children.front()));
    return all;
  }

  Result<AttributeFilter> operand(std::size_t depth) {
    if (depth >= kFilterDepthMax) {
      return error("more than " + std::to_string(kFilterDepthMax) +
                   " parentheses and negations inside one another");
    }
    if (take_keyword("NOT")) return negation_of(TRY(operand(depth + 1)));
    if (peek() == '-') {
      ++at_;
      skip_blanks();
      return negation_of(TRY(operand(depth + 1)));
    }
    if (peek() == '(') return group(depth + 1);
    return test();
  }

  Result<AttributeFilter> group(std::size_t depth) {
    const std::size_t opened = at_++;
    skip_blanks();
    if (peek() == ')') return error("expected a test between '(' and ')'");
    AttributeFilter inside = TRY(disjunction(depth));
    if (peek() != ')') return error_at(opened, "this '(' has no ')'");
    ++at_;
    skip_blanks();
    return inside;
  }

  Result<AttributeFilter> test() {
    if (++tests_ > kFilterTestsMax) {
      return error("more than " + std::to_string(kFilterTestsMax) + " tests");
    }
    const std::size_t begin = at_;
    const bool name_is_quoted = peek() == '"';
    const std::string name = TRY(attribute_name());
    const std::string_view written = text_.substr(begin, at_ - begin);
    skip_blanks();
    const Operator op = TRY(comparison_operator(begin, written));
    skip_blanks();
    const std::string head(text_.substr(begin, at_ - begin));
    const WrittenValue value = TRY(value_after(head));
    skip_blanks();
    if (!name_is_quoted && (name == "before" || name == "after")) {
      return date_shorthand(name, op, value);
    }
    return typed_test(name, op, value);
  }

  Result<std::string> attribute_name() {
    if (at_end()) return error("expected a test such as tag:work");
    for (const std::string_view keyword : {"AND", "OR"}) {
      if (sees_keyword(keyword)) {
        return error("expected a test before '" + std::string(keyword) + "'");
      }
    }
    std::string name;
    if (peek() == '"') {
      name = TRY(quoted());
    } else {
      const std::size_t begin = at_;
      while (!at_end() && !ends_name(text_[at_])) ++at_;
      name = text_.substr(begin, at_ - begin);
    }
    if (name.empty()) {
      return error("expected the name of an attribute, found '" + std::string(1, peek()) + "'");
    }
    name = fold_filter_text(name);
    // The readers keep each of a note's tags and aliases under the singular.
    if (name == "tags") name = "tag";
    if (name == "aliases") name = "alias";
    return name;
  }

  Result<Operator> comparison_operator(std::size_t name_begin, std::string_view name) {
    static constexpr std::pair<std::string_view, Operator> kOperators[] = {
        {">=", Operator::greater_equal}, {"<=", Operator::less_equal}, {"!=", Operator::not_equal},
        {">", Operator::greater},        {"<", Operator::less},        {"=", Operator::equal},
        {":", Operator::equal}};
    for (const auto& [sign, op] : kOperators) {
      if (text_.substr(at_).starts_with(sign)) {
        at_ += sign.size();
        return op;
      }
    }
    const std::string folded = fold_filter_text(name);
    if (folded == "and" || folded == "or" || folded == "not") {
      return error_at(name_begin, "AND, OR and NOT are written in capital letters");
    }
    return error("expected ':' or a comparison after '" + std::string(name) +
                 "'; a test is written name:value, for example tag:work");
  }

  Result<WrittenValue> value_after(const std::string& head) {
    WrittenValue value{{}, false, at_};
    if (peek() == '"') {
      value.is_quoted = true;
      value.text = TRY(quoted());
      return value;
    }
    if (at_end() || peek() == ')' || sees_keyword("AND") || sees_keyword("OR") ||
        sees_keyword("NOT")) {
      return error("expected a value after '" + head + "'");
    }
    if (std::string_view("=<>:").find(peek()) != std::string_view::npos) {
      return error("expected a value after '" + head +
                   "'; comparisons are written :, =, !=, <, <=, >, >=");
    }
    while (!at_end() && !is_blank(text_[at_]) && text_[at_] != ')') {
      if (text_[at_] == '(' || text_[at_] == '"') {
        return error(
            "a value with parentheses or quotation marks in it is written \"in quotation "
            "marks\"");
      }
      ++at_;
    }
    value.text = text_.substr(value.begin, at_ - value.begin);
    return value;
  }

  /// Text between quotation marks; \" and \\ stand for the characters themselves.
  Result<std::string> quoted() {
    const std::size_t opened = at_++;
    std::string inside;
    while (!at_end() && peek() != '"') {
      if (peek() == '\\' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\')) {
        ++at_;
      }
      inside += text_[at_++];
    }
    if (at_end()) return error_at(opened, "this quotation mark is not closed");
    ++at_;
    return inside;
  }

  Result<DateRange> date_in(const WrittenValue& value, const std::string& shorthand) const {
    Result<std::optional<DateRange>> range = read_date_range(value.text);
    if (!range) return error_at(value.begin, range.error().message);
    if (!*range) {
      return error_at(value.begin, "expected a date such as 2024, 2024-03 or 2024-03-01 after '" +
                                       shorthand + ":'");
    }
    return **range;
  }

  Result<AttributeFilter> date_shorthand(const std::string& name, Operator op,
                                         const WrittenValue& value) const {
    if (op != Operator::equal) {
      return error_at(value.begin, "'" + name + "' is followed by ':' and a date");
    }
    const DateRange range = TRY(date_in(value, name));
    if (name == "before") return test_of("date", Comparison::less, {range.first});
    return test_of("date", Comparison::greater, {range.last});
  }

  Result<AttributeFilter> typed_test(const std::string& name, Operator op,
                                     const WrittenValue& value) const {
    if (op == Operator::equal) return equality(name, value);
    if (op == Operator::not_equal) return negation_of(TRY(equality(name, value)));
    return ordering(name, op, value);
  }

  Result<AttributeFilter> equality(const std::string& name, const WrittenValue& value) const {
    if (value.is_quoted) {
      return test_of(name, Comparison::equal, {fold_filter_text(value.text)});
    }
    if (value.text == "*") return test_of(name, Comparison::exists, {});
    const std::size_t star = value.text.find('*');
    if (star != std::string::npos || (name == "path" && value.text.ends_with('/'))) {
      if (star != std::string::npos && star + 1 != value.text.size()) {
        return error_at(value.begin,
                        "'*' stands at the end of a value only; put a value that has "
                        "one inside in quotation marks");
      }
      return test_of(name, Comparison::prefix,
                     {fold_filter_text(std::string_view(value.text).substr(0, star))});
    }
    AttributeFilter filter = test_of(name, Comparison::equal, {});
    if (const auto flag = read_boolean(value.text)) filter.alternatives.emplace_back(*flag);
    if (auto number = read_number(value.text)) filter.alternatives.push_back(std::move(*number));
    filter.alternatives.emplace_back(fold_filter_text(value.text));
    Result<std::optional<DateRange>> range = read_date_range(value.text);
    if (!range) return error_at(value.begin, range.error().message);
    if (!*range) return filter;
    if ((*range)->first == (*range)->last) {
      filter.alternatives.emplace_back((*range)->first);
      return filter;
    }
    return either_text_or_within(std::move(filter), **range);
  }

  /// A month or a year: a stored date passes inside it, other values by being equal.
  static AttributeFilter either_text_or_within(AttributeFilter equal, const DateRange& range) {
    AttributeFilter within = test_of(equal.name, Comparison::between, {range.first, range.last});
    AttributeFilter either = node_of(FilterOp::disjunction);
    either.children.push_back(std::move(equal));
    either.children.push_back(std::move(within));
    return either;
  }

  Result<AttributeFilter> ordering(const std::string& name, Operator op,
                                   const WrittenValue& value) const {
    const Comparison comparison = op == Operator::less         ? Comparison::less
                                  : op == Operator::less_equal ? Comparison::less_equal
                                  : op == Operator::greater    ? Comparison::greater
                                                               : Comparison::greater_equal;
    if (!value.is_quoted && value.text.find('*') != std::string::npos) {
      return error_at(value.begin, "'*' goes with ':' only, not with a comparison");
    }
    AttributeFilter filter = test_of(name, comparison, {fold_filter_text(value.text)});
    if (value.is_quoted) return filter;
    if (auto number = read_number(value.text)) filter.alternatives.push_back(std::move(*number));
    Result<std::optional<DateRange>> range = read_date_range(value.text);
    if (!range) return error_at(value.begin, range.error().message);
    if (*range) {
      // Beyond a month is after its last day; up to and with a month includes that day.
      const bool from_end = op == Operator::greater || op == Operator::less_equal;
      filter.alternatives.emplace_back(from_end ? (*range)->last : (*range)->first);
    }
    return filter;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t tests_ = 0;
};

}  // namespace

Result<AttributeFilter> parse_filter(std::string_view text) {
  if (text.size() > kFilterBytesMax) {
    return Error{ErrorCode::invalid_argument, "the filter has " + std::to_string(text.size()) +
                                                  " bytes; at most " +
                                                  std::to_string(kFilterBytesMax) + " are read"};
  }
  if (!is_valid_utf8(text)) {
    return Error{ErrorCode::invalid_argument, "the filter is not valid UTF-8"};
  }
  return FilterParser(text).parse();
}

}  // namespace saerok
