/// A lexical segment: an immutable, self-contained inverted index of some chunks, with the
/// attribute columns that filters need. Knows terms and bytes; no text analysis, no model, no query
/// language.
///
/// One file, little-endian: header (magic, version), sections with a CRC32C each, footer with the
/// section table (format.h). Opened from mapped bytes without parsing; every offset is checked
/// before it is believed, so that damaged bytes give an Error or wrong numbers, but never a bad
/// access. docs/formats.md describes it byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/attribute_filter.h"
#include "index/packed_numbers.h"
#include "index/positions.h"
#include "index/postings.h"
#include "saerok/result.h"
#include "saerok/storage.h"
#include "saerok/types.h"

namespace saerok {

/// A chunk's number inside one segment, from 0. Never leaves index/ and search/.
enum class LocalId : std::uint32_t {};

/// Fields with posting lists and length norms of their own. Every term of a chunk is in those of
/// body or title; the others hold parts of the title's once more, to be weighed by themselves.
enum class IndexField : std::uint8_t {
  body_stem,
  body_gram,
  title_stem,
  title_gram,  ///< Title, headings and keywords together.
  own_title_stem,
  own_title_gram,  ///< The title without the others.
  heading_stem,
  heading_gram,
  keyword_stem,
  keyword_gram  ///< Tags, aliases and what else a document says of itself.
};
constexpr std::size_t kIndexFieldCount = 10;
constexpr std::size_t kWholeFieldCount = 4;  ///< The first ones, which hold every term.

/// Fields whose postings keep where in a chunk a term stands, for phrases. Grams have no positions:
/// they would cost more than all the rest of the index.
constexpr bool has_positions(IndexField field) {
  return field == IndexField::body_stem || field == IndexField::title_stem;
}

struct FieldTerm {
  IndexField field = IndexField::body_stem;
  std::string_view text;
  std::uint32_t position = 0;  ///< Of a field that has positions; else not looked at.
  bool is_beside = false;      ///< Found like any other, but no part of the chunk's length.
};

/// Chunks of a segment as bits, LocalId order, in words of 64.
using ChunkBits = std::vector<std::uint64_t>;

struct FieldStatistics {
  std::uint64_t chunk_count = 0;   ///< Chunks of the segment, with or without terms in the field.
  std::uint64_t length_total = 0;  ///< Terms of the field in all chunks.
};

/// Documents and term frequencies of one list, decoded. Parallel arrays.
struct DecodedPostings {
  std::vector<std::uint32_t> chunks;       ///< LocalIds, ascending.
  std::vector<std::uint32_t> frequencies;  ///< At least 1.
};

/// Builds one segment in memory. Chunks come in ascending ChunkId order.
class SegmentBuilder {
 public:
  SegmentBuilder();
  ~SegmentBuilder();
  SegmentBuilder(SegmentBuilder&&) noexcept;
  SegmentBuilder& operator=(SegmentBuilder&&) noexcept;

  /// `terms` in any order, repeats meaning frequency, but repeats of one term in ascending order of
  /// position. `attributes` are those of the document, and
  /// are kept once a document. Also searchable as attributes: path, root and title.
  struct ChunkInput {
    ChunkId chunk{};
    DocumentId document{};
    std::span<const FieldTerm> terms;
    std::span<const Attribute> attributes;
  };
  void add(const ChunkInput& input);

  std::size_t chunk_count() const;
  /// Roughly what it holds in memory, for flushing at a limit.
  std::size_t memory_size() const;

  /// The segment as bytes of a file; the builder is empty afterwards. `fingerprint` is the
  /// analyser's. Deterministic: the same chunks give the same bytes. Needs, beside memory_size(),
  /// the file's size, for a moment twice while it grows.
  std::vector<std::byte> finish(std::string_view fingerprint);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads one segment. Immutable, safe from several threads.
class Segment {
 public:
  /// structure: magic, version, section table, bounds, and the checksums of the small sections.
  /// everything: all checksums, which reads the whole file once (several GB/s when cached). Damage
  /// that only `everything` would see is noticed by check_read().
  enum class Verify : std::uint8_t { structure, everything };
  /// Errors: corrupt; failed_precondition for a format from the future.
  static Result<std::shared_ptr<const Segment>> open(std::shared_ptr<const FileBytes> file,
                                                     Verify verify);
  ~Segment();

  /// What `everything` checks, for a segment that is open. Errors: corrupt.
  Status verify() const;

  /// What the calls below have read so far is what was written: each compares the bytes that it
  /// depends on with their checksums, the first time they are needed. What they gave is to be
  /// believed only if this is good afterwards. Errors: corrupt. Cheap.
  Status check_read() const;

  std::string_view fingerprint() const;
  std::uint32_t chunk_count() const;
  const PackedNumbers& chunk_ids() const;  ///< ChunkId values by LocalId, ascending.
  FieldStatistics statistics(IndexField field) const;

  /// A term's list; `exists()` false where the segment does not hold the term.
  struct TermRef {
    std::uint32_t document_frequency = 0;
    std::uint64_t location = 0;
    std::uint64_t positions = 0;  ///< Where they lie, in fields that have them.
    bool exists() const { return document_frequency != 0; }
  };
  TermRef find(IndexField field, std::string_view term) const;

  /// The term's postings from the first one on; at its end at once where the term does not exist.
  /// Views the segment, which must outlive it.
  PostingCursor postings(IndexField field, const TermRef& term) const;

  /// The same as blocks, for a search that passes over some. Views the segment.
  PostingBlocks posting_blocks(IndexField field, const TermRef& term) const;

  /// Reads positions beside a cursor of postings() of the same term. Requires has_positions(field).
  PositionReader positions(IndexField field, const TermRef& term) const;

  /// A document's latest date of the attribute (folded name), for each of its chunks, in days since
  /// 1970-01-01; kNoDate where it has none.
  static constexpr std::int32_t kNoDate = INT32_MIN;
  std::vector<std::int32_t> chunk_dates(std::string_view attribute) const;
  /// Chunks with the same number are of one document; numbers are below chunk_count().
  std::vector<std::uint32_t> chunk_documents() const;

  /// Compares what visit_terms() would read with its checksums, so that nothing wrong is visited.
  void look_at_terms(IndexField field, std::string_view first, std::string_view last) const;

  /// Calls visit(term, place) for the terms t with first <= t and, unless `last` is empty, t <
  /// last, in ascending order of their bytes, until it returns false.
  void visit_terms(IndexField field, std::string_view first, std::string_view last,
                   const std::function<bool(std::string_view, const TermRef&)>& visit) const;

  /// Whether a document has an attribute of this name, given in folded form.
  bool has_attribute(std::string_view name) const;

  /// Appends the postings with LocalId in [first, first + count). `cursor` (0 at first) lets
  /// ascending calls go on where the last one stopped. A loop over a whole list uses postings(),
  /// which decodes every block once.
  void decode_window(IndexField field, const TermRef& term, std::uint32_t first,
                     std::uint32_t count, std::size_t& cursor, DecodedPostings& out) const;

  /// Length of a chunk in a field, in terms, as the scorer sees it (four bits' precision above 40).
  std::uint32_t length(IndexField field, LocalId chunk) const;
  /// The same for all chunks, as codes; decode with length_of_code(). Empty in a field without
  /// terms.
  std::span<const std::uint8_t> length_codes(IndexField field) const;
  static std::uint32_t length_of_code(std::uint8_t code);

  /// Chunks whose document passes the filter.
  ChunkBits evaluate(const AttributeFilter& filter) const;

 private:
  struct Impl;
  explicit Segment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace saerok
