/// From a place in a text to the place in the file that it came from: what citations and hits show.
/// What this is not: the making of anchors (ingest/extract.h).
#pragma once

#include <string_view>
#include <vector>

#include "saerok/types.h"

namespace saerok {

/// Bytes and lines of an original file.
struct SourcePlace {
  ByteSpan bytes;
  LineSpan lines;
  bool operator==(const SourcePlace&) const = default;
};

/// Where the bytes `span` of `text` stand in the source. `anchors` count from the start of `text`;
/// between two of them a line feed of the text counts as a line of the source. The result never
/// leaves `whole`, the place of the whole text; without anchors it is `whole`. An empty span gives
/// an empty range of bytes on one line. Requires span.begin <= span.end <= text.size().
SourcePlace locate(const std::vector<SourceAnchor>& anchors, const SourcePlace& whole,
                   std::string_view text, ByteSpan span);

/// The same for a span of the chunk's text.
SourcePlace locate(const Chunk& chunk, ByteSpan span_in_text);

}  // namespace saerok
