#include "index/segment.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "index/attributes.h"
#include "index/length_code.h"
#include "index/segment_sections.h"
#include "index/term_dictionary.h"

namespace saerok {
namespace {

struct FieldReader {
  std::uint64_t length_total = 0;
  std::span<const std::uint8_t> length_codes;
  std::span<const std::byte> postings;
  std::span<const std::byte> positions;  // Empty in a field that has none.
  TermDictionary dictionary;
};

Result<FieldReader> open_field(const SegmentFileReader& file, std::size_t field,
                               std::uint32_t chunk_count, std::uint64_t length_total) {
  FieldReader reader;
  reader.length_total = length_total;
  if (length_total == 0) return reader;  // Without lengths no posting could be scored.
  reader.length_codes =
      TRY(file.array<std::uint8_t>(section_of(FieldSection::length_codes, field), chunk_count));
  reader.postings = TRY(file.section(section_of(FieldSection::postings, field)));
  const bool with_positions = has_positions(static_cast<IndexField>(field));
  if (with_positions) {
    reader.positions = TRY(file.section(section_of(FieldSection::positions, field)));
  }
  const SectionKind index = section_of(FieldSection::dictionary_index, field);
  TRY(file.verify(index));
  const std::span<const std::byte> index_bytes = TRY(file.section(index));
  const std::span<const std::uint32_t> offsets =
      TRY(file.array<std::uint32_t>(index, index_bytes.size() / sizeof(std::uint32_t)));
  const std::span<const std::byte> blocks =
      TRY(file.section(section_of(FieldSection::dictionary, field)));
  reader.dictionary = TermDictionary(
      blocks, offsets, with_positions ? WithPositions::yes : WithPositions::no, &file);
  return reader;
}

}  // namespace

struct Segment::Impl {
  std::shared_ptr<const FileBytes> bytes;  // Keeps alive what the rest views.
  SegmentFileReader file;
  std::string fingerprint;
  std::uint32_t chunk_count = 0;
  std::uint32_t document_count = 0;
  std::span<const std::byte> chunk_ids_bytes;
  std::span<const std::byte> chunk_documents_bytes;
  PackedNumbers chunk_ids;
  PackedNumbers chunk_documents;
  AttributeColumns attributes;
  std::array<FieldReader, kIndexFieldCount> fields;

