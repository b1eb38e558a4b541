/// The sections of a lexical segment: what segment_builder.cpp and segment.cpp must agree on. Not
/// for anyone else. docs/formats.md says what is in each.
#pragma once

#include <cstdint>

#include "index/format.h"
#include "index/segment.h"

namespace saerok {

/// LocalIds stay below this, so that a list's arithmetic fits 32 bits (postings.cpp).
constexpr std::uint32_t kSegmentChunksMax = std::uint32_t{1} << 31;

constexpr SectionKind kPropertiesSection{1};
constexpr SectionKind kChunkIdsSection{2};
constexpr SectionKind kChunkDocumentsSection{3};
constexpr SectionKind kAttributeDirectorySection{4};
constexpr SectionKind kAttributeValuesSection{5};

/// Before it, title, headings and keywords had no fields of their own.
constexpr std::uint32_t kLexicalVersionMin = 4;

/// Sections that every field has, but for positions.
enum class FieldSection : std::uint32_t {
  length_codes = 16,
  postings = 32,
  dictionary = 48,
  dictionary_index = 64,
  positions = 80
};

constexpr SectionKind section_of(FieldSection section, std::size_t field) {
  return static_cast<SectionKind>(static_cast<std::uint32_t>(section) +
                                  static_cast<std::uint32_t>(field));
}

}  // namespace saerok
