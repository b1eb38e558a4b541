#include "ingest/markdown_edits.h"

#include <algorithm>

#include "base/code_points.h"

namespace saerok {

using namespace chars;

std::vector<InlinePart> InlineEdits::take_parts() {
  std::ranges::sort(edits_, {}, &Edit::begin);
  std::vector<InlinePart> kept;
  std::size_t done = 0;
  const auto keep = [&](std::size_t begin, std::size_t end) {
    if (kept.empty()) begin = trimmed(content_, begin, end).begin;
    if (begin < end) kept.push_back({begin, end, {}});
  };
  for (Edit& change : edits_) {
    if (change.begin < done) continue;  // Inside what went already.
    keep(done, change.begin);
    const bool is_shown = !change.made.empty() && !(kept.empty() && trim(change.made).empty());
    if (is_shown) kept.push_back({change.begin, change.end, std::move(change.made)});
    done = change.end;
  }
  keep(done, content_.size());
  while (!kept.empty()) {
    InlinePart& last = kept.back();
    if (last.made.empty()) last.end = trimmed(content_, last.begin, last.end).end;
    const bool is_blank = last.made.empty() ? last.begin == last.end : trim(last.made).empty();
    if (!is_blank) break;
    kept.pop_back();
  }
  return kept;
}

}  // namespace saerok
