#include "search/condition.h"

#include <algorithm>
#include <cstddef>

#include "base/assert.h"

namespace saerok {
namespace {

constexpr std::size_t kWordBits = 64;

ChunkBits bits_of(const Segment& segment, bool value) {
  const std::size_t count = segment.chunk_count();
  ChunkBits bits((count + kWordBits - 1) / kWordBits, value ? ~std::uint64_t{0} : 0);
  // Bits behind the last chunk stay 0, so that a negation of a negation is the same again.
  if (value && count % kWordBits != 0) bits.back() = (std::uint64_t{1} << count % kWordBits) - 1;
  return bits;
}

void set(ChunkBits& bits, std::uint32_t chunk) {
  bits[chunk / kWordBits] |= std::uint64_t{1} << chunk % kWordBits;
}

/// The word of a phrase whose postings lead, and those that follow it.
struct PhraseWalk {
  std::uint32_t offset;
  PostingCursor postings;
  PositionReader positions;
  std::vector<std::uint32_t> found{};
};

/// Whether some place has every word at its distance. All walks stand on the same chunk.
bool stands_together(std::vector<PhraseWalk>& walks) {
  for (PhraseWalk& walk : walks) walk.positions.read(walk.postings, walk.found);
  const PhraseWalk& leader = walks.front();
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

void add_phrase(const Segment& segment, IndexField field, const std::vector<PhraseWord>& phrase,
                ChunkBits& bits) {
  struct Place {
    std::uint32_t offset;
    Segment::TermRef term;
  };
  std::vector<Place> places;
  for (const PhraseWord& word : phrase) {
    places.push_back({word.offset, segment.find(field, word.stem)});
    if (!places.back().term.exists()) return;
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.term.document_frequency < b.term.document_frequency;
  });
  std::vector<PhraseWalk> walks;
  for (const Place& place : places) {
    walks.push_back({place.offset, segment.postings(field, place.term),
                     segment.positions(field, place.term)});
  }
  PostingCursor& leader = walks.front().postings;
  while (!leader.at_end()) {
    const std::uint32_t chunk = leader.chunk();
    std::uint32_t next = chunk + 1;
    bool in_all = true;
    for (std::size_t i = 1; i < walks.size() && in_all; ++i) {
      PostingCursor& follower = walks[i].postings;
      follower.skip_to(chunk);
      if (follower.at_end()) return;
      in_all = follower.chunk() == chunk;
      if (!in_all) next = follower.chunk();
    }
    if (in_all && (walks.size() == 1 || stands_together(walks))) set(bits, chunk);
    leader.skip_to(next);
  }
}

void add_postings(const Segment& segment, IndexField field, const Segment::TermRef& term,
                  ChunkBits& bits) {
  segment.postings(field, term).take_until(segment.chunk_count(),
                                           [&](std::uint32_t chunk, std::uint32_t) {
                                             set(bits, chunk);
                                           });
}

void add_grams(const Segment& segment, IndexField field, const std::vector<std::string>& grams,
               ChunkBits& bits) {
  ChunkBits in_all = bits_of(segment, true);
  for (const std::string& gram : grams) {
    ChunkBits holding = bits_of(segment, false);
    add_postings(segment, field, segment.find(field, gram), holding);
    for (std::size_t i = 0; i < in_all.size(); ++i) in_all[i] &= holding[i];
  }
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= in_all[i];
}

void add_ranges(const Segment& segment, IndexField field, const std::vector<TermRange>& ranges,
                ChunkBits& bits) {
  for (const TermRange& range : ranges) {
    segment.visit_terms(field, range.first, range.last,
                        [&](std::string_view, const Segment::TermRef& term) {
                          add_postings(segment, field, term, bits);
                          return true;
                        });
  }
}

}  // namespace

ChunkBits evaluate(const Condition& condition, const Segment& segment) {
  const std::vector<Condition>& children = condition.children;
  switch (condition.op) {
    case ConditionOp::all: return bits_of(segment, true);
    case ConditionOp::attributes: return segment.evaluate(condition.attributes);
    case ConditionOp::negation: {
      ASSERT(children.size() == 1);
      ChunkBits bits = bits_of(segment, true);
      const ChunkBits inner = evaluate(children.front(), segment);
      for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= ~inner[i];
      return bits;
    }
    case ConditionOp::conjunction:
    case ConditionOp::disjunction: {
      const bool is_all = condition.op == ConditionOp::conjunction;
      ChunkBits bits = bits_of(segment, is_all);
      for (const Condition& child : children) {
        const ChunkBits inner = evaluate(child, segment);
        for (std::size_t i = 0; i < bits.size(); ++i) {
          bits[i] = is_all ? bits[i] & inner[i] : bits[i] | inner[i];
        }
      }
      return bits;
    }
    default: break;
  }
  ChunkBits bits = bits_of(segment, false);
  if (condition.op == ConditionOp::phrase) {
    add_phrase(segment, IndexField::body_stem, condition.phrase, bits);
    add_phrase(segment, IndexField::title_stem, condition.phrase, bits);
  } else if (condition.op == ConditionOp::grams) {
    add_grams(segment, IndexField::body_gram, condition.grams, bits);
    add_grams(segment, IndexField::title_gram, condition.grams, bits);
  } else {
    for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
      add_ranges(segment, static_cast<IndexField>(field), condition.ranges, bits);
    }
  }
  return bits;
}

}  // namespace saerok
