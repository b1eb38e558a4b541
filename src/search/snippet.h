/// What a hit shows: the part of a chunk's text that speaks most to the query, cut at sentences and
/// words, with the query's words marked. What this is not: scoring.
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

/// A word of the query in a text.
struct TextMatch {
  std::uint32_t begin = 0;  ///< Bytes of the text.
  std::uint32_t end = 0;
  std::uint32_t word = 0;  ///< Equal for equal words of the query.
  bool operator==(const TextMatch&) const = default;
};

/// Where `text` says words of the query, in order, not overlapping. A word is matched by its stem;
/// one whose stem the text does not hold, by runs of its grams. `query` comes from analyze_query()
/// or analyze().
std::vector<TextMatch> find_matches(const Analyzer& analyzer, const TermList& query,
                                    std::string_view text);

constexpr std::size_t kSnippetCharacters = 240;

struct Snippet {
  /// On one line; white space squeezed; "…" at an end where text was left out.
  std::string text;
  std::vector<Highlight> highlights;  ///< In order, not overlapping.
  ByteSpan span;                      ///< What of the chunk's text it shows.
};

/// Shows about `characters_max` characters of `text`: of `passage` if that is not empty, else of
/// the stretch that holds most distinct words of the query. Never cuts
/// inside a character and the marks
/// that belong to it. Requires valid UTF-8, matches as find_matches() gives them, and a passage
/// within the text.
Snippet make_snippet(std::string_view text, ByteSpan passage, std::span<const TextMatch> matches,
                     std::size_t characters_max);

}  // namespace saerok
