#include "index/attributes.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "base/unicode.h"
#include "index/attribute_columns.h"

namespace saerok {

template <class T>
void AttributeColumnsBuilder::append(Column<T>& column, DocumentOrdinal document, T value) {
  column.documents.push_back(document);
  column.values.push_back(value);
  memory_size_ += sizeof document + sizeof value;
}

void AttributeColumnsBuilder::append_string(StringColumn& column, DocumentOrdinal document,
                                            std::string_view text) {
  // The map's node, its string and its slot take about this much beside the text.
  constexpr std::size_t kNodeSize = 72;
  const auto next = static_cast<std::uint32_t>(column.numbers.size());
  const auto [at, is_new] = column.numbers.try_emplace(fold_case(text), next);
  if (is_new) memory_size_ += at->first.size() + kNodeSize;
  append(column.entries, document, at->second);
}

void AttributeColumnsBuilder::add(DocumentOrdinal document, std::span<const Attribute> attributes) {
  for (const Attribute& attribute : attributes) {
    Columns& columns = columns_[fold_case(attribute.name)];
    if (const auto* flag = std::get_if<bool>(&attribute.value)) {
      append(columns.booleans, document, static_cast<std::uint8_t>(*flag ? 1 : 0));
    } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
      append(columns.integers, document, *integer);
    } else if (const auto* real = std::get_if<double>(&attribute.value)) {
      append(columns.reals, document, *real);
    } else if (const auto* date = std::get_if<Date>(&attribute.value)) {
      append(columns.dates, document, date->days);
    } else {
      append_string(columns.strings, document, std::get<std::string>(attribute.value));
    }
  }
}

template <class T>
void AttributeColumnsBuilder::write(std::string_view name, std::uint8_t type,
                                    const Column<T>& column, ByteWriter& directory,
                                    ByteWriter& values) {
  if (column.documents.empty()) return;
  values.align(kColumnAlignment);
  directory.put_string(name);
  directory.put(type);
  directory.put_varint(values.size());
  directory.put_varint(column.documents.size());
  values.append(column.documents.data(), column.documents.size() * sizeof(DocumentOrdinal));
  values.align(kColumnAlignment);
  values.append(column.values.data(), column.values.size() * sizeof(T));
}

void AttributeColumnsBuilder::write_strings(std::string_view name, const StringColumn& column,
                                            ByteWriter& directory, ByteWriter& values) {
  if (column.entries.documents.empty()) return;
  std::vector<std::pair<std::string_view, std::uint32_t>> sorted(column.numbers.begin(),
                                                                 column.numbers.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::uint32_t> sorted_number(sorted.size());
  std::vector<std::uint32_t> offsets{0};
  std::uint64_t text_size = 0;
  for (std::uint32_t i = 0; i < sorted.size(); ++i) {
    sorted_number[sorted[i].second] = i;
    text_size += sorted[i].first.size();
    ASSERT(text_size <= std::numeric_limits<std::uint32_t>::max());
    offsets.push_back(static_cast<std::uint32_t>(text_size));
  }
  Column<std::uint32_t> entries = column.entries;
  for (std::uint32_t& value : entries.values) value = sorted_number[value];
  write(name, kStringColumn, entries, directory, values);
  directory.put_varint(sorted.size());
  values.align(kColumnAlignment);
  values.append(offsets.data(), offsets.size() * sizeof offsets[0]);
  for (const auto& [text, number] : sorted) values.append(text.data(), text.size());
}

AttributeColumnsBuilder::Sections AttributeColumnsBuilder::finish() {
  ByteWriter directory;
  ByteWriter values;
  for (const auto& [name, columns] : columns_) {
    write(name, kBooleanColumn, columns.booleans, directory, values);
    write(name, kIntegerColumn, columns.integers, directory, values);
    write(name, kRealColumn, columns.reals, directory, values);
    write(name, kDateColumn, columns.dates, directory, values);
    write_strings(name, columns.strings, directory, values);
  }
  columns_.clear();
  memory_size_ = 0;
  return {directory.take(), values.take()};
}

}  // namespace saerok