  Status read_properties();
  PostingList list_of(IndexField field, const TermRef& term) const;
  PositionList positions_of(IndexField field, const TermRef& term) const;
  /// The part of a section, as far as it is inside.
  void look_at(std::span<const std::byte> section, std::uint64_t location,
               std::uint64_t size) const;
};

void Segment::Impl::look_at(std::span<const std::byte> section, std::uint64_t location,
                            std::uint64_t size) const {
  if (location >= section.size()) return;
  file.look_at(section.subspan(location, std::min<std::uint64_t>(size, section.size() - location)));
}

Status Segment::Impl::read_properties() {
  TRY(file.verify(kPropertiesSection));
  ByteReader reader(TRY(file.section(kPropertiesSection)));
  chunk_count = reader.get<std::uint32_t>();
  document_count = reader.get<std::uint32_t>();
  for (FieldReader& field : fields) field.length_total = reader.get<std::uint64_t>();
  fingerprint = reader.get_string();
  if (reader.failed() || !reader.at_end() || chunk_count >= kSegmentChunksMax ||
      document_count > chunk_count) {
    return damaged_segment("its properties make no sense");
  }
  return {};
}

Segment::Segment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Segment::~Segment() = default;

Result<std::shared_ptr<const Segment>> Segment::open(std::shared_ptr<const FileBytes> file,
                                                     Verify verify) {
  auto impl = std::make_unique<Impl>();
  impl->bytes = std::move(file);
  impl->file = TRY(SegmentFileReader::open(impl->bytes->bytes(), kLexicalMagic));
  if (impl->file.version() < kLexicalVersionMin) {
    // As good as damaged: what it held is made again from the truth.
    return Error{ErrorCode::corrupt, "the segment file was made by an older saerok"};
  }
  if (verify == Verify::everything) TRY(impl->file.verify_all());
  TRY(impl->read_properties());
  impl->chunk_ids_bytes = TRY(impl->file.section(kChunkIdsSection));
  impl->chunk_ids = TRY(PackedNumbers::open(impl->chunk_ids_bytes, impl->chunk_count));
  impl->chunk_documents_bytes = TRY(impl->file.section(kChunkDocumentsSection));
  impl->chunk_documents = TRY(PackedNumbers::open(impl->chunk_documents_bytes, impl->chunk_count));
  TRY(impl->file.verify(kAttributeDirectorySection));
  const std::span<const std::byte> directory = TRY(impl->file.section(kAttributeDirectorySection));
  const std::span<const std::byte> values = TRY(impl->file.section(kAttributeValuesSection));
  impl->attributes =
      TRY(AttributeColumns::open(directory, values, impl->document_count, &impl->file));
  for (std::size_t field = 0; field < kIndexFieldCount; ++field) {
    const std::uint64_t length_total = impl->fields[field].length_total;
    impl->fields[field] = TRY(open_field(impl->file, field, impl->chunk_count, length_total));
  }
  return std::shared_ptr<const Segment>(new Segment(std::move(impl)));
}

Status Segment::verify() const { return impl_->file.verify_all(); }
Status Segment::check_read() const { return impl_->file.check_looked_at(); }

std::string_view Segment::fingerprint() const { return impl_->fingerprint; }
std::uint32_t Segment::chunk_count() const { return impl_->chunk_count; }

const PackedNumbers& Segment::chunk_ids() const {
  impl_->file.look_at(impl_->chunk_ids_bytes);
  return impl_->chunk_ids;
}

FieldStatistics Segment::statistics(IndexField field) const {
  return {impl_->chunk_count, impl_->fields[static_cast<std::size_t>(field)].length_total};
}

Segment::TermRef Segment::find(IndexField field, std::string_view term) const {
  const TermRef found = impl_->fields[static_cast<std::size_t>(field)].dictionary.find(term);
  // No term is in more chunks than there are: a damaged count would make its idf senseless.
  return found.document_frequency <= impl_->chunk_count ? found : TermRef{};
}

PostingList Segment::Impl::list_of(IndexField field, const TermRef& term) const {
  const PostingList list{fields[static_cast<std::size_t>(field)].postings, term.location,
                         term.document_frequency, chunk_count};
  // How long it is stands in its table, which has to be right first.
  for (std::uint64_t known = 0, next = 0; (next = extent_of_postings(list, known)) > known;) {
    look_at(list.bytes, list.location, next);
    known = next;
  }
  return list;
}

PositionList Segment::Impl::positions_of(IndexField field, const TermRef& term) const {
  const PositionList list{fields[static_cast<std::size_t>(field)].positions, term.positions,
                          term.document_frequency};
  const bool occurs_once = term.document_frequency == 1 && term.location >> 32 == 1;
  if (occurs_once) return list;
  for (std::uint64_t known = 0, next = 0; (next = extent_of_positions(list, known)) > known;) {
    look_at(list.bytes, list.location, next);
    known = next;
  }
  return list;
}

PostingCursor Segment::postings(IndexField field, const TermRef& term) const {
  return PostingCursor(impl_->list_of(field, term));
}

PostingBlocks Segment::posting_blocks(IndexField field, const TermRef& term) const {
  return PostingBlocks(impl_->list_of(field, term));
}

PositionReader Segment::positions(IndexField field, const TermRef& term) const {
  ASSERT(has_positions(field));
  return PositionReader(impl_->positions_of(field, term));
}

void Segment::look_at_terms(IndexField field, std::string_view first, std::string_view last) const {
  impl_->fields[static_cast<std::size_t>(field)].dictionary.look_at(first, last);
}

void Segment::visit_terms(
    IndexField field, std::string_view first, std::string_view last,
    const std::function<bool(std::string_view, const TermRef&)>& visit) const {
  impl_->fields[static_cast<std::size_t>(field)].dictionary.visit(
      first, [&](std::string_view term, const TermRef& place) {
        if (!last.empty() && term >= last) return false;
        return place.document_frequency > impl_->chunk_count || visit(term, place);
      });
}

bool Segment::has_attribute(std::string_view name) const { return impl_->attributes.has(name); }

void Segment::decode_window(IndexField field, const TermRef& term, std::uint32_t first,
                            std::uint32_t count, std::size_t& cursor, DecodedPostings& out) const {
  const std::uint32_t end = first + std::min(count, kSegmentChunksMax);
  PostingCursor postings(impl_->list_of(field, term), static_cast<std::uint32_t>(cursor));
  postings.skip_to(first);
  postings.take_until(end, [&](std::uint32_t chunk, std::uint32_t frequency) {
    out.chunks.push_back(chunk);
    out.frequencies.push_back(frequency);
  });
  cursor = postings.block();
}

std::uint32_t Segment::length(IndexField field, LocalId chunk) const {
  const auto local = static_cast<std::uint32_t>(chunk);
  ASSERT(local < impl_->chunk_count);
  const std::span<const std::uint8_t> codes = length_codes(field);
  return codes.empty() ? 0 : length_of_code(codes[local]);
}

std::span<const std::uint8_t> Segment::length_codes(IndexField field) const {
  const std::span<const std::uint8_t> codes =
      impl_->fields[static_cast<std::size_t>(field)].length_codes;
  impl_->file.look_at(codes);
  return codes;
}

std::uint32_t Segment::length_of_code(std::uint8_t code) { return kLengthOfCode[code]; }

std::vector<std::int32_t> Segment::chunk_dates(std::string_view attribute) const {
  const std::vector<std::int32_t> dates = impl_->attributes.latest_dates(attribute, kNoDate);
  std::vector<std::int32_t> of_chunks(impl_->chunk_count, kNoDate);
  impl_->file.look_at(impl_->chunk_documents_bytes);
  impl_->chunk_documents.visit([&](std::uint32_t local, std::uint64_t document) {
    if (document < dates.size()) of_chunks[local] = dates[document];
  });
  return of_chunks;
}

std::vector<std::uint32_t> Segment::chunk_documents() const {
  std::vector<std::uint32_t> documents(impl_->chunk_count, 0);
  impl_->file.look_at(impl_->chunk_documents_bytes);
  impl_->chunk_documents.visit([&](std::uint32_t local, std::uint64_t document) {
    documents[local] = static_cast<std::uint32_t>(document);
  });
  return documents;
}

ChunkBits Segment::evaluate(const AttributeFilter& filter) const {
  const DocumentBits documents = impl_->attributes.evaluate(filter);
  ChunkBits chunks((impl_->chunk_count + 63) / 64, 0);
  impl_->file.look_at(impl_->chunk_documents_bytes);
  impl_->chunk_documents.visit([&](std::uint32_t local, std::uint64_t document) {
    if (document >= impl_->document_count) return;
    const std::uint64_t bit = documents[document / 64] >> document % 64 & 1;
    chunks[local / 64] |= bit << local % 64;
  });
  return chunks;
}

}  // namespace saerok
