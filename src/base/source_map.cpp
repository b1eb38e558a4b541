#include "base/source_map.h"

#include <algorithm>
#include <cstddef>

#include "base/assert.h"

namespace saerok {
namespace {

struct Point {
  std::uint64_t byte;
  std::uint32_t line;
};

/// Where byte `at` of the text came from.
Point point_of(const std::vector<SourceAnchor>& anchors, std::string_view text, std::uint64_t at) {
  auto after = std::upper_bound(
      anchors.begin(), anchors.end(), at,
      [](std::uint64_t offset, const SourceAnchor& anchor) { return offset < anchor.text; });
  if (after == anchors.begin()) return {anchors.front().source, anchors.front().line};
  const SourceAnchor& anchor = *std::prev(after);
  const std::string_view run = text.substr(static_cast<std::size_t>(anchor.text),
                                           static_cast<std::size_t>(at - anchor.text));
  Point point{anchor.source + run.size(), anchor.line};
  point.line += static_cast<std::uint32_t>(std::count(run.begin(), run.end(), '\n'));
  // A stretch can be shorter in the source than in the text: CP949 has two bytes for a syllable,
  // UTF-8 three.
  if (after != anchors.end()) point.byte = std::min(point.byte, after->source);
  return point;
}

}  // namespace

SourcePlace locate(const std::vector<SourceAnchor>& anchors, const SourcePlace& whole,
                   std::string_view text, ByteSpan span) {
  ASSERT(span.begin <= span.end && span.end <= text.size());
  if (anchors.empty()) return whole;
  const Point first = point_of(anchors, text, span.begin);
  Point last = first;
  if (span.end > span.begin) {
    // The end is one past the last byte, not where the next byte stands: mark-up between the two
    // does not belong to the span.
    last = point_of(anchors, text, span.end - 1);
    last.byte += 1;
    const auto next = std::upper_bound(
        anchors.begin(), anchors.end(), span.end - 1,
        [](std::uint64_t offset, const SourceAnchor& anchor) { return offset < anchor.text; });
    if (next != anchors.end()) last.byte = std::min(last.byte, next->source);
  }
  SourcePlace place;
  place.bytes.begin = std::clamp(first.byte, whole.bytes.begin, whole.bytes.end);
  place.bytes.end = std::clamp(std::max(last.byte, first.byte), place.bytes.begin, whole.bytes.end);
  place.lines.first = std::clamp(first.line, whole.lines.first, whole.lines.last);
  place.lines.last = std::clamp(last.line, place.lines.first, whole.lines.last);
  return place;
}

SourcePlace locate(const Chunk& chunk, ByteSpan span_in_text) {
  return locate(chunk.anchors, {chunk.source_bytes, chunk.source_lines}, chunk.text, span_in_text);
}

}  // namespace saerok
