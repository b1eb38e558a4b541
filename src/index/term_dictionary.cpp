#include "index/term_dictionary.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "index/postings.h"

namespace saerok {

void TermDictionaryWriter::add(std::string_view term, std::uint32_t document_frequency,
                               std::uint64_t location) {
  ASSERT(document_frequency > 0);
  ASSERT(term_count_ == 0 || previous_ < term);
  const bool begins_block = term_count_ % kDictionaryBlock == 0;
  std::size_t shared = 0;
  if (begins_block) {
    ASSERT(blocks_.size() <= std::numeric_limits<std::uint32_t>::max());
    block_offsets_.push_back(static_cast<std::uint32_t>(blocks_.size()));
    previous_location_ = 0;
  } else {
    const auto [old_end, new_end] =
        std::mismatch(previous_.begin(), previous_.end(), term.begin(), term.end());
    shared = static_cast<std::size_t>(new_end - term.begin());
    blocks_.put_varint(shared);
  }
  blocks_.put_string(term.substr(shared));
  blocks_.put_varint(document_frequency);
  if (document_frequency == 1) {
    blocks_.put_varint(static_cast<std::uint32_t>(location));
    blocks_.put_varint(location >> 32);
  } else {
    blocks_.put_varint(location - previous_location_);
    previous_location_ = location;
  }
  previous_ = term;
  ++term_count_;
}

std::string_view TermDictionary::first_term(std::size_t block) const {
  if (block_offsets_[block] > blocks_.size()) return {};
  return ByteReader(blocks_.subspan(block_offsets_[block])).get_string();
}

Segment::TermRef TermDictionary::find(std::string_view term) const {
  std::size_t low = 0;  // The last block whose first term is not above `term` is low - 1.
  std::size_t high = block_offsets_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (first_term(middle) <= term) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0 || block_offsets_[low - 1] > blocks_.size()) return {};
  const std::size_t end = low < block_offsets_.size()
                              ? std::min<std::size_t>(block_offsets_[low], blocks_.size())
                              : blocks_.size();
  if (end < block_offsets_[low - 1]) return {};
  ByteReader reader(blocks_.subspan(block_offsets_[low - 1], end - block_offsets_[low - 1]));
  std::uint64_t matched = 0;  // Bytes of `term` that the term before shares with it.
  std::uint64_t location = 0;
  for (bool first = true; !reader.at_end(); first = false) {
    const std::uint64_t shared = first ? 0 : reader.get_varint();
    const std::string_view suffix = reader.get_string();
    const std::uint64_t document_frequency = reader.get_varint();
    std::uint64_t place = reader.get_varint();
    if (document_frequency == 1) {
      place = inline_posting(static_cast<std::uint32_t>(place),
                             static_cast<std::uint32_t>(reader.get_varint()));
    } else {
      place = location += place;
    }
    if (reader.failed() || document_frequency > std::numeric_limits<std::uint32_t>::max()) break;
    // Less shared than matched: this term already lies above ours. More: it still lies below.
    if (shared < matched) break;
    if (shared > matched) continue;
    const std::string_view rest = term.substr(matched);
    if (suffix == rest) return {static_cast<std::uint32_t>(document_frequency), place};
    if (suffix > rest) break;
    matched += static_cast<std::uint64_t>(
        std::mismatch(suffix.begin(), suffix.end(), rest.begin(), rest.end()).first -
        suffix.begin());
  }
  return {};
}

}  // namespace saerok
