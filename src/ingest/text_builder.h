/// Puts a document's text together from stretches of its decoded source and keeps the source map.
/// What this is not: deciding which stretches (extract_*.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decode.h"
#include "saerok/types.h"

namespace saerok {

/// Stretches must come in the order of the source; one that stands before an earlier one maps to
/// where the earlier one ended. Linear in text and source together.
class TextBuilder {
 public:
  explicit TextBuilder(const DecodedText& source) : source_(source) {}

  /// Appends the source's own bytes [begin, end) of DecodedText::text().
  void append(std::size_t begin, std::size_t end);
  /// Appends text that stands for the source at `at`: a decoded entity, a blank line between
  /// blocks.
  void append_made(std::string_view made, std::size_t at);

  std::size_t size() const { return text_.size(); }
  std::string_view text() const { return text_; }

  std::string take_text() { return std::move(text_); }
  /// Requires that nothing is appended afterwards.
  SourceMap take_map();

 private:
  void anchor(std::uint64_t raw);
  std::uint64_t raw_offset(std::size_t at);

  const DecodedText& source_;
  std::string text_;
  std::vector<SourceAnchor> anchors_;
  std::size_t decode_anchor_ = 0;  // Of the last offset that was mapped.
  std::size_t line_position_ = 0;  // Up to where lines were counted.
  std::uint32_t line_ = 1;
  std::uint32_t text_line_ = 1;  // What base/source_map counts for the end of the text.
};

}  // namespace saerok
