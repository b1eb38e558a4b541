/// Segments whose bytes are not those that were written: found, and taken out of use. All they held
/// can be made again from the truth; their chunks are pending once they are gone from the manifest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/storage.h"

namespace saerok {

enum class Look : std::uint8_t {
  structure,   ///< What opening it for a search looks at; costs next to nothing.
  everything,  ///< Every byte.
};

/// What is wrong with a segment's file; nothing if it is sound.
/// Errors: failed_precondition (made by another version), unavailable.
Result<std::optional<std::string>> damage_of(const Directory& directory,
                                             const SegmentRecord& segment, Look look);

/// Moves the file away and lets the manifest forget the segment. Returns a sentence for people.
Result<std::string> set_aside(Truth& truth, Directory& directory, CollectionId collection,
                              const SegmentRecord& segment, const std::string& damage);

/// Looks at all segments of a collection and sets the damaged aside; a sentence for each.
Result<std::vector<std::string>> set_aside_damaged(Truth& truth, Directory& directory,
                                                   CollectionId collection, Look look,
                                                   const CallContext& call);

}  // namespace saerok
