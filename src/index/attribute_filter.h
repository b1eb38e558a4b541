/// An attribute filter as a tree: what search/filter.h parses and index/attributes.h evaluates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "saerok/types.h"

namespace saerok {

enum class FilterOp : std::uint8_t { all, conjunction, disjunction, negation, test };

enum class Comparison : std::uint8_t {
  equal,   ///< Some value equals. Strings compare NFC and without case.
  prefix,  ///< Some string value starts so (`path:일기/`, `title:회의*`).
  less,
  less_equal,
  greater,
  greater_equal,  ///< Numbers and dates; strings by bytes.
  exists,         ///< The attribute has a value (`due:*`).
  /// Some date lies from the first alternative to the second, both inclusive (`date:2024-03`). Two
  /// comparisons could be met by two different values of a list.
  between,
};

/// A document passes `test` if any of the attribute's values does, so that `NOT tag:work` means
/// that no tag is "work".
struct AttributeFilter {
  FilterOp op = FilterOp::all;
  std::vector<AttributeFilter> children;
  std::string name;  ///< Of the attribute tested.
  Comparison comparison = Comparison::equal;
  /// What the text may mean, by type: 2024 is a number, a string, and the year's first day. A
  /// stored value is compared with the alternative of its own type; integers and reals are one.
  std::vector<AttributeValue> alternatives;
};

}  // namespace saerok
