/// The edits that make text of a block's inline mark-up: what goes, and what is shown instead.
///
/// They come in any order, because a mark is known to go only once its other half is found. What
/// this is not: the reading of the mark-up (markdown_inline.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/markdown_inline.h"

namespace saerok {

class InlineEdits {
 public:
  explicit InlineEdits(std::string_view content) : content_(content) {}

  /// `made` stands for the bytes from `begin` to `end`. Where edits overlap, the one that begins
  /// first holds.
  void add(std::size_t begin, std::size_t end, std::string made = {}) {
    edits_.push_back({begin, end, std::move(made)});
  }

  /// What the edits leave, without white space at both ends. The edits are gone thereafter.
  std::vector<InlinePart> take_parts();

 private:
  struct Edit {
    std::size_t begin;
    std::size_t end;
    std::string made;
  };

  std::string_view content_;
  std::vector<Edit> edits_;
};

}  // namespace saerok
