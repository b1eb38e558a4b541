#include "ingest/chunker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/code_points.h"
#include "ingest/chunk_units.h"

namespace saerok {
namespace {

using namespace chars;

/// A chunk with less than this share of the target goes on into the next section.
constexpr double kSmallChunkShare = 1.0 / 3;
/// How far an even part of a long section may exceed the average before it is cut.
constexpr double kEvenPartSlack = 1.15;
/// A longer heading is shortened in heading paths; the chunk's own text holds all of it.
constexpr std::size_t kHeadingBytesMax = 300;

/// Source place of ever larger text offsets, in linear time altogether.
class SourceCursor {
 public:
  SourceCursor(std::string_view text, const SourceMap& map, bool counts_lines)
      : text_(text),
        anchors_(map.anchors),
        source_size_(map.source_size),
        counts_lines_(counts_lines) {
    if (!anchors_.empty()) line_ = anchors_.front().line;
  }

  SourceAnchor at(std::uint64_t offset) {
    if (anchors_.empty()) return {offset, std::min(offset, source_size_), 1};
    while (index_ + 1 < anchors_.size() && anchors_[index_ + 1].text <= offset) {
      ++index_;
      counted_ = anchors_[index_].text;
      line_ = anchors_[index_].line;
    }
    if (counts_lines_ && offset > counted_) {
      const auto run = text_.substr(counted_, offset - counted_);
      line_ += static_cast<std::uint32_t>(std::count(run.begin(), run.end(), '\n'));
      counted_ = offset;
    }
    const SourceAnchor& anchor = anchors_[index_];
    std::uint64_t source = anchor.source + (offset - std::min(anchor.text, offset));
    if (index_ + 1 < anchors_.size()) source = std::min(source, anchors_[index_ + 1].source);
    return {offset, std::min(source, source_size_), line_};
  }

  /// Index of the first anchor after the last offset asked for.
  std::size_t next_anchor() const { return index_ + 1; }

  /// One past the source of the last byte before `end`.
  SourceAnchor end_at(std::uint64_t end) {
    SourceAnchor last = at(end - 1);
    last.source += 1;
    if (index_ + 1 < anchors_.size())
      last.source = std::min(last.source, anchors_[index_ + 1].source);
    last.source = std::min(last.source, source_size_);
    return last;
  }

 private:
  std::string_view text_;
  const std::vector<SourceAnchor>& anchors_;
  std::uint64_t source_size_;
  bool counts_lines_;
  std::size_t index_ = 0;
  std::uint64_t counted_ = 0;  // Text offset up to which line_ is right.
  std::uint32_t line_ = 1;
};

/// The headings as a tree, and for each unit the section that it stands in.
class Outline {
 public:
  Outline(std::string_view text, const std::vector<ChunkUnit>& units) : text_(text) {
    nodes_.push_back({0, 0, {}});  // The document itself.
    std::size_t current = 0;
    for (const ChunkUnit& unit : units) {
      if (unit.heading > 0) {
        while (current != 0 && nodes_[current].level >= unit.heading)
          current = nodes_[current].parent;
        nodes_.push_back({current, unit.heading, unit.span});
        current = nodes_.size() - 1;
      }
      section_of_unit_.push_back(current);
    }
  }

  /// Headings above all units of [first, end).
  std::vector<std::string> path_of(std::size_t first, std::size_t end) const {
    std::size_t common = section_of_unit_[first];
    for (std::size_t unit = first + 1; unit < end; ++unit) {
      std::size_t other = section_of_unit_[unit];
      while (common != other) {
        // The younger of the two cannot be above the older.
        (common > other ? common : other) = nodes_[std::max(common, other)].parent;
      }
    }
    std::vector<std::string> path;
    for (; common != 0; common = nodes_[common].parent) path.push_back(title(nodes_[common].span));
    std::ranges::reverse(path);
    return path;
  }

 private:
  struct Node {
    std::size_t parent;
    std::uint8_t level;
    ByteSpan span;
  };

  std::string title(ByteSpan span) const {
    std::string_view heading = trim(text_.substr(span.begin, span.size()));
    std::string shortened;
    if (heading.size() > kHeadingBytesMax) {
      std::size_t end = kHeadingBytesMax;
      while ((static_cast<unsigned char>(heading[end]) & 0xC0) == 0x80) --end;
      shortened = std::string(trim(heading.substr(0, end))) + "…";
      heading = shortened;
    }
    std::string result(heading);
    std::ranges::replace(result, '\n', ' ');
    return result;
  }

  std::string_view text_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> section_of_unit_;
};

class Packer {
 public:
  Packer(const Document& document, const ChunkerSettings& settings)
      : document_(document),
        target_(std::max(settings.target_tokens, 8u)),
        overlap_(std::min<double>(settings.overlap_tokens, target_ / 2)),
        units_(make_chunk_units(document, static_cast<std::uint32_t>(target_))),
        outline_(document.text, units_),
        begins_(document.text, document.source_map, document.record_id.empty()),
        ends_(document.text, document.source_map, document.record_id.empty()) {
    run_tokens_.resize(units_.size() + 1);
    for (std::size_t i = units_.size(); i-- > 0;) {
      const bool ends_here = i + 1 == units_.size() || units_[i + 1].heading > 0;
      run_tokens_[i] = units_[i].tokens + (ends_here ? 0 : run_tokens_[i + 1]);
      total_ += units_[i].tokens;
    }
  }

