#include "ingest/document_facts.h"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "base/code_points.h"
#include "base/compress.h"
#include "base/unicode.h"

namespace saerok {
namespace {

using namespace chars;

std::string_view trim_front(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

std::size_t digits_at_start(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_ascii_digit(text[count])) ++count;
  return count;
}

std::optional<Date> make_date(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1000 || year > 9999 || !date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return Date{static_cast<std::int32_t>(days)};
}

int to_number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// Takes 1 to `digits_max` digits from the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits_max) {
  const std::size_t digits = digits_at_start(text);
  if (digits == 0 || digits > digits_max) return std::nullopt;
  const int value = to_number(text.substr(0, digits));
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// year, separator, month, separator, day. `separators` are tried in order.
std::optional<Date> parse_separated(std::string_view text, std::string_view& rest,
                                    std::string_view first, std::string_view second) {
  if (digits_at_start(text) != 4) return std::nullopt;
  const int year = *take_number(text, 4);
  if (!take(text, first)) return std::nullopt;
  text = trim_front(text);
  const std::optional<int> month = take_number(text, 2);
  if (!month || !take(text, second)) return std::nullopt;
  text = trim_front(text);
  const std::optional<int> day = take_number(text, 2);
  if (!day) return std::nullopt;
  rest = text;
  return make_date(year, *month, *day);
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool looks_like_number(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.empty() || !(is_ascii_digit(digits[0]) || digits[0] == '.')) return false;
  const bool has_leading_zero = digits.size() > 1 && digits[0] == '0' && is_ascii_digit(digits[1]);
  return !has_leading_zero && digits_at_start(digits) < 20;
}

std::string key_of(const Attribute& attribute) {
  ByteWriter key;
  key.put_string(attribute.name);
  key.put(static_cast<std::uint8_t>(attribute.value.index()));
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>) {
          key.put_string(value);
        } else if constexpr (std::is_same_v<T, Date>) {
          key.put(value.days);
        } else if constexpr (std::is_same_v<T, bool>) {
          key.put(static_cast<std::uint8_t>(value ? 1 : 0));
        } else {
          key.put(value);
        }
      },
      attribute.value);
  return std::string(as_text(key.bytes()));
}

}  // namespace

std::optional<Date> parse_date(std::string_view text, std::string_view& rest) {
  for (const std::string_view separator : {"-", "/", "."}) {
    if (auto date = parse_separated(text, rest, separator, separator)) return date;
  }
  return std::nullopt;
}

std::optional<Date> date_in_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (!is_ascii_digit(name[at])) continue;
    const std::string_view here = name.substr(at);
    const std::size_t digits = digits_at_start(here);
    std::string_view rest;
    std::optional<Date> date;
    if (digits == 8) {
      date = make_date(to_number(here.substr(0, 4)), to_number(here.substr(4, 2)),
                       to_number(here.substr(6, 2)));
    } else if (digits == 4) {
      date = parse_date(here, rest);
      if (!date) date = parse_separated(here, rest, "_", "_");
      if (!date) date = parse_separated(here, rest, "년", "월");
    }
    const bool is_recent = date && *date >= Date{-25'567} && *date < Date{84'006};  // 1900 to 2199
    if (is_recent) return date;
    at += digits - 1;
  }
  return std::nullopt;
}

std::vector<AttributeValue> typed_values(std::string_view plain) {
  if (plain == "true" || plain == "True" || plain == "TRUE") return {true};
  if (plain == "false" || plain == "False" || plain == "FALSE") return {false};
  if (looks_like_number(plain)) {
    if (const auto integer = whole_number<std::int64_t>(plain)) return {*integer};
    if (const auto real = whole_number<double>(plain)) return {*real};
    std::string_view rest;
    if (const auto date = parse_date(plain, rest)) {
      if (rest.empty()) return {*date};
      const bool has_time = (rest[0] == 'T' || rest[0] == ' ' || rest[0] == 't') &&
                            digits_at_start(trim_front(rest.substr(1))) > 0 &&
                            rest.find(':') != std::string_view::npos;
      if (has_time) return {*date, std::string(plain)};
    }
  }
  return {std::string(plain)};
}

NameParts name_parts(std::string_view path) {
  NameParts parts;
  path = without_compression(path);
  const std::size_t slash = path.find_last_of('/');
  if (slash != std::string_view::npos) parts.folder = path.substr(0, slash);
  parts.stem = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::size_t dot = parts.stem.find_last_of('.');
  if (dot != std::string_view::npos && dot > 0) {
    for (const char c : parts.stem.substr(dot + 1)) parts.extension.push_back(ascii_lower(c));
    parts.stem = parts.stem.substr(0, dot);
  }
  return parts;
}

void FactCollector::add(std::string_view name, AttributeValue value) {
  Attribute attribute{fold_case(to_nfc(trim(name))), std::move(value)};
  if (auto* text = std::get_if<std::string>(&attribute.value)) *text = to_nfc(*text);
  if (attribute.name.empty() || !seen_.insert(key_of(attribute)).second) return;
  has_date_ =
      has_date_ || (attribute.name == "date" && std::holds_alternative<Date>(attribute.value));
  attributes_.push_back(std::move(attribute));
}

void FactCollector::add_tag(std::string_view tag) {
  while (tag.starts_with('#')) tag.remove_prefix(1);
  while (tag.ends_with('/')) tag.remove_suffix(1);
  if (tag.empty()) return;
  add_keyword(tag);
  add("tag", std::string(tag));
  // Parents by hand-limited depth: a tag of 100,000 slashes is not a place in a tree.
  constexpr int kTagDepthMax = 16;
  for (int depth = 0; depth < kTagDepthMax; ++depth) {
    const std::size_t slash = tag.find_last_of('/');
    if (slash == std::string_view::npos || slash == 0) return;
    tag = tag.substr(0, slash);
    add("tag", std::string(tag));
  }
}

void FactCollector::add_keyword(std::string_view keyword) {
  std::string kept = to_nfc(trim(keyword));
  if (kept.empty() || !seen_.insert('\xFF' + kept).second)
    return;  // \xFF begins no attribute name.
  keywords_.push_back(std::move(kept));
}

void FactCollector::add_extension_and_folder(std::string_view path) {
  const NameParts parts = name_parts(path);
  add("extension", parts.extension);
  add("folder", std::string(parts.folder));
}

void FactCollector::add_date_of_name(std::string_view path) {
  if (has_date_) return;
  if (const auto date = date_in_name(name_parts(path).stem)) add("date", *date);
}

void FactCollector::give_to(Document& document) {
  document.attributes = std::move(attributes_);
  document.keywords.clear();
  for (const std::string& keyword : keywords_) {
    if (!document.keywords.empty()) document.keywords.push_back('\n');
    document.keywords += keyword;
  }
}

}  // namespace saerok
