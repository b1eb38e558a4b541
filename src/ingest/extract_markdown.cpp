#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/code_points.h"
#include "base/unicode.h"
#include "ingest/document_facts.h"
#include "ingest/extract_kinds.h"
#include "ingest/frontmatter.h"
#include "ingest/markdown_blocks.h"
#include "ingest/markdown_inline.h"
#include "ingest/markdown_lines.h"
#include "ingest/text_builder.h"

namespace saerok {
namespace {

using namespace chars;

/// Inline mark-up is looked for in stretches of at most this, cut at a line end or blank, so that
/// one paragraph of many megabytes does not need many times its size in memory.
constexpr std::size_t kInlineBytesMax = 256 * 1024;

/// A block's lines as one text, and where each of its bytes stands in the source.
class BlockContent {
 public:
  BlockContent(std::string_view source, std::span<const ByteSpan> lines) {
    if (lines.size() == 1) {
      text_ = source.substr(lines[0].begin, lines[0].size());
      pieces_.push_back({0, lines[0].begin});
      return;
    }
    for (const ByteSpan& line : lines) {
      if (!joined_.empty()) joined_.push_back('\n');
      pieces_.push_back({joined_.size(), line.begin});
      joined_ += source.substr(line.begin, line.size());
    }
    text_ = joined_;
  }
  BlockContent(const BlockContent&) = delete;
  BlockContent& operator=(const BlockContent&) = delete;

  std::string_view text() const { return text_; }

  /// Appends [begin, end) of text() to the document. Calls must go forward.
  void append_to(TextBuilder& out, std::size_t begin, std::size_t end) {
    while (begin < end) {
      seek(begin);
      const bool has_next = piece_ + 1 < pieces_.size();
      const std::size_t line_end = has_next ? pieces_[piece_ + 1].content - 1 : text_.size();
      if (begin == line_end) {
        out.append_made("\n", source_at(begin));
        ++begin;
        continue;
      }
      const std::size_t stop = std::min(end, line_end);
      out.append(source_at(begin), source_at(begin) + (stop - begin));
      begin = stop;
    }
  }
  std::size_t source_at(std::size_t at) {
    seek(at);
    return pieces_[piece_].source + (at - pieces_[piece_].content);
  }

 private:
  struct Piece {
    std::size_t content;
    std::size_t source;
  };
  void seek(std::size_t at) {
    while (piece_ + 1 < pieces_.size() && pieces_[piece_ + 1].content <= at) ++piece_;
  }

  std::string joined_;
  std::string_view text_;
  std::vector<Piece> pieces_;
  std::size_t piece_ = 0;
};

class MarkdownReader {
 public:
  MarkdownReader(std::string_view path, const DecodedText& decoded, NoteTaker& notes,
                 const CallContext& call)
      : path_(path), decoded_(decoded), notes_(notes), call_(call), out_(decoded) {}

  Result<Document> run() {
    const std::string_view text = decoded_.text();
    const Frontmatter front = parse_frontmatter(text);
    for (const std::string& note : front.notes) notes_.add(note);
    labels_ = find_link_labels(text, front.size);
    for (const FrontmatterEntry& entry : front.entries) add_entry(entry);
    end_of_last_ = front.size;
    const MarkdownSink sink{[this](MarkdownBlock& block) { return add(block); },
                            [this](TaskState state) {
                              facts_.add("task",
                                         std::string(state == TaskState::open ? "open" : "done"));
                            }};
    TRY(parse_markdown_blocks(text, front.size, sink));
    return finish();
  }

