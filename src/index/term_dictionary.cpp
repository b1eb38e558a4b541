#include "index/term_dictionary.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "index/format.h"
#include "index/postings.h"

namespace saerok {
namespace {

/// A term that occurs once has its position where others have the place of theirs.
bool occurs_once(const Segment::TermRef& place) {
  return place.document_frequency == 1 && place.location >> 32 == 1;
}

}  // namespace

void TermDictionaryWriter::add(std::string_view term, const Segment::TermRef& place) {
  ASSERT(place.document_frequency > 0);
  ASSERT(term_count_ == 0 || previous_ < term);
  const bool begins_block = term_count_ % kDictionaryBlock == 0;
  std::size_t shared = 0;
  if (begins_block) {
    ASSERT(blocks_.size() <= std::numeric_limits<std::uint32_t>::max());
    block_offsets_.push_back(static_cast<std::uint32_t>(blocks_.size()));
    previous_location_ = 0;
    previous_positions_ = 0;
  } else {
    const auto [old_end, new_end] =
        std::mismatch(previous_.begin(), previous_.end(), term.begin(), term.end());
    shared = static_cast<std::size_t>(new_end - term.begin());
    blocks_.put_varint(shared);
  }
  blocks_.put_string(term.substr(shared));
  blocks_.put_varint(place.document_frequency);
  if (place.document_frequency == 1) {
    blocks_.put_varint(static_cast<std::uint32_t>(place.location));
    blocks_.put_varint(place.location >> 32);
  } else {
    blocks_.put_varint(place.location - previous_location_);
    previous_location_ = place.location;
  }
  if (with_positions_ == WithPositions::yes) {
    if (occurs_once(place)) {
      blocks_.put_varint(place.positions);
    } else {
      blocks_.put_varint(place.positions - previous_positions_);
      previous_positions_ = place.positions;
    }
  }
  previous_ = term;
  ++term_count_;
}

/// Reads the terms of a block one after the other.
class TermDictionary::BlockReader {
 public:
  BlockReader(std::span<const std::byte> bytes, WithPositions with_positions)
      : reader_(bytes), with_positions_(with_positions) {}

  /// False at the end, or where the bytes make no sense.
  bool next() {
    if (reader_.at_end()) return false;
    shared_ = is_first_ ? 0 : reader_.get_varint();
    is_first_ = false;
    suffix_ = reader_.get_string();
    const std::uint64_t frequency = reader_.get_varint();
    place_.location = reader_.get_varint();
    if (frequency == 1) {
      place_.location = inline_posting(static_cast<std::uint32_t>(place_.location),
                                       static_cast<std::uint32_t>(reader_.get_varint()));
    } else {
      place_.location = location_ += place_.location;
    }
    place_.document_frequency = static_cast<std::uint32_t>(frequency);
    if (with_positions_ == WithPositions::yes) {
      place_.positions = reader_.get_varint();
      if (!occurs_once(place_)) place_.positions = positions_ += place_.positions;
    }
    return !reader_.failed() && frequency <= std::numeric_limits<std::uint32_t>::max();
  }

  std::uint64_t shared() const { return shared_; }  ///< Bytes shared with the term before.
  std::string_view suffix() const { return suffix_; }
  const Segment::TermRef& place() const { return place_; }

 private:
  ByteReader reader_;
  WithPositions with_positions_;
  bool is_first_ = true;
  std::uint64_t shared_ = 0;
  std::string_view suffix_;
  Segment::TermRef place_;
  std::uint64_t location_ = 0;
  std::uint64_t positions_ = 0;
};

std::string_view TermDictionary::first_term(std::size_t number) const {
  return ByteReader(block(number)).get_string();
}

std::size_t TermDictionary::blocks_up_to(std::string_view term) const {
  std::size_t low = 0;
  std::size_t high = block_offsets_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (first_term(middle) <= term) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  // Whatever it came by: between these two first terms it is right, as the terms are sorted.
  if (low > 0) sound_block(low - 1);
  if (low < block_offsets_.size()) sound_block(low);
  return low;
}

std::span<const std::byte> TermDictionary::block(std::size_t number) const {
  const std::size_t begin = block_offsets_[number];
  const std::size_t end = number + 1 < block_offsets_.size()
                              ? std::min<std::size_t>(block_offsets_[number + 1], blocks_.size())
                              : blocks_.size();
  if (begin > end) return {};
  return blocks_.subspan(begin, end - begin);
}

std::span<const std::byte> TermDictionary::sound_block(std::size_t number) const {
  const std::span<const std::byte> bytes = block(number);
  if (file_ != nullptr) file_->look_at(bytes);
  return bytes;
}

void TermDictionary::look_at(std::string_view first, std::string_view last) const {
  if (file_ == nullptr || block_offsets_.empty()) return;
  const std::size_t begin = std::max<std::size_t>(blocks_up_to(first), 1) - 1;
  const std::size_t end = last.empty() ? block_offsets_.size() : blocks_up_to(last);
  for (std::size_t number = begin; number < end; ++number) sound_block(number);
}

Segment::TermRef TermDictionary::find(std::string_view term) const {
  const std::size_t blocks = blocks_up_to(term);
  if (blocks == 0) return {};
  BlockReader reader(block(blocks - 1), with_positions_);
  std::uint64_t matched = 0;  // Bytes of `term` that the term before shares with it.
  while (reader.next()) {
    // Less shared than matched: this term already lies above ours. More: it still lies below.
    if (reader.shared() < matched) break;
    if (reader.shared() > matched) continue;
    const std::string_view suffix = reader.suffix();
    const std::string_view rest = term.substr(matched);
    if (suffix == rest) return reader.place();
    if (suffix > rest) break;
    matched += static_cast<std::uint64_t>(
        std::mismatch(suffix.begin(), suffix.end(), rest.begin(), rest.end()).first -
        suffix.begin());
  }
  return {};
}

void TermDictionary::visit(
    std::string_view first,
    const std::function<bool(std::string_view, const Segment::TermRef&)>& visit) const {
  const std::size_t blocks = blocks_up_to(first);
  std::string term;
  for (std::size_t number = blocks == 0 ? 0 : blocks - 1; number < block_offsets_.size();
       ++number) {
    BlockReader reader(sound_block(number), with_positions_);
    term.clear();
    while (reader.next()) {
      if (reader.shared() > term.size()) break;  // Damaged.
      term.resize(reader.shared());
      term += reader.suffix();
      if (term >= first && !visit(term, reader.place())) return;
    }
  }
}

}  // namespace saerok
