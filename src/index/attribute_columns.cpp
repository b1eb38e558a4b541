#include "index/attribute_columns.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/unicode.h"
#include "index/attributes.h"
#include "index/format.h"

namespace saerok {
namespace {

/// Takes parts off the front of a column's bytes; after a part that does not fit, all are empty.
class PartReader {
 public:
  PartReader(std::span<const std::byte> values, std::uint64_t offset)
      : values_(values), at_(offset) {}

  template <class T>
  std::span<const T> take(std::uint64_t count) {
    at_ = (at_ + kColumnAlignment - 1) / kColumnAlignment * kColumnAlignment;
    if (failed_ || at_ > values_.size() || count > (values_.size() - at_) / sizeof(T)) {
      failed_ = true;
      return {};
    }
    const auto* begin = reinterpret_cast<const T*>(values_.data() + at_);
    at_ += count * sizeof(T);
    return {begin, static_cast<std::size_t>(count)};
  }
  std::string_view take_text(std::uint64_t size) {
    if (failed_ || size > values_.size() - at_) {
      failed_ = true;
      return {};
    }
    return as_text(values_.subspan(at_, size));
  }
  bool failed() const { return failed_; }

 private:
  std::span<const std::byte> values_;
  std::uint64_t at_;
  bool failed_ = false;
};

/// Compares without rounding: -1, 0 or 1; 2 if `b` is not a number.
int compare(std::int64_t a, double b) {
  if (b != b) return 2;
  if (b >= 0x1p63) return -1;
  if (b < -0x1p63) return 1;
  const auto whole = static_cast<std::int64_t>(b);  // Towards 0.
  if (a != whole) return a < whole ? -1 : 1;
  const double rest = b - static_cast<double>(whole);
  return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}
int compare(double a, std::int64_t b) {
  const int reversed = compare(b, a);
  return reversed == 2 ? 2 : -reversed;
}
template <class T>
int compare(T a, T b) {
  if (a != a || b != b) return 2;
  return a < b ? -1 : b < a ? 1 : 0;
}

bool passes(Comparison comparison, int order) {
  if (order == 2) return false;
  switch (comparison) {
    case Comparison::equal: return order == 0;
    case Comparison::less: return order < 0;
    case Comparison::less_equal: return order <= 0;
    case Comparison::greater: return order > 0;
    case Comparison::greater_equal: return order >= 0;
    case Comparison::prefix:
    case Comparison::exists:
    case Comparison::between: return false;
  }
  return false;
}

}  // namespace

Result<AttributeColumns> AttributeColumns::open(std::span<const std::byte> directory,
                                                std::span<const std::byte> values,
                                                std::uint32_t document_count,
                                                const SegmentFileReader* file) {
  AttributeColumns columns;
  columns.file_ = file;
  columns.document_count_ = document_count;
  for (ByteReader reader(directory); !reader.at_end();) {
    const std::string_view name = reader.get_string();
    Column column;
    column.type = reader.get<std::uint8_t>();
    const std::uint64_t offset = reader.get_varint();
    const std::uint64_t count = reader.get_varint();
    const bool is_text = column.type == kStringColumn;
    const std::uint64_t string_count = is_text ? reader.get_varint() : 0;
    if (reader.failed() || column.type >= kColumnTypeCount || offset > values.size() ||
        count > values.size() || string_count >= values.size()) {
      return damaged_segment("its directory of attributes makes no sense");
    }
    PartReader parts(values, offset);
    column.documents = parts.take<DocumentOrdinal>(count);
    column.values = parts.take<std::byte>(count * size_of_value(column.type));
    if (is_text) {
      column.string_offsets = parts.take<std::uint32_t>(string_count + 1);
      if (!parts.failed()) column.string_bytes = parts.take_text(column.string_offsets.back());
    }
    if (parts.failed()) return damaged_segment("an attribute's column lies outside of it");
    columns.columns_[std::string(name)].push_back(column);
  }
  return columns;
}

DocumentBits AttributeColumns::evaluate(const AttributeFilter& filter) const {
  DocumentBits passing((document_count_ + 63) / 64, 0);
  const auto invert = [&] {
    for (std::uint64_t& word : passing) word = ~word;
    if (document_count_ % 64 != 0) passing.back() &= (std::uint64_t{1} << document_count_ % 64) - 1;
  };
  switch (filter.op) {
    case FilterOp::all: invert(); break;
    case FilterOp::conjunction:
      invert();
      for (const AttributeFilter& child : filter.children) {
        const DocumentBits bits = evaluate(child);
        for (std::size_t i = 0; i < passing.size(); ++i) passing[i] &= bits[i];
      }
      break;
    case FilterOp::disjunction:
      for (const AttributeFilter& child : filter.children) {
        const DocumentBits bits = evaluate(child);
        for (std::size_t i = 0; i < passing.size(); ++i) passing[i] |= bits[i];
      }
      break;
    case FilterOp::negation:
      ASSERT(filter.children.size() == 1);
      passing = evaluate(filter.children.front());
      invert();
      break;
    case FilterOp::test: test(filter, passing); break;
  }
  return passing;
}

void AttributeColumns::test(const AttributeFilter& filter, DocumentBits& passing) const {
  const auto found = columns_.find(fold_case(filter.name));
  if (found == columns_.end()) return;
  for (const Column& column : found->second) {
    look_at(column);
    if (filter.comparison == Comparison::exists) {
      mark<std::byte>(column, [](std::byte) { return true; }, passing);
      continue;
    }
    if (filter.comparison == Comparison::between) {
      test_between(column, filter.alternatives, passing);
      continue;
    }
    for (const AttributeValue& wanted : filter.alternatives) {
      test_column(column, filter.comparison, wanted, passing);
    }
  }
}

void AttributeColumns::look_at(const Column& column) const {
  if (file_ == nullptr) return;
  file_->look_at(column.documents);
  file_->look_at(column.values);
  file_->look_at(column.string_offsets);
  file_->look_at(as_byte_span(column.string_bytes));
}

/// Marks the documents of the column's values that pass. A value is read as T from where it stands;
/// std::byte stands for any, and is not read.
template <class T, class Passes>
void AttributeColumns::mark(const Column& column, Passes&& passes_value,
                            DocumentBits& passing) const {
  for (std::size_t i = 0; i < column.documents.size(); ++i) {
    T value{};
    if constexpr (!std::is_same_v<T, std::byte>) {
      std::memcpy(&value, column.values.data() + i * sizeof(T), sizeof(T));
    }
    const DocumentOrdinal document = column.documents[i];
    if (passes_value(value) && document < document_count_) {
      passing[document / 64] |= std::uint64_t{1} << document % 64;
    }
  }
}

std::vector<std::int32_t> AttributeColumns::latest_dates(std::string_view name,
                                                         std::int32_t none) const {
  std::vector<std::int32_t> dates(document_count_, none);
  const auto found = columns_.find(name);
  if (found == columns_.end()) return dates;
  for (const Column& column : found->second) {
    if (column.type != kDateColumn) continue;
    look_at(column);
    for (std::size_t i = 0; i < column.documents.size(); ++i) {
      std::int32_t days = 0;
      std::memcpy(&days, column.values.data() + i * sizeof(days), sizeof(days));
      const DocumentOrdinal document = column.documents[i];
      if (document < document_count_) dates[document] = std::max(dates[document], days);
    }
  }
  return dates;
}

void AttributeColumns::test_column(const Column& column, Comparison comparison,
                                   const AttributeValue& wanted, DocumentBits& passing) const {
  const auto mark_compared = [&]<class Stored, class Wanted>(Stored, Wanted other) {
    mark<Stored>(
        column, [&](Stored value) { return passes(comparison, compare(value, other)); }, passing);
  };
  const auto* integer = std::get_if<std::int64_t>(&wanted);
  const auto* real = std::get_if<double>(&wanted);
  if (column.type == kBooleanColumn) {
    const auto* flag = std::get_if<bool>(&wanted);
    if (flag == nullptr || comparison != Comparison::equal) return;
    mark<std::uint8_t>(column, [&](std::uint8_t value) { return (value != 0) == *flag; }, passing);
  } else if (column.type == kIntegerColumn) {
    if (integer != nullptr) mark_compared(std::int64_t{}, *integer);
    if (real != nullptr) mark_compared(std::int64_t{}, *real);
  } else if (column.type == kRealColumn) {
    if (integer != nullptr) mark_compared(double{}, *integer);
    if (real != nullptr) mark_compared(double{}, *real);
  } else if (column.type == kDateColumn) {
    if (const auto* date = std::get_if<Date>(&wanted)) mark_compared(std::int32_t{}, date->days);
  } else if (const auto* text = std::get_if<std::string>(&wanted)) {
    test_strings(column, comparison, *text, passing);
  }
}

void AttributeColumns::test_between(const Column& column, std::span<const AttributeValue> bounds,
                                    DocumentBits& passing) const {
  ASSERT(bounds.size() == 2);
  if (column.type != kDateColumn) return;
  const std::int32_t first = std::get<Date>(bounds[0]).days;
  const std::int32_t last = std::get<Date>(bounds[1]).days;
  mark<std::int32_t>(
      column, [&](std::int32_t days) { return first <= days && days <= last; }, passing);
}

std::string_view AttributeColumns::string_at(const Column& column, std::uint32_t number) {
  const std::uint32_t begin = column.string_offsets[number];
  const std::uint32_t end = column.string_offsets[number + 1];
  if (begin > end || end > column.string_bytes.size()) return {};
  return column.string_bytes.substr(begin, end - begin);
}

void AttributeColumns::test_strings(const Column& column, Comparison comparison,
                                    std::string_view wanted, DocumentBits& passing) const {
  const std::string text = fold_case(wanted);
  const auto count = static_cast<std::uint32_t>(column.string_offsets.size() - 1);
  // The strings are sorted, so what passes is a range of numbers.
  const auto first_that = [&](auto&& is_beyond) {
    std::uint32_t low = 0;
    std::uint32_t high = count;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (is_beyond(string_at(column, middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  const std::uint32_t at_least = first_that([&](std::string_view s) { return s >= text; });
  const std::uint32_t above = first_that([&](std::string_view s) { return s > text; });
  std::uint32_t begin = 0;
  std::uint32_t end = count;
  switch (comparison) {
    case Comparison::equal:
      begin = at_least;
      end = above;
      break;
    case Comparison::prefix:
      begin = at_least;
      end = first_that([&](std::string_view s) { return s.substr(0, text.size()) > text; });
      break;
    case Comparison::less: end = at_least; break;
    case Comparison::less_equal: end = above; break;
    case Comparison::greater: begin = above; break;
    case Comparison::greater_equal: begin = at_least; break;
    case Comparison::exists:
    case Comparison::between: return;
  }
  mark<std::uint32_t>(
      column, [&](std::uint32_t number) { return begin <= number && number < end; }, passing);
}

}  // namespace saerok
