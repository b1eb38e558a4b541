/// Which chunks of a segment hold a phrase: stems at their distances, in the body or in the title.
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
  struct Word {
    std::uint32_t offset;
    Segment::TermRef term;
  };
  struct Field {
    IndexField field;
    std::vector<Word> words;  // Rarest first; empty: the phrase stands nowhere in the field.
  };
  ChunkList chunks_in(const Field& field) const;
  void keep_in(const Field& field, std::size_t begin, ChunkList& chunks) const;
  void keep_together(const Field& field, ChunkList& chunks) const;

  const Segment* segment_;
  std::vector<Field> fields_;  // Those where all words exist.
};

}  // namespace saerok
