/// Attribute columns of a segment: for each name and type, which documents have which values.
/// Strings are kept folded (NFC, without case) in a sorted dictionary. The evaluation of a filter
/// is exact and reads a column from end to end; filters are rare beside terms and columns are
/// short.
///
/// What this is not: a parser of filters (search/filter.h), or a store that gives values back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "index/attribute_filter.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

/// A document's number inside one segment, from 0, in order of its first chunk.
using DocumentOrdinal = std::uint32_t;

class AttributeColumnsBuilder {
 public:
  /// Documents come in ascending order.
  void add(DocumentOrdinal document, std::span<const Attribute> attributes);
  std::size_t memory_size() const { return memory_size_; }

  struct Sections {
    std::vector<std::byte> directory;
    std::vector<std::byte> values;
  };
  /// The builder is empty afterwards.
  Sections finish();

 private:
  template <class T>
  struct Column {
    std::vector<DocumentOrdinal> documents;
    std::vector<T> values;
  };
  struct StringColumn {
    Column<std::uint32_t> entries;  // Values are numbers in order of appearance.
    std::unordered_map<std::string, std::uint32_t> numbers;
  };
  struct Columns {
    Column<std::uint8_t> booleans;
    Column<std::int64_t> integers;
    Column<double> reals;
    Column<std::int32_t> dates;
    StringColumn strings;
  };

  template <class T>
  void append(Column<T>& column, DocumentOrdinal document, T value);
  void append_string(StringColumn& column, DocumentOrdinal document, std::string_view text);
  template <class T>
  static void write(std::string_view name, std::uint8_t type, const Column<T>& column,
                    ByteWriter& directory, ByteWriter& values);
  static void write_strings(std::string_view name, const StringColumn& column,
                            ByteWriter& directory, ByteWriter& values);

  std::map<std::string, Columns> columns_;  // By folded name; sorted, for the same bytes each time.
  std::size_t memory_size_ = 0;
};

/// Documents as bits, in words of 64.
using DocumentBits = std::vector<std::uint64_t>;

class SegmentFileReader;

/// Reads the columns from mapped bytes, which must outlive it.
class AttributeColumns {
 public:
  /// Reads the directory and checks every column's bounds. `file` is told of each column before it
  /// is read; null: nobody is. Errors: corrupt.
  static Result<AttributeColumns> open(std::span<const std::byte> directory,
                                       std::span<const std::byte> values,
                                       std::uint32_t document_count,
                                       const SegmentFileReader* file = nullptr);

  /// Whether a document has an attribute of this name, given in folded form.
  bool has(std::string_view name) const { return columns_.find(name) != columns_.end(); }

  /// Each document's latest date of the attribute (folded name) in days since 1970-01-01; `none`
  /// where it has none.
  std::vector<std::int32_t> latest_dates(std::string_view name, std::int32_t none) const;

  /// Documents that pass. Requires that a negation has one child, and `between` two dates.
  DocumentBits evaluate(const AttributeFilter& filter) const;

 private:
  struct Column {
    std::uint8_t type = 0;
    std::span<const DocumentOrdinal> documents;
    std::span<const std::byte> values;
    std::span<const std::uint32_t> string_offsets;  // One more than strings; of strings only.
    std::string_view string_bytes;
  };

  void test(const AttributeFilter& filter, DocumentBits& passing) const;
  void test_column(const Column& column, Comparison comparison, const AttributeValue& wanted,
                   DocumentBits& passing) const;
  void test_between(const Column& column, std::span<const AttributeValue> bounds,
                    DocumentBits& passing) const;
  void test_strings(const Column& column, Comparison comparison, std::string_view wanted,
                    DocumentBits& passing) const;
  template <class T, class Passes>
  void mark(const Column& column, Passes&& passes, DocumentBits& passing) const;
  static std::string_view string_at(const Column& column, std::uint32_t number);

  void look_at(const Column& column) const;

  std::uint32_t document_count_ = 0;
  const SegmentFileReader* file_ = nullptr;
  std::map<std::string, std::vector<Column>, std::less<>> columns_;
};

}  // namespace saerok
