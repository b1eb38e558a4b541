#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/assert.h"
#include "index/attributes.h"
#include "index/length_code.h"
#include "index/occurrences.h"
#include "index/postings.h"
#include "index/segment.h"
#include "index/segment_sections.h"
#include "index/term_dictionary.h"
#include "index/term_table.h"

namespace saerok {
namespace {

struct FieldState {
  TermTable terms;
  Occurrences occurrences;
  std::vector<std::uint8_t> length_codes;  // By chunk.
  std::uint64_t length_total = 0;
};

/// How often each chunk comes. Replaces the contents of both.
void count_chunks(std::span<const std::uint32_t> occurrences, std::vector<std::uint32_t>& chunks,
                  std::vector<std::uint32_t>& frequencies) {
  chunks.clear();
  frequencies.clear();
  for (std::size_t at = 0; at < occurrences.size();) {
    const std::uint32_t chunk = occurrences[at];
    const std::size_t begin = at;
    while (at < occurrences.size() && occurrences[at] == chunk) ++at;
    chunks.push_back(chunk);
    frequencies.push_back(static_cast<std::uint32_t>(at - begin));
  }
}

/// Writes a field's postings and then its dictionary, term by term in sorted order.
void write_field(const FieldState& field, std::size_t number, SegmentFileWriter& file) {
  file.begin(section_of(FieldSection::length_codes, number));
  if (field.length_total > 0) {
    file.out().append(field.length_codes.data(), field.length_codes.size());
  }

  file.begin(section_of(FieldSection::postings, number));
  const bool with_positions = has_positions(static_cast<IndexField>(number));
  TermDictionaryWriter dictionary(with_positions ? WithPositions::yes : WithPositions::no);
  const OccurrencesByTerm occurrences(field.occurrences, field.terms.term_count());
  ByteWriter position_bytes;
  std::vector<std::uint32_t> chunks;
  std::vector<std::uint32_t> frequencies;
  for (const std::uint32_t term : field.terms.sorted_terms()) {
    count_chunks(occurrences.chunks(term), chunks, frequencies);
    const std::string_view text = field.terms.text(term);
    Segment::TermRef place{static_cast<std::uint32_t>(chunks.size()), file.section_size(),
                           position_bytes.size()};
    if (chunks.size() == 1) {
      place.location = inline_posting(chunks[0], frequencies[0]);
    } else {
      write_postings(chunks, frequencies, field.length_codes, file.out());
    }
    if (with_positions) {
      const std::span<const std::uint32_t> own = occurrences.positions(term);
      if (own.size() == 1) {
        place.positions = own[0];
      } else {
        write_positions(frequencies, own, position_bytes);
      }
    }
    dictionary.add(text, place);
  }
  if (with_positions) {
    file.begin(section_of(FieldSection::positions, number));
    file.out().append(position_bytes.bytes().data(), position_bytes.size());
  }

  file.begin(section_of(FieldSection::dictionary, number));
  file.out().append(dictionary.blocks().data(), dictionary.blocks().size());
  file.begin(section_of(FieldSection::dictionary_index, number));
  file.out().append(dictionary.block_offsets().data(),
                    dictionary.block_offsets().size() * sizeof(std::uint32_t));
}

}  // namespace

struct SegmentBuilder::State {
  std::array<FieldState, kIndexFieldCount> fields;
  std::vector<std::uint64_t> chunk_ids;
  std::vector<std::uint64_t> chunk_documents;
  std::unordered_map<std::uint64_t, DocumentOrdinal> documents;
  AttributeColumnsBuilder attributes;
  std::vector<TermKey> keys;  // Of one chunk's terms.

  DocumentOrdinal ordinal_of(const ChunkInput& input) {
    const auto next = static_cast<DocumentOrdinal>(documents.size());
    const auto [at, is_new] =
        documents.try_emplace(static_cast<std::uint64_t>(input.document), next);
    if (is_new) attributes.add(next, input.attributes);
    return at->second;
  }
};

SegmentBuilder::SegmentBuilder() : state_(std::make_unique<State>()) {}
SegmentBuilder::~SegmentBuilder() = default;
SegmentBuilder::SegmentBuilder(SegmentBuilder&&) noexcept = default;
SegmentBuilder& SegmentBuilder::operator=(SegmentBuilder&&) noexcept = default;

void SegmentBuilder::add(const ChunkInput& input) {
  State& state = *state_;
  const auto id = static_cast<std::uint64_t>(input.chunk);
  ASSERT(state.chunk_ids.empty() || state.chunk_ids.back() < id);
  ASSERT(state.chunk_ids.size() < kSegmentChunksMax - 1);
  const auto local = static_cast<std::uint32_t>(state.chunk_ids.size());
  state.chunk_ids.push_back(id);
  state.chunk_documents.push_back(state.ordinal_of(input));
  std::array<std::uint32_t, kIndexFieldCount> lengths{};
  const std::size_t count = input.terms.size();
  std::vector<TermKey>& keys = state.keys;
  keys.resize(count);
  for (std::size_t at = 0; at < count; ++at) keys[at] = TermKey::of(input.terms[at].text);
  for (std::size_t at = 0; at < count; ++at) {
    const FieldTerm& term = input.terms[at];
    const auto field = static_cast<std::size_t>(term.field);
    FieldState& into = state.fields[field];
    const std::uint32_t number = into.terms.number_of(term.text, keys[at]);
    if (has_positions(term.field)) into.occurrences.add(local, number, term.position);
    else into.occurrences.add(local, number);
    if (!term.is_beside) ++lengths[field];
  }
  for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
    state.fields[field].length_codes.push_back(code_of_length(lengths[field]));
    state.fields[field].length_total += lengths[field];
  }
}

std::size_t SegmentBuilder::chunk_count() const { return state_->chunk_ids.size(); }

std::size_t SegmentBuilder::memory_size() const {
  constexpr std::size_t kDocumentNode = 40;
  std::size_t size = state_->attributes.memory_size() + state_->documents.size() * kDocumentNode +
                     state_->chunk_ids.capacity() * sizeof(std::uint64_t) +
                     state_->chunk_documents.capacity() * sizeof(std::uint64_t);
  for (const FieldState& field : state_->fields) {
    size +=
        field.terms.memory_size() + field.length_codes.capacity() + field.occurrences.memory_size();
  }
  return size;
}

std::vector<std::byte> SegmentBuilder::finish(std::string_view fingerprint) {
  State& state = *state_;
  SegmentFileWriter file(kLexicalMagic);
  file.begin(kPropertiesSection);
  file.out().put(static_cast<std::uint32_t>(state.chunk_ids.size()));
  file.out().put(static_cast<std::uint32_t>(state.documents.size()));
  for (const FieldState& field : state.fields) file.out().put(field.length_total);
  file.out().put_string(fingerprint);
  file.begin(kChunkIdsSection);
  PackedNumbers::write(state.chunk_ids, file.out());
  file.begin(kChunkDocumentsSection);
  PackedNumbers::write(state.chunk_documents, file.out());
  const AttributeColumnsBuilder::Sections attributes = state.attributes.finish();
  file.begin(kAttributeDirectorySection);
  file.out().append(attributes.directory.data(), attributes.directory.size());
  file.begin(kAttributeValuesSection);
  file.out().append(attributes.values.data(), attributes.values.size());
  for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
    write_field(state.fields[field], field, file);
    state.fields[field] = {};
  }
  std::vector<std::byte> bytes = file.finish();
  state = {};
  return bytes;
}

}  // namespace saerok
