/// Cuts Markdown into blocks: which lines belong together, as what, and where their text begins.
/// Inline mark-up is markdown_inline.h's.
///
/// Follows CommonMark where notes depend on it, and is more lenient where notes are written in
/// Obsidian: a list item nests by two columns, a list may follow a paragraph without a blank line,
/// quotes need no blank lines around them. One pass; linear in the text, hostile nesting included.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "ingest/markdown_inline.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

struct MarkdownBlock {
  BlockKind kind = BlockKind::paragraph;
  std::uint8_t level = 0;
  bool is_verbatim = false;     ///< Code and display math: inline marks are text.
  bool is_tight = false;        ///< A list item: a line break, no blank line, before it.
  std::vector<ByteSpan> lines;  ///< Of the source, without block marks and line ends.
};

enum class TaskState : std::uint8_t { open, done };

struct MarkdownSink {
  std::function<Status(MarkdownBlock& block)> block;
  std::function<void(TaskState state)> task;
};

/// Reads `text` from `from` on. Errors: the sink's.
Status parse_markdown_blocks(std::string_view text, std::size_t from, const MarkdownSink& sink);

/// Labels of all link reference definitions ("[label]: /url").
LinkLabels find_link_labels(std::string_view text, std::size_t from);

}  // namespace saerok
