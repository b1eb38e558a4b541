/// What the writer (attributes.cpp) and the reader (attribute_columns.cpp) of attribute columns
/// must agree on. Not for anyone else.
///
/// A directory entry is: name, type (1 byte), offset and number of entries (varints), and for
/// strings the number of distinct ones (varint). At the offset stand the documents (u32 each), then
/// the values, then of strings their offsets (u32, one more than strings) and at once their bytes;
/// each but the last begins at a multiple of 8.
#pragma once

#include <cstddef>
#include <cstdint>

namespace saerok {

constexpr std::size_t kColumnAlignment = 8;

constexpr std::uint8_t kBooleanColumn = 0;  // u8
constexpr std::uint8_t kIntegerColumn = 1;  // i64
constexpr std::uint8_t kRealColumn = 2;     // f64
constexpr std::uint8_t kDateColumn = 3;     // i32, days since 1970-01-01
constexpr std::uint8_t kStringColumn = 4;   // u32, index into the sorted strings
constexpr std::uint8_t kColumnTypeCount = 5;

constexpr std::size_t size_of_value(std::uint8_t type) {
  constexpr std::size_t kSizes[kColumnTypeCount] = {1, 8, 8, 4, 4};
  return kSizes[type];
}

}  // namespace saerok
