#include "search/phrase_search.h"

#include <algorithm>
#include <utility>

namespace saerok {
namespace {

/// One word of a phrase, on its way through the chunks.
struct PhraseWalk {
  std::uint32_t offset;
  PostingCursor postings;
  PositionReader positions;
  std::vector<std::uint32_t> found{};
};

/// Whether some place has every word at its distance. All walks stand on the same chunk.
bool stands_together(std::vector<PhraseWalk>& walks) {
  const PhraseWalk& leader = walks.front();
  for (PhraseWalk& walk : walks) walk.positions.read(walk.postings, walk.found);
  for (const std::uint32_t position : leader.found) {
    const bool everywhere =
        std::all_of(walks.begin() + 1, walks.end(), [&](const PhraseWalk& walk) {
          // In 64 bits, because a leader in the middle of the phrase looks back.
          const std::int64_t wanted =
              std::int64_t{position} - std::int64_t{leader.offset} + std::int64_t{walk.offset};
          return wanted >= 0 && std::binary_search(walk.found.begin(), walk.found.end(), wanted);
        });
    if (everywhere) return true;
  }
  return false;
}

bool stands_in(std::uint32_t chunk, std::vector<PhraseWalk>& walks) {
  for (PhraseWalk& walk : walks) {
    walk.postings.skip_to(chunk);
    if (walk.postings.at_end() || walk.postings.chunk() != chunk) return false;
  }
  return stands_together(walks);
}

}  // namespace

PhraseSearch::PhraseSearch(const Segment& segment, const std::vector<PhraseWord>& words)
    : segment_(&segment) {
  for (const IndexField index_field : kPhraseFields) {
    Field field{index_field, {}};
    for (const PhraseWord& word : words) {
      field.words.push_back({word.offset, segment.find(index_field, word.stem)});
      if (!field.words.back().term.exists()) break;
    }
    if (!field.words.back().term.exists()) continue;
    std::stable_sort(field.words.begin(), field.words.end(), [](const Word& a, const Word& b) {
      return a.term.document_frequency < b.term.document_frequency;
    });
    fields_.push_back(std::move(field));
  }
}

ChunkList PhraseSearch::chunks() const {
  ChunkList all;
  for (const Field& field : fields_) {
    ChunkList here = chunks_in(field);
    all = all.empty() ? std::move(here) : merged(all, here);
  }
  return all;
}

void PhraseSearch::keep(ChunkList& chunks) const {
  if (fields_.empty()) return chunks.clear();
  ChunkList in_title;
  if (fields_.size() > 1) {
    in_title = chunks;
    keep_in(fields_[1], 0, in_title);
  }
  keep_in(fields_[0], 0, chunks);
  if (!in_title.empty()) chunks = merged(chunks, in_title);
}

std::uint64_t PhraseSearch::count_max() const {
  std::uint64_t sum = 0;
  for (const Field& field : fields_) sum += field.words.front().term.document_frequency;
  return sum;
}

ChunkList PhraseSearch::chunks_in(const Field& field) const {
  ChunkList chunks = chunks_of(segment_->posting_blocks(field.field, field.words.front().term));
  keep_in(field, 1, chunks);
  return chunks;
}

/// `begin`: the words before are known to be held by all the chunks.
void PhraseSearch::keep_in(const Field& field, std::size_t begin, ChunkList& chunks) const {
  for (std::size_t i = begin; i < field.words.size() && !chunks.empty(); ++i) {
    keep_held(segment_->posting_blocks(field.field, field.words[i].term), chunks);
  }
  if (field.words.size() > 1) keep_together(field, chunks);
}

/// Of chunks that hold every word.
void PhraseSearch::keep_together(const Field& field, ChunkList& chunks) const {
  if (chunks.empty()) return;
  std::vector<PhraseWalk> walks;
  for (const Word& word : field.words) {
    walks.push_back({word.offset, segment_->postings(field.field, word.term),
                     segment_->positions(field.field, word.term)});
  }
  std::erase_if(chunks, [&](std::uint32_t chunk) { return !stands_in(chunk, walks); });
}

}  // namespace saerok