 private:
  Status add(MarkdownBlock& block) {
    if (++block_count_ % 1'024 == 0) TRY(call_.check());
    block_begin_ = std::string::npos;
    separator_ = block.is_tight && was_list_item_ ? "\n" : "\n\n";
    if (block.is_verbatim) {
      add_verbatim(block);
    } else if (block.kind == BlockKind::table) {
      for (const ByteSpan& row : block.lines) add_inline({&row, 1}, "\n");
    } else {
      drop_block_id(block);
      add_stretches(block);
    }
    if (block_begin_ == std::string::npos) return {};
    was_list_item_ = block.kind == BlockKind::list_item;
    document_.blocks.push_back({block.kind, block.level, {block_begin_, out_.size()}});
    return {};
  }

  void drop_block_id(MarkdownBlock& block) {
    ByteSpan& last = block.lines.back();
    last.end -= block_id_size(decoded_.text().substr(last.begin, last.size()));
  }

  /// What comes before the next piece of text of this block.
  void begin_piece(std::string_view joint) {
    const bool is_first = block_begin_ == std::string::npos;
    if (out_.size() > 0) out_.append_made(is_first ? separator_ : joint, end_of_last_);
    if (is_first) block_begin_ = out_.size();
  }

  void add_verbatim(const MarkdownBlock& block) {
    BlockContent content(decoded_.text(), block.lines);
    const std::string_view text = content.text();
    // The indent of the first line belongs to the code; blank lines before it do not.
    std::size_t begin = trimmed(text, 0, text.size()).begin;
    const std::size_t end = trimmed(text, begin, text.size()).end;
    if (begin == end) return;
    const std::size_t line_break = text.rfind('\n', begin);
    begin = line_break == std::string_view::npos ? 0 : line_break + 1;
    begin_piece("\n");
    content.append_to(out_, begin, end);
    end_of_last_ = content.source_at(end);
  }

  void add_stretches(const MarkdownBlock& block) {
    std::size_t first = 0;
    while (first < block.lines.size()) {
      std::size_t count = 0;
      std::size_t bytes = 0;
      while (first + count < block.lines.size() && bytes < kInlineBytesMax) {
        bytes += block.lines[first + count++].size();
      }
      if (count == 1) {
        add_long_line(block.lines[first]);
      } else {
        add_inline(std::span(block.lines).subspan(first, count), "\n");
      }
      first += count;
    }
  }

  void add_long_line(ByteSpan line) {
    std::string_view joint = "\n";
    while (line.size() > kInlineBytesMax) {
      const std::string_view text = decoded_.text().substr(line.begin, kInlineBytesMax);
      const std::size_t blank = text.find_last_of(" \t");
      std::size_t cut = blank == std::string_view::npos || blank == 0 ? text.size() : blank;
      if (cut == text.size()) cut = whole_characters(line.begin, cut);
      const ByteSpan stretch{line.begin, line.begin + cut};
      add_inline({&stretch, 1}, joint);
      joint = cut == blank ? " " : "";
      line.begin += cut;
    }
    add_inline({&line, 1}, joint);
  }

  std::size_t whole_characters(std::size_t begin, std::size_t size) const {
    const std::string_view text = decoded_.text();
    while (size > 1 && (static_cast<unsigned char>(text[begin + size]) & 0xC0) == 0x80) --size;
    return size;
  }

  void add_inline(std::span<const ByteSpan> lines, std::string_view joint) {
    BlockContent content(decoded_.text(), lines);
    const std::vector<InlinePart> parts = parse_inline(content.text(), labels_, findings_);
    take_findings();
    if (parts.empty()) return;
    begin_piece(joint);
    for (const InlinePart& part : parts) {
      if (part.made.empty()) {
        content.append_to(out_, part.begin, part.end);
      } else {
        out_.append_made(part.made, content.source_at(part.begin));
      }
    }
    end_of_last_ = content.source_at(parts.back().end);
  }

  void take_findings() {
    for (const std::string& tag : findings_.tags) facts_.add_tag(tag);
    for (std::string& link : findings_.links) facts_.add("link", std::move(link));
    for (std::string& embed : findings_.embeds) facts_.add("embed", std::move(embed));
    findings_ = {};
  }

  void add_entry(const FrontmatterEntry& entry) {
    const std::string name = fold_case(entry.key);
    if (name == "tag" || name == "tags") {
      add_parts(entry.value, ", \t\n", [&](std::string_view tag) { facts_.add_tag(tag); });
      return;
    }
    if (name == "alias" || name == "aliases") {
      add_parts(entry.value, entry.is_quoted ? "\n" : ",\n", [&](std::string_view alias) {
        facts_.add("alias", std::string(alias));
        facts_.add_keyword(alias);
      });
      return;
    }
    if (name == "title" && title_.empty()) title_ = to_nfc(trim(entry.value));
    auto values =
        entry.is_quoted ? std::vector<AttributeValue>{entry.value} : typed_values(entry.value);
    // A quoted date is a date all the same: Obsidian's templates quote them.
    if (entry.is_quoted && (name == "date" || name == "created"))
      values = typed_values(entry.value);
    const bool is_date = std::holds_alternative<Date>(values.front());
    if (is_date && name == "created" && !created_) created_ = std::get<Date>(values.front());
    if (is_date && name == "date") has_date_ = true;
    for (AttributeValue& value : values) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        if (!is_date && name != "title") facts_.add_keyword(*text);
        add_quoted_link(*text);
      }
      facts_.add(entry.key, std::move(value));
    }
  }

