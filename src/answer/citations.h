/// Markers like "[2]" in a text that a model writes: recognised while it streams, checked against
/// the sources, and resolved to the exact passage that each one stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/types.h"
#include "text/analyzer.h"

namespace saerok {

/// Takes text piece by piece and gives it back with markers that point at no source removed.
/// A marker may be cut anywhere between two pieces; "[1, 3]" is read as two markers.
class CitationFilter {
 public:
  explicit CitationFilter(std::size_t source_count) : source_count_(source_count) {}

  /// The part that can be shown now.
  std::string feed(std::string_view delta);
  /// What was held back at the end.
  std::string finish();

  std::uint32_t dropped() const { return dropped_; }

 private:
  std::string resolve_marker(std::string_view inside);

  std::size_t source_count_;
  std::string held_;  // From an opening bracket on.
  std::uint32_t dropped_ = 0;
};

/// What stands before some markers of an answer.
struct CitedClaim {
  ByteSpan span;                       ///< In the answer: since the markers before.
  std::vector<std::uint32_t> markers;  ///< From 1, all of sources that exist.
};

/// In order. "[1][2]" after one claim are markers of that claim.
std::vector<CitedClaim> cited_claims(std::string_view answer, std::size_t source_count);

/// One citation a (marker, sentence), in order of appearance, for an answer that a CitationFilter
/// passed. The quote is the sentence of the source that shares most stems with the answer's
/// sentence before the marker, else the source's best passage.
std::vector<Citation> resolve_citations(std::string_view answer, std::span<const Hit> sources,
                                        const Analyzer& analyzer);

/// A citation of part of a source's text.
Citation cite(std::uint32_t marker, const Hit& source, ByteSpan span_in_text);

}  // namespace saerok
