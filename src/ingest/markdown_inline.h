/// One block's inline mark-up: what of it is text, and which tags, links and embeds it holds.
///
/// Written by hand rather than on md4c: every kept byte must map to its byte in the file, and
/// Obsidian's links, tags, comments, highlights and embeds are not CommonMark. Departures from
/// CommonMark: emphasis ignores the rule of three; an HTML tag goes only if its name is HTML's, so
/// that `List<String>` keeps its words; link destinations end at 2,000 bytes.
/// Linear: each kind of search for a closing mark fails at most once or is bounded.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace saerok {

/// A part of the content that stays, or text that stands for what goes there.
struct InlinePart {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string made;  ///< Not empty: replaces [begin, end).
};

struct InlineFindings {
  std::vector<std::string> tags;   ///< Without '#'.
  std::vector<std::string> links;  ///< Targets, without heading and block parts.
  std::vector<std::string> embeds;
};

/// Labels of link reference definitions, folded (fold_link_label).
using LinkLabels = std::unordered_set<std::string>;
std::string fold_link_label(std::string_view label);

/// The parts of `content` that are text, in order, with white space at both ends left out; empty
/// if there is none. `content` is one block without its block marks; lines end in '\n'.
std::vector<InlinePart> parse_inline(std::string_view content, const LinkLabels& labels,
                                     InlineFindings& findings);

/// Position of the next `needle` at or after ever larger positions, in linear time altogether.
class ForwardFinder {
 public:
  ForwardFinder(std::string_view text, std::string_view needle) : text_(text), needle_(needle) {}
  std::size_t find(std::size_t from) {
    if (!is_known_ || found_ < from) {
      found_ = text_.find(needle_, from);
      is_known_ = true;
    }
    return found_;
  }

 private:
  std::string_view text_;
  std::string_view needle_;
  std::size_t found_ = 0;
  bool is_known_ = false;
};

}  // namespace saerok
