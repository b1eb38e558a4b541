/// The sections of a vector segment: what vector_segment_builder.cpp and vector_segment.cpp must
/// agree on. Not for anyone else. docs/formats.md says what is in each.
#pragma once

#include "index/format.h"

namespace saerok {

constexpr SectionKind kVectorPropertiesSection{1};
constexpr SectionKind kVectorChunkIdsSection{2};
constexpr SectionKind kVectorRowStartsSection{3};
constexpr SectionKind kVectorWindowsSection{4};
constexpr SectionKind kVectorScalesSection{5};
constexpr SectionKind kVectorCodesSection{6};

}  // namespace saerok
