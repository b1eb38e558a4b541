/// From the hits of a search to the sources of an answer: passages that say the same are one,
/// passages that follow one another are joined, and no document takes all places. What this is not:
/// ranking; the order of the hits is kept.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "saerok/result.h"
#include "saerok/settings.h"
#include "saerok/types.h"
#include "search/backend.h"

namespace saerok {

/// Most passages joined to one source; more would push other sources out of a prompt.
constexpr std::size_t kJoinedMax = 3;

/// How alike two texts are: the part of the shorter one's distinct runs of characters that the
/// other holds, blanks and ASCII case apart. 1 for equal texts, 0 where there is nothing to
/// compare.
double shared_part(std::string_view a, std::string_view b);

/// At most `limit` sources, best first, ranks from 1. A joined source has the score, the snippet
/// and the explanation of its best passage. Only passages below the same headings are joined.
/// Errors: the backend's.
Result<std::vector<Hit>> select_sources(std::span<const Hit> hits, std::size_t limit,
                                        const AskSettings& settings, const Backend& backend);

}  // namespace saerok
