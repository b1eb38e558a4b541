#include "search/phrase_search.h"

#include <algorithm>
#include <utility>

namespace saerok {
namespace {

/// Those where all words exist.
std::vector<PhraseField> fields_of(const Segment& segment, const std::vector<PhraseWord>& words) {
  std::vector<PhraseField> fields;
  for (const IndexField index_field : kPhraseFields) {
    PhraseField field{index_field, {}};
    for (const PhraseWord& word : words) {
      field.words.push_back({word.offset, segment.find(index_field, word.stem)});
      if (!field.words.back().term.exists()) break;
    }
    if (!field.words.back().term.exists()) continue;
    std::stable_sort(field.words.begin(), field.words.end(),
                     [](const PhraseTerm& a, const PhraseTerm& b) {
                       return a.term.document_frequency < b.term.document_frequency;
                     });
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace

PhraseCheck::PhraseCheck(const Segment& segment, const std::vector<PhraseWord>& words) {
  for (const PhraseField& field : fields_of(segment, words)) add(segment, field);
}

PhraseCheck::PhraseCheck(const Segment& segment, const PhraseField& field) { add(segment, field); }

void PhraseCheck::add(const Segment& segment, const PhraseField& field) {
  Walks& walks = fields_.emplace_back();
  for (const PhraseTerm& word : field.words) {
    walks.push_back({word.offset, segment.postings(field.field, word.term),
                     segment.positions(field.field, word.term)});
  }
}

bool PhraseCheck::holds(std::uint32_t chunk) {
  return std::any_of(fields_.begin(), fields_.end(),
                     [chunk](Walks& walks) { return holds(chunk, walks); });
}

/// A word after the other, so that the more frequent ones are mostly never looked at.
bool PhraseCheck::holds(std::uint32_t chunk, Walks& walks) {
  std::vector<std::uint32_t>& places = walks.front().found;
  for (Walk& walk : walks) {
    walk.postings.skip_to(chunk);
    if (walk.postings.at_end() || walk.postings.chunk() != chunk) return false;
    walk.positions.read(walk.postings, walk.found);
    if (&walk != &walks.front()) keep_followed(walk, walks.front().offset, places);
    if (places.empty()) return false;
  }
  return true;
}

/// Keeps the places of the leading word, whose offset is `lead`, that have the other word at its
/// distance. Both ascend.
void PhraseCheck::keep_followed(const Walk& other, std::uint32_t lead,
                                std::vector<std::uint32_t>& places) {
  // In 64 bits, because a leader in the middle of the phrase looks back.
  const std::int64_t distance = std::int64_t{other.offset} - std::int64_t{lead};
  auto at = other.found.begin();
  std::erase_if(places, [&](std::uint32_t place) {
    const std::int64_t wanted = std::int64_t{place} + distance;
    while (at != other.found.end() && std::int64_t{*at} < wanted) ++at;
    return at == other.found.end() || std::int64_t{*at} != wanted;
  });
}

PhraseSearch::PhraseSearch(const Segment& segment, const std::vector<PhraseWord>& words)
    : segment_(&segment), fields_(fields_of(segment, words)) {}

ChunkList PhraseSearch::chunks() const {
  ChunkList all;
  for (const PhraseField& field : fields_) {
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
  for (const PhraseField& field : fields_) sum += field.words.front().term.document_frequency;
  return sum;
}

ChunkList PhraseSearch::chunks_in(const PhraseField& field) const {
  ChunkList chunks = chunks_of(segment_->posting_blocks(field.field, field.words.front().term));
  keep_in(field, 1, chunks);
  return chunks;
}

/// `begin`: the words before are known to be held by all the chunks.
void PhraseSearch::keep_in(const PhraseField& field, std::size_t begin, ChunkList& chunks) const {
  for (std::size_t i = begin; i < field.words.size() && !chunks.empty(); ++i) {
    keep_held(segment_->posting_blocks(field.field, field.words[i].term), chunks);
  }
  if (field.words.size() > 1) keep_together(field, chunks);
}

/// Of chunks that hold every word.
void PhraseSearch::keep_together(const PhraseField& field, ChunkList& chunks) const {
  if (chunks.empty()) return;
  PhraseCheck check(*segment_, field);
  std::erase_if(chunks, [&check](std::uint32_t chunk) { return !check.holds(chunk); });
}

}  // namespace saerok
