/// Which chunks of a segment hold a phrase: stems at their distances, in the body or in the title.
/// Either all of them as a list (PhraseSearch), or chunk by chunk of those that a walk over the
/// words has found (PhraseCheck).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "index/segment.h"
#include "search/chunk_list.h"

namespace saerok {

/// Where a phrase, or a required word, may stand.
inline constexpr std::array kPhraseFields = {IndexField::body_stem, IndexField::title_stem};

/// A stem of a phrase, and how many words after its first one it stands.
struct PhraseWord {
  std::string stem;
  std::uint32_t offset = 0;
};

/// A word of a phrase where a segment has it.
struct PhraseTerm {
  std::uint32_t offset = 0;
  Segment::TermRef term;
};

/// The words of a phrase in one field, rarest first; without any: it stands nowhere in the field.
struct PhraseField {
  IndexField field{};
  std::vector<PhraseTerm> words;
};

/// Tests chunks of one segment, which outlives it, in ascending order; positions are read of those
/// only.
class PhraseCheck {
 public:
  /// `words` in order of offset, at least one.
  PhraseCheck(const Segment& segment, const std::vector<PhraseWord>& words);
  PhraseCheck(const Segment& segment, const PhraseField& field);

  /// Whether the chunk holds it. No chunk may be below the one before.
  bool holds(std::uint32_t chunk);

 private:
  /// One word on its way through the chunks.
  struct Walk {
    std::uint32_t offset;
    PostingCursor postings;
    PositionReader positions;
    std::vector<std::uint32_t> found{};
  };
  using Walks = std::vector<Walk>;

  void add(const Segment& segment, const PhraseField& field);
  static bool holds(std::uint32_t chunk, Walks& walks);
  static void keep_followed(const Walk& other, std::uint32_t lead,
                            std::vector<std::uint32_t>& places);

  std::vector<Walks> fields_;
};

/// A phrase in one segment, which outlives it. `words` in order of offset, at least one.
class PhraseSearch {
 public:
  PhraseSearch(const Segment& segment, const std::vector<PhraseWord>& words);

  /// Deleted chunks too.
  ChunkList chunks() const;

  /// Takes away the chunks that do not hold it.
  void keep(ChunkList& chunks) const;

  /// No more chunks hold it.
  std::uint64_t count_max() const;

 private:
  ChunkList chunks_in(const PhraseField& field) const;
  void keep_in(const PhraseField& field, std::size_t begin, ChunkList& chunks) const;
  void keep_together(const PhraseField& field, ChunkList& chunks) const;

  const Segment* segment_;
  std::vector<PhraseField> fields_;  // Those where all words exist.
};

}  // namespace saerok