  /// "[[Note|alias]]" as a value links like the same in the text.
  void add_quoted_link(std::string_view value) {
    if (value.find("[[") == std::string_view::npos) return;
    InlineFindings found;
    parse_inline(value.substr(0, kInlineBytesMax), labels_, found);
    for (std::string& link : found.links) facts_.add("link", std::move(link));
  }

  template <class Take>
  static void add_parts(std::string_view value, std::string_view separators, Take take) {
    while (!value.empty()) {
      const std::size_t end = std::min(value.find_first_of(separators), value.size());
      const std::string_view part = trim(value.substr(0, end));
      if (!part.empty()) take(part);
      value.remove_prefix(std::min(end + 1, value.size()));
    }
  }

  Document finish() {
    document_.path = std::string(path_);
    const NameParts name = name_parts(path_);
    if (!has_date_ && created_) facts_.add("date", *created_);
    facts_.add_extension_and_folder(path_);
    facts_.add_date_of_name(path_);
    const auto& blocks = document_.blocks;
    const bool has_heading =
        !blocks.empty() && blocks[0].kind == BlockKind::heading && blocks[0].level == 1;
    if (title_.empty() && has_heading) {
      const ByteSpan span = blocks[0].span;
      title_ = std::string(out_.text().substr(span.begin, std::min(span.size(), kTitleBytesMax)));
      while (!is_valid_utf8(title_)) title_.pop_back();  // Cut inside a character.
    }
    if (title_.empty()) title_ = std::string(name.stem);
    if (title_ != name.stem) facts_.add_keyword(name.stem);
    facts_.give_to(document_);
    document_.title = std::move(title_);
    document_.text = out_.take_text();
    document_.source_map = out_.take_map();
    return std::move(document_);
  }

  /// A first heading longer than this is no title; all of it stays in the text.
  static constexpr std::size_t kTitleBytesMax = 1'000;

  std::string_view path_;
  const DecodedText& decoded_;
  NoteTaker& notes_;
  const CallContext& call_;
  TextBuilder out_;
  Document document_;
  FactCollector facts_;
  LinkLabels labels_;
  InlineFindings findings_;
  std::string title_;
  std::optional<Date> created_;
  bool has_date_ = false;
  bool was_list_item_ = false;
  std::size_t block_count_ = 0;
  std::size_t block_begin_ = std::string::npos;  // Of the block being added, in the text.
  std::string_view separator_;
  std::size_t end_of_last_ = 0;  // In the source, of what was added last.
};

}  // namespace

Result<Document> extract_markdown(std::string_view path, const DecodedText& decoded,
                                  NoteTaker& notes, const CallContext& call) {
  return MarkdownReader(path, decoded, notes, call).run();
}

}  // namespace saerok
