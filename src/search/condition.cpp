#include "search/condition.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/bits.h"

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

void add_postings(const Segment& segment, IndexField field, const Segment::TermRef& term,
                  ChunkBits& bits) {
  segment.postings(field, term)
      .take_until(segment.chunk_count(),
                  [&](std::uint32_t chunk, std::uint32_t) { set(bits, chunk); });
}

/// Chunks whose field holds every one of the grams.
ChunkList chunks_with(const Segment& segment, IndexField field,
                      const std::vector<std::string>& grams) {
  std::vector<Segment::TermRef> terms;
  for (const std::string& gram : grams) {
    terms.push_back(segment.find(field, gram));
    if (!terms.back().exists()) return {};
  }
  std::sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) {
    return a.document_frequency < b.document_frequency;
  });
  ChunkList chunks = chunks_of(segment.posting_blocks(field, terms.front()));
  for (std::size_t i = 1; i < terms.size() && !chunks.empty(); ++i) {
    keep_held(segment.posting_blocks(field, terms[i]), chunks);
  }
  return chunks;
}

/// A prefix may begin very many words: the only condition that takes long by itself.
Status add_ranges(const Segment& segment, IndexField field, const std::vector<TermRange>& ranges,
                  const CallContext& call, ChunkBits& bits) {
  constexpr std::size_t kTermsBetweenChecks = 64;
  std::size_t visited = 0;
  Status status;
  for (const TermRange& range : ranges) {
    segment.visit_terms(field, range.first, range.last,
                        [&](std::string_view, const Segment::TermRef& term) {
                          if (visited++ % kTermsBetweenChecks == 0) status = call.check();
                          if (!status) return false;
                          add_postings(segment, field, term, bits);
                          return true;
                        });
    TRY(std::move(status));
    status = {};
  }
  return {};
}

void add(const ChunkList& chunks, ChunkBits& bits) {
  for (const std::uint32_t chunk : chunks) set(bits, chunk);
}

ChunkBits bits_of(const ChunkList& chunks, const Segment& segment) {
  ChunkBits bits = bits_of(segment, false);
  add(chunks, bits);
  return bits;
}

bool has(std::span<const std::uint64_t> bits, std::uint32_t chunk) {
  return (bits[chunk / kWordBits] >> chunk % kWordBits & 1) != 0;
}

/// Chunks that hold all the phrases; at least one.
ChunkList chunks_of(std::vector<PhraseSearch> phrases) {
  std::sort(phrases.begin(), phrases.end(), [](const PhraseSearch& a, const PhraseSearch& b) {
    return a.count_max() < b.count_max();
  });
  ChunkList chunks = phrases.front().chunks();
  for (std::size_t i = 1; i < phrases.size() && !chunks.empty(); ++i) phrases[i].keep(chunks);
  return chunks;
}

/// The chunks that meet a condition that is nothing but phrases, such as required words are.
std::optional<ChunkList> meeting_phrases(const Condition& condition, const Segment& segment) {
  if (condition.op == ConditionOp::phrase) {
    return PhraseSearch(segment, condition.phrase).chunks();
  }
  if (condition.op != ConditionOp::conjunction || condition.children.empty()) return std::nullopt;
  std::vector<PhraseSearch> phrases;
  for (const Condition& child : condition.children) {
    if (child.op != ConditionOp::phrase) return std::nullopt;
    phrases.emplace_back(segment, child.phrase);
  }
  return chunks_of(std::move(phrases));
}

Result<ChunkBits> conjunction(const std::vector<Condition>& children, const Segment& segment,
                              const CallContext& call) {
  std::vector<PhraseSearch> phrases;
  for (const Condition& child : children) {
    if (child.op == ConditionOp::phrase) phrases.emplace_back(segment, child.phrase);
  }
  ChunkBits bits =
      phrases.empty() ? bits_of(segment, true) : bits_of(chunks_of(std::move(phrases)), segment);
  for (const Condition& child : children) {
    if (child.op == ConditionOp::phrase) continue;
    const ChunkBits inner = TRY(evaluate(child, segment, call));
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= inner[i];
  }
  return bits;
}

}  // namespace

Result<ChunkBits> evaluate(const Condition& condition, const Segment& segment,
                           const CallContext& call) {
  TRY(call.check());
  if (const auto chunks = meeting_phrases(condition, segment)) return bits_of(*chunks, segment);
  const std::vector<Condition>& children = condition.children;
  switch (condition.op) {
    case ConditionOp::all: return bits_of(segment, true);
    case ConditionOp::attributes: return segment.evaluate(condition.attributes);
    case ConditionOp::negation: {
      ASSERT(children.size() == 1);
      ChunkBits bits = bits_of(segment, true);
      const ChunkBits inner = TRY(evaluate(children.front(), segment, call));
      for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= ~inner[i];
      return bits;
    }
    case ConditionOp::conjunction: return conjunction(children, segment, call);
    case ConditionOp::disjunction: {
      ChunkBits bits = bits_of(segment, false);
      for (const Condition& child : children) {
        const ChunkBits inner = TRY(evaluate(child, segment, call));
        for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= inner[i];
      }
      return bits;
    }
    default: break;
  }
  ChunkBits bits = bits_of(segment, false);
  if (condition.op == ConditionOp::grams) {
    for (const IndexField field : {IndexField::body_gram, IndexField::title_gram}) {
      add(chunks_with(segment, field, condition.grams), bits);
    }
  } else {
    for (std::size_t field = 0; field < kWholeFieldCount; ++field) {
      TRY(add_ranges(segment, static_cast<IndexField>(field), condition.ranges, call, bits));
    }
  }
  return bits;
}

Result<std::uint64_t> count_meeting(const Condition& condition, const Segment& segment,
                                    std::span<const std::uint64_t> live, const CallContext& call) {
  TRY(call.check());
  if (const auto chunks = meeting_phrases(condition, segment)) {
    if (live.empty()) return std::uint64_t{chunks->size()};
    return static_cast<std::uint64_t>(std::count_if(
        chunks->begin(), chunks->end(), [&](std::uint32_t chunk) { return has(live, chunk); }));
  }
  const ChunkBits bits = TRY(evaluate(condition, segment, call));
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    count += count_bits(live.empty() ? bits[i] : bits[i] & live[i]);
  }
  return count;
}

}  // namespace saerok
