#include "search/condition.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

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

/// A phrase in one field of a segment.
class FieldPhrase {
 public:
  FieldPhrase(const Segment& segment, IndexField field, const std::vector<PhraseWord>& phrase) {
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
    for (const Place& place : places) {
      walks_.push_back({place.offset, segment.postings(field, place.term),
                        segment.positions(field, place.term)});
    }
  }

  /// Sets the bits of all chunks that have it. To be called once, and nothing else.
  void add_to(ChunkBits& bits) {
    if (walks_.empty()) return;
    PostingCursor& leader = walks_.front().postings;
    if (walks_.size() == 1) {
      leader.take_until(UINT32_MAX, [&](std::uint32_t chunk, std::uint32_t) { set(bits, chunk); });
      return;
    }
    while (!leader.at_end()) {
      const std::uint32_t chunk = leader.chunk();
      if (stands_in(chunk)) set(bits, chunk);
      leader.skip_to(chunk + 1);
    }
  }

  /// Whether a chunk has it. Ascending chunks only.
  bool stands_in(std::uint32_t chunk) {
    for (PhraseWalk& walk : walks_) {
      walk.postings.skip_to(chunk);
      if (walk.postings.at_end() || walk.postings.chunk() != chunk) return false;
    }
    return !walks_.empty() && (walks_.size() == 1 || stands_together(walks_));
  }

 private:
  std::vector<PhraseWalk> walks_;  // Rarest word first.
};

/// A phrase in the body or the title.
class PhraseSearch {
 public:
  PhraseSearch(const Segment& segment, const std::vector<PhraseWord>& phrase)
      : body_(segment, IndexField::body_stem, phrase),
        title_(segment, IndexField::title_stem, phrase) {}

  void add_to(ChunkBits& bits) {
    body_.add_to(bits);
    title_.add_to(bits);
  }
  bool stands_in(std::uint32_t chunk) { return body_.stands_in(chunk) || title_.stands_in(chunk); }

 private:
  FieldPhrase body_, title_;
};

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

/// No more chunks have the phrase.
std::uint64_t frequency_max(const Segment& segment, const std::vector<PhraseWord>& phrase) {
  std::uint64_t sum = 0;
  for (const IndexField field : {IndexField::body_stem, IndexField::title_stem}) {
    std::uint32_t rarest = UINT32_MAX;
    for (const PhraseWord& word : phrase) {
      rarest = std::min(rarest, segment.find(field, word.stem).document_frequency);
    }
    sum += rarest;
  }
  return sum;
}

std::uint64_t count_of(const ChunkBits& bits) {
  std::uint64_t count = 0;
  for (const std::uint64_t word : bits) count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

/// Takes away the chunks that do not meet the condition.
void restrict_to(const Condition& condition, const Segment& segment, ChunkBits& bits) {
  // Asking for single chunks pays where they are far fewer than the postings to read.
  constexpr std::uint64_t kAskCost = 8;
  if (condition.op == ConditionOp::phrase &&
      count_of(bits) * kAskCost < frequency_max(segment, condition.phrase)) {
    PhraseSearch phrase(segment, condition.phrase);
    for (std::size_t i = 0; i < bits.size(); ++i) {
      for (std::uint64_t left = bits[i]; left != 0; left &= left - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
        const auto chunk = static_cast<std::uint32_t>(i * kWordBits + bit);
        if (!phrase.stands_in(chunk)) bits[i] &= ~(std::uint64_t{1} << bit);
      }
    }
    return;
  }
  const ChunkBits inner = evaluate(condition, segment);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= inner[i];
}

/// About how many chunks meet a condition: what comes first in a conjunction.
std::uint64_t expected(const Condition& condition, const Segment& segment) {
  if (condition.op == ConditionOp::phrase) {
    return frequency_max(segment, condition.phrase);
  }
  if (condition.op != ConditionOp::disjunction) return segment.chunk_count();
  std::uint64_t sum = 0;
  for (const Condition& child : condition.children) sum += expected(child, segment);
  return sum;
}

ChunkBits conjunction(const std::vector<Condition>& children, const Segment& segment) {
  std::vector<std::pair<std::uint64_t, const Condition*>> order;
  for (const Condition& child : children) order.emplace_back(expected(child, segment), &child);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (order.empty()) return bits_of(segment, true);
  ChunkBits bits = evaluate(*order.front().second, segment);
  for (std::size_t i = 1; i < order.size(); ++i) restrict_to(*order[i].second, segment, bits);
  return bits;
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
    case ConditionOp::conjunction: return conjunction(children, segment);
    case ConditionOp::disjunction: {
      ChunkBits bits = bits_of(segment, false);
      for (const Condition& child : children) {
        const ChunkBits inner = evaluate(child, segment);
        for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= inner[i];
      }
      return bits;
    }
    default: break;
  }
  ChunkBits bits = bits_of(segment, false);
  if (condition.op == ConditionOp::phrase) {
    PhraseSearch(segment, condition.phrase).add_to(bits);
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
