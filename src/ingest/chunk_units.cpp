#include "ingest/chunk_units.h"

#include <algorithm>

#include "base/code_points.h"
#include "ingest/chunker.h"

namespace saerok {
namespace {

using namespace chars;

class UnitMaker {
 public:
  UnitMaker(const Document& document, std::uint32_t target_tokens)
      : text_(document.text), blocks_(document.blocks), target_(target_tokens) {}

  std::vector<ChunkUnit> run() {
    std::uint64_t done = 0;
    for (const Block& block : blocks_) {
      const ByteSpan span{std::max(block.span.begin, done),
                          std::min<std::uint64_t>(block.span.end, text_.size())};
      if (span.begin >= span.end) continue;
      add_block({done, span.begin}, BlockKind::paragraph, 0);  // Whatever no block claims.
      add_block(span, block.kind, block.kind == BlockKind::heading ? block.level : std::uint8_t{0});
      done = span.end;
    }
    add_block({done, text_.size()}, BlockKind::paragraph, 0);
    return std::move(units_);
  }

 private:
  std::string_view text_of(ByteSpan span) const { return text_.substr(span.begin, span.size()); }

  void add(ByteSpan span, double tokens, std::uint8_t heading) {
    units_.push_back({span, tokens, heading});
  }

  void add_block(ByteSpan span, BlockKind kind, std::uint8_t heading) {
    const TrimmedText kept = trimmed(text_, span.begin, span.end);
    if (kept.begin == kept.end) return;
    span = {kept.begin, kept.end};
    const double tokens = token_weight(text_of(span));
    if (tokens <= target_) {
      add(span, tokens, heading);
      return;
    }
    const bool has_lines = kind == BlockKind::code || kind == BlockKind::table;
    const std::size_t first = units_.size();
    for (const ByteSpan& piece : has_lines ? lines_of(span) : sentences_of(span)) add_piece(piece);
    if (heading != 0 && first < units_.size()) units_[first].heading = heading;
  }

  std::vector<ByteSpan> sentences_of(ByteSpan span) const {
    std::vector<ByteSpan> sentences = split_sentences(text_of(span));
    for (ByteSpan& sentence : sentences) {
      sentence.begin += span.begin;
      sentence.end += span.begin;
    }
    return sentences;
  }

  std::vector<ByteSpan> lines_of(ByteSpan span) const {
    std::vector<ByteSpan> lines;
    for (std::size_t at = span.begin; at < span.end;) {
      const std::size_t end = std::min<std::size_t>(text_.find('\n', at), span.end);
      if (!trim(text_.substr(at, end - at)).empty()) lines.push_back({at, end});
      at = end + 1;
    }
    return lines;
  }

  void add_piece(ByteSpan span) {
    const double tokens = token_weight(text_of(span));
    if (tokens <= 2 * target_) {
      add(span, tokens, 0);
    } else {
      add_words(span);
    }
  }

  /// A sentence far too long: as many whole words as fit, again and again.
  void add_words(ByteSpan span) {
    std::size_t begin = span.begin;
    double tokens = 0;
    for (std::size_t at = span.begin; at < span.end;) {
      const std::size_t end = word_end(at, span.end);
      const double weight = token_weight(text_.substr(at, end - at));
      if (tokens > 0 && tokens + weight > target_) {
        add({begin, at}, tokens, 0);
        begin = at;
        tokens = 0;
      }
      tokens += weight;
      at = end;
    }
    if (!trim(text_.substr(begin, span.end - begin)).empty()) add({begin, span.end}, tokens, 0);
  }

  /// One past the word at `at` and the blanks after it. A word of more characters than the target
  /// has tokens is cut: no character is more than about one token.
  std::size_t word_end(std::size_t at, std::size_t end) const {
    std::uint32_t characters = 0;
    while (at < end) {
      const CodePoint c = code_point_at(text_, at);
      if (is_space(c.value)) break;
      at += c.size;
      if (++characters >= target_) return at;
    }
    while (at < end) {
      const CodePoint c = code_point_at(text_, at);
      if (!is_space(c.value)) break;
      at += c.size;
    }
    return at;
  }

  std::string_view text_;
  const std::vector<Block>& blocks_;
  double target_;
  std::vector<ChunkUnit> units_;
};

}  // namespace

std::vector<ChunkUnit> make_chunk_units(const Document& document, std::uint32_t target_tokens) {
  return UnitMaker(document, target_tokens).run();
}

}  // namespace saerok