  std::vector<Chunk> run() {
    std::size_t first = 0;
    while (first < units_.size()) {
      const std::size_t end = total_ <= target_ ? units_.size() : end_of_chunk(first);
      emit(first, end);
      first = end;
    }
    return std::move(chunks_);
  }

 private:
  std::size_t end_of_chunk(std::size_t first) const {
    const double room = first == 0 ? target_ : target_ - overlap_;
    const double budget = even_budget(first, room);
    double tokens = units_[first].tokens;
    bool is_all_headings = units_[first].heading > 0;
    std::size_t end = first + 1;
    for (; end < units_.size(); ++end) {
      const ChunkUnit& unit = units_[end];
      if (unit.heading > 0 && !is_all_headings) {
        const bool is_large = tokens >= target_ * kSmallChunkShare;
        if (is_large || tokens + run_tokens_[end] > room) break;
      }
      const bool is_over = tokens + unit.tokens > (is_all_headings ? room : budget);
      if (is_over && !(is_all_headings && unit.heading == 0)) break;
      // A heading may go with a sentence that fills the target by itself, not with more.
      if (is_over && tokens + unit.tokens > 2 * target_) break;
      tokens += unit.tokens;
      is_all_headings = is_all_headings && unit.heading > 0;
    }
    return without_trailing_headings(first, end);
  }

  /// A section larger than one chunk is cut into parts of about equal size.
  double even_budget(std::size_t first, double room) const {
    std::size_t unit = first;
    while (unit + 1 < units_.size() && units_[unit].heading > 0 && unit < first + 8) ++unit;
    const double tokens = run_tokens_[unit];
    if (tokens <= room) return room;
    return std::min(room, tokens / std::ceil(tokens / room) * kEvenPartSlack);
  }

  std::size_t without_trailing_headings(std::size_t first, std::size_t end) const {
    if (end == units_.size()) return end;
    std::size_t kept = end;
    while (kept > first && units_[kept - 1].heading > 0) --kept;
    return kept == first ? end : kept;
  }

  void emit(std::size_t first, std::size_t end) {
    std::uint64_t begin = units_[first].span.begin;
    if (overlap_ > 0 && !chunks_.empty() && units_[first].heading == 0)
      begin = overlap_begin(begin);
    const TrimmedText kept = trimmed(document_.text, begin, units_[end - 1].span.end);
    if (kept.begin == kept.end) return;
    Chunk chunk;
    chunk.ordinal = static_cast<std::uint32_t>(chunks_.size());
    chunk.span = {kept.begin, kept.end};
    chunk.heading_path = outline_.path_of(first, end);
    chunk.text = document_.text.substr(kept.begin, kept.end - kept.begin);
    place(chunk);
    chunks_.push_back(std::move(chunk));
  }

  /// Where the last sentences of the chunk before begin that fit the overlap; `begin` if none do.
  std::uint64_t overlap_begin(std::uint64_t begin) const {
    const Chunk& previous = chunks_.back();
    const std::vector<ByteSpan> sentences = split_sentences(previous.text);
    double tokens = 0;
    // The first sentence stays where it is: the chunk before must not be repeated whole.
    for (std::size_t i = sentences.size(); i-- > 1;) {
      const std::string_view text = std::string_view(previous.text);
      tokens += token_weight(text.substr(sentences[i].begin, sentences[i].size()));
      if (tokens > overlap_) break;
      begin = previous.span.begin + sentences[i].begin;
    }
    return begin;
  }

  void place(Chunk& chunk) {
    const SourceAnchor first = begins_.at(chunk.span.begin);
    chunk.anchors.push_back({0, first.source, first.line});
    const auto& anchors = document_.source_map.anchors;
    for (std::size_t i = begins_.next_anchor(); i < anchors.size(); ++i) {
      if (anchors[i].text >= chunk.span.end) break;
      chunk.anchors.push_back(
          {anchors[i].text - chunk.span.begin, anchors[i].source, anchors[i].line});
    }
    const SourceAnchor last = ends_.end_at(chunk.span.end);
    chunk.source_bytes = {first.source, std::max(last.source, first.source)};
    chunk.source_lines = {first.line, std::max(last.line, first.line)};
  }

  const Document& document_;
  double target_;
  double overlap_;
  std::vector<ChunkUnit> units_;
  Outline outline_;
  SourceCursor begins_;
  SourceCursor ends_;
  std::vector<double> run_tokens_;  // From the unit to the end of its section's own text.
  double total_ = 0;
  std::vector<Chunk> chunks_;
};

}  // namespace

std::vector<Chunk> chunk_document(const Document& document, const ChunkerSettings& settings) {
  return Packer(document, settings).run();
}

}  // namespace saerok
