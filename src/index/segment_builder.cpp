#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/assert.h"
#include "index/attributes.h"
#include "index/length_code.h"
#include "index/postings.h"
#include "index/segment.h"
#include "index/segment_sections.h"
#include "index/term_dictionary.h"
#include "index/term_table.h"

namespace saerok {
namespace {

struct FieldState {
  TermTable terms;
  std::vector<std::uint8_t> length_codes;  // By chunk.
  std::uint64_t length_total = 0;
};

/// Writes a field's postings and then its dictionary, term by term in sorted order.
void write_field(const FieldState& field, std::size_t number, SegmentFileWriter& file) {
  file.begin(section_of(FieldSection::length_codes, number));
  file.out().append(field.length_codes.data(), field.length_codes.size());

  file.begin(section_of(FieldSection::postings, number));
  TermDictionaryWriter dictionary;
  std::vector<std::uint32_t> chunks;
  std::vector<std::uint32_t> frequencies;
  for (const std::uint32_t term : field.terms.sorted_terms()) {
    field.terms.read(term, chunks, frequencies);
    const std::string_view text = field.terms.text(term);
    if (chunks.size() == 1) {
      dictionary.add(text, 1, inline_posting(chunks[0], frequencies[0]));
      continue;
    }
    dictionary.add(text, static_cast<std::uint32_t>(chunks.size()), file.section_size());
    write_postings(chunks, frequencies, field.length_codes, file.out());
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
  std::vector<DocumentOrdinal> chunk_documents;
  std::unordered_map<std::uint64_t, DocumentOrdinal> documents;
  AttributeColumnsBuilder attributes;

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
  for (const FieldTerm& term : input.terms) {
    const auto field = static_cast<std::size_t>(term.field);
    state.fields[field].terms.count(term.text, local);
    ++lengths[field];
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
                     state_->chunk_documents.capacity() * sizeof(DocumentOrdinal);
  for (const FieldState& field : state_->fields) {
    size += field.terms.memory_size() + field.length_codes.capacity();
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
  file.out().append(state.chunk_ids.data(), state.chunk_ids.size() * sizeof(std::uint64_t));
  file.begin(kChunkDocumentsSection);
  file.out().append(state.chunk_documents.data(),
                    state.chunk_documents.size() * sizeof(DocumentOrdinal));
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
