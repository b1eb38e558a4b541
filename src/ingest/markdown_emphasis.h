/// The marks of emphasis, strike-through and highlight (*, _, ~~, ==): which of them close which.
///
/// Which words are strong is not kept, so a mark that pairs only goes, and a run closes whatever of
/// its kind was opened last. What this is not: where code, math and links keep marks from being
/// marks (markdown_inline.h).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "ingest/markdown_edits.h"

namespace saerok {

/// Bytes of one mark side by side.
struct DelimiterRun {
  std::size_t begin;
  std::size_t size;
};

class EmphasisMarks {
 public:
  /// Marks that pair are edited out of what `edits` holds.
  explicit EmphasisMarks(InlineEdits& edits) : edits_(edits) {}

  /// The next run of the block, of '*', '_', '~' or '=', between the characters `left` and `right`.
  void take_run(char mark, DelimiterRun run, char32_t left, char32_t right);

 private:
  std::vector<DelimiterRun>& stack_of(char mark);

  InlineEdits& edits_;
  std::array<std::vector<DelimiterRun>, 4> open_;
};

}  // namespace saerok
