#include "ingest/text_builder.h"

#include <algorithm>
#include <utility>

namespace saerok {
namespace {

std::uint32_t count_lines(std::string_view text) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

std::uint64_t TextBuilder::raw_offset(std::size_t at) {
  const auto& anchors = source_.anchors();
  if (anchors[decode_anchor_].text > at) {
    const auto after = std::upper_bound(
        anchors.begin(), anchors.end(), at,
        [](std::size_t offset, const OffsetAnchor& anchor) { return offset < anchor.text; });
    decode_anchor_ = static_cast<std::size_t>(after - anchors.begin()) - 1;
  }
  while (decode_anchor_ + 1 < anchors.size() && anchors[decode_anchor_ + 1].text <= at) {
    ++decode_anchor_;
  }
  std::uint64_t raw = anchors[decode_anchor_].source + (at - anchors[decode_anchor_].text);
  if (decode_anchor_ + 1 < anchors.size()) {
    raw = std::min(raw, anchors[decode_anchor_ + 1].source);
  }
  return std::min(raw, source_.source_size());
}

void TextBuilder::anchor(std::uint64_t raw) {
  if (!anchors_.empty()) {
    SourceAnchor& last = anchors_.back();
    raw = std::max(raw, last.source);
    const std::uint64_t expected = last.source + (text_.size() - last.text);
    if (raw == expected && line_ == text_line_) return;
    if (last.text == text_.size()) {
      last.source = raw;
      last.line = line_;
      text_line_ = line_;
      return;
    }
  }
  anchors_.push_back({text_.size(), raw, line_});
  text_line_ = line_;
}

void TextBuilder::append(std::size_t begin, std::size_t end) {
  if (begin >= end) return;
  const std::string_view source = source_.text();
  if (begin > line_position_) {
    line_ += count_lines(source.substr(line_position_, begin - line_position_));
    line_position_ = begin;
  }
  const auto& anchors = source_.anchors();
  std::size_t at = begin;
  while (at < end) {
    anchor(raw_offset(at));
    std::size_t piece_end = end;
    if (decode_anchor_ + 1 < anchors.size()) {
      piece_end = std::min<std::size_t>(end, anchors[decode_anchor_ + 1].text);
    }
    const std::string_view piece = source.substr(at, piece_end - at);
    const std::uint32_t lines = count_lines(piece);
    text_ += piece;
    text_line_ += lines;
    if (piece_end > line_position_) {
      line_ += piece.size() == piece_end - line_position_
                   ? lines
                   : count_lines(source.substr(line_position_, piece_end - line_position_));
      line_position_ = piece_end;
    }
    at = piece_end;
  }
}

void TextBuilder::append_made(std::string_view made, std::size_t at) {
  if (made.empty()) return;
  if (at > line_position_) {
    line_ += count_lines(source_.text().substr(line_position_, at - line_position_));
    line_position_ = at;
  }
  anchor(raw_offset(at));
  text_ += made;
  text_line_ += count_lines(made);
}

SourceMap TextBuilder::take_map() {
  if (anchors_.empty()) anchors_.push_back({0, 0, 1});
  return {std::exchange(anchors_, {}), source_.source_size()};
}

}  // namespace saerok
