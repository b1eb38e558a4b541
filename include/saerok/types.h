/// The vocabulary: plain value types in the field's words, used by every layer, the command line
/// and the JSON output. No behaviour lives here.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace saerok {

enum class DocumentId : std::uint64_t {};
/// Stable across merges and restarts; never reused.
enum class ChunkId : std::uint64_t {};
enum class SegmentId : std::uint64_t {};

/// 128 bits of XXH3: identity of content within one store, not a defence against forgery.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

/// Half-open range of bytes.
struct ByteSpan {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  auto operator<=>(const ByteSpan&) const = default;
  std::uint64_t size() const { return end - begin; }
};

/// Lines of a file, 1-based, both inclusive.
struct LineSpan {
  std::uint32_t first = 1;
  std::uint32_t last = 1;
  auto operator<=>(const LineSpan&) const = default;
};

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
struct Date {
  std::int32_t days = 0;
  auto operator<=>(const Date&) const = default;
};

using AttributeValue = std::variant<bool, std::int64_t, double, Date, std::string>;

/// One value of a named attribute; a list is several entries of the same name.
struct Attribute {
  std::string name;  ///< NFC, lower case as the user wrote it otherwise ("tags" becomes "tag").
  AttributeValue value;
  bool operator==(const Attribute&) const = default;
};

/// From here on, until the next anchor, text byte `text + n` came from source byte `source + n`
/// of line `line`.
struct SourceAnchor {
  std::uint64_t text = 0;
  std::uint64_t source = 0;
  std::uint32_t line = 1;
  bool operator==(const SourceAnchor&) const = default;
};

/// Maps offsets of a document's text to bytes and lines of the file it came from. Anchors are
/// sorted by `text`, the first at 0; `source` never decreases.
struct SourceMap {
  std::vector<SourceAnchor> anchors;
  std::uint64_t source_size = 0;  ///< Bytes of the source; no mapped offset is larger.
};

/// What a stretch of a document's text is. Chunks prefer to break between blocks.
enum class BlockKind : std::uint8_t { heading, paragraph, list_item, code, table, quote };

/// A stretch of Document::text, in order, not overlapping.
struct Block {
  BlockKind kind = BlockKind::paragraph;
  std::uint8_t level = 0;  ///< Of a heading: 1 to 6. Of a list item: nesting from 1. Else 0.
  ByteSpan span;           ///< In Document::text.
};

/// What the user gave. (root, path, record_id) names it within a collection.
struct Document {
  std::string root;       ///< Absolute folder (or the file's folder) that was indexed.
  std::string path;       ///< Of the file, relative to root, NFC, '/'-separated.
  std::string record_id;  ///< Id of a JSONL record; empty for a whole file.
  std::string title;
  std::string text;      ///< UTF-8, NFC, mark-up removed. What is searched, embedded and quoted.
                         ///< Stored as its chunks, which leave out nothing but white space.
  std::string keywords;  ///< Tags, aliases and front-matter words, searched with the title.
  std::vector<Block> blocks;  ///< Not stored: used by the chunker only.
  std::vector<Attribute> attributes;
  SourceMap source_map;
  Hash128 content_hash;  ///< Of everything above but root and path.
};

/// What is retrieved: a span of a document with its heading path.
struct Chunk {
  ChunkId id{};
  DocumentId document{};
  std::uint32_t ordinal = 0;          ///< Within the document, from 0.
  ByteSpan span;                      ///< In Document::text.
  ByteSpan source_bytes;              ///< In the original file; for JSONL, in the decoded field.
  LineSpan source_lines;              ///< In the original file; for JSONL, the record's line.
  std::vector<SourceAnchor> anchors;  ///< Source map of this chunk; `text` counts from its start.
  std::vector<std::string> heading_path;
  std::string text;
};

/// A stretch of a chunk's text that has a vector of its own.
struct Window {
  std::uint32_t begin = 0;  ///< Bytes in Chunk::text.
  std::uint32_t end = 0;
  bool operator==(const Window&) const = default;
};

/// Which vectors a row of the vector plane belongs to. Each tier improves search as it lands.
enum class VectorTier : std::uint8_t { chunk, window };

enum class SearchMode : std::uint8_t { automatic, lexical, vector, hybrid };

/// A tree of labelled numbers. The root's value is the hit's score, and every node's value is
/// what its label says of its children (sum, product, maximum), so that a person can check it.
struct Explanation {
  std::string label;
  double value = 0;
  std::vector<Explanation> children;
};

/// Part of Hit::snippet to be shown emphasised, in bytes of the snippet.
struct Highlight {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// A chunk in the answer to a search.
struct Hit {
  std::uint32_t rank = 0;  ///< From 1.
  double score = 0;
  ChunkId chunk{};
  std::string root;
  std::string path;         ///< Relative to root.
  std::string document_id;  ///< The id a JSONL corpus gave, else the path.
  std::string title;
  std::vector<std::string> heading_path;
  std::vector<Attribute> attributes;  ///< Of the document.
  LineSpan lines;                     ///< Of the passage shown.
  ByteSpan bytes;                     ///< Of the passage shown, in the original file.
  std::string snippet;
  std::vector<Highlight> highlights;
  std::string text;     ///< The whole chunk.
  ByteSpan text_bytes;  ///< Of the whole chunk, in the original file.
  LineSpan text_lines;
  std::vector<SourceAnchor> anchors;  ///< Source map of `text`, to locate any part of it.
  ByteSpan passage;  ///< Best window within `text`, if vectors chose one; else all of it.
  std::optional<Explanation> explanation;
};

/// One named stage of a request.
struct StageReport {
  std::string name;
  double ms = 0;
  std::uint64_t in = 0;   ///< Items that came in, stage's own unit.
  std::uint64_t out = 0;  ///< Items that went out.
};

/// What a request did, and what it could not do.
struct Report {
  std::vector<StageReport> stages;
  std::vector<std::string> warnings;
};

/// What was said in a conversation, oldest first.
struct Turn {
  std::string role;  ///< "user", "assistant" or "system".
  std::string content;
};
using Conversation = std::vector<Turn>;

/// A place in an answer that points at one source.
struct Citation {
  std::uint32_t marker = 0;  ///< The number in brackets, from 1; an index into the sources, plus 1.
  std::string root;
  std::string path;
  std::string document_id;
  std::vector<std::string> heading_path;
  LineSpan lines;
  ByteSpan bytes;
  std::string quote;  ///< The passage relied on, verbatim from the document's text.
};

}  // namespace saerok
