#include "storage/truth_rows.h"

#include <limits>

#include "base/bytes.h"
#include "base/hash.h"

namespace saerok {
namespace {

enum class AttributeType : std::uint8_t { boolean, integer, real, date, text };

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::uint32_t get_u32(ByteReader& reader, bool& is_good) {
  const std::uint64_t value = reader.get_varint();
  is_good = is_good && value <= std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(value);
}

}  // namespace

std::vector<std::byte> encode_hash(const Hash128& hash) {
  ByteWriter writer;
  writer.put(hash.high);
  writer.put(hash.low);
  return writer.take();
}

Hash128 decode_hash(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  Hash128 hash;
  hash.high = reader.get<std::uint64_t>();
  hash.low = reader.get<std::uint64_t>();
  return reader.failed() || !reader.at_end() ? Hash128{} : hash;
}

std::vector<std::byte> encode_place(const Chunk& chunk) {
  ByteWriter writer;
  writer.put_varint(chunk.ordinal);
  writer.put_varint(chunk.span.begin);
  writer.put_varint(zigzag(static_cast<std::int64_t>(chunk.span.end - chunk.span.begin)));
  writer.put_varint(chunk.source_bytes.begin);
  writer.put_varint(
      zigzag(static_cast<std::int64_t>(chunk.source_bytes.end - chunk.source_bytes.begin)));
  writer.put_varint(chunk.source_lines.first);
  writer.put_varint(chunk.source_lines.last);
  writer.put_varint(chunk.heading_path.size());
  for (const std::string& heading : chunk.heading_path) writer.put_string(heading);
  writer.put_varint(chunk.anchors.size());
  SourceAnchor last;
  for (const SourceAnchor& anchor : chunk.anchors) {
    // Differences wrap around, so that any values come back; sorted ones are short.
    writer.put_varint(zigzag(static_cast<std::int64_t>(anchor.text - last.text)));
    writer.put_varint(zigzag(static_cast<std::int64_t>(anchor.source - last.source)));
    writer.put_varint(zigzag(std::int64_t{anchor.line} - std::int64_t{last.line}));
    last = anchor;
  }
  return writer.take();
}

bool decode_place(std::span<const std::byte> bytes, Chunk& chunk) {
  ByteReader reader(bytes);
  bool is_good = true;
  chunk.ordinal = get_u32(reader, is_good);
  chunk.span.begin = reader.get_varint();
  chunk.span.end = chunk.span.begin + static_cast<std::uint64_t>(unzigzag(reader.get_varint()));
  chunk.source_bytes.begin = reader.get_varint();
  chunk.source_bytes.end =
      chunk.source_bytes.begin + static_cast<std::uint64_t>(unzigzag(reader.get_varint()));
  chunk.source_lines.first = get_u32(reader, is_good);
  chunk.source_lines.last = get_u32(reader, is_good);
  const std::uint64_t heading_count = reader.get_varint();
  for (std::uint64_t i = 0; i < heading_count && !reader.failed(); ++i) {
    chunk.heading_path.emplace_back(reader.get_string());
  }
  const std::uint64_t anchor_count = reader.get_varint();
  SourceAnchor anchor;
  for (std::uint64_t i = 0; i < anchor_count && !reader.failed(); ++i) {
    anchor.text += static_cast<std::uint64_t>(unzigzag(reader.get_varint()));
    anchor.source += static_cast<std::uint64_t>(unzigzag(reader.get_varint()));
    anchor.line += static_cast<std::uint32_t>(unzigzag(reader.get_varint()));
    chunk.anchors.push_back(anchor);
  }
  return is_good && !reader.failed() && reader.at_end();
}

std::vector<std::byte> encode_attributes(std::span<const Attribute> attributes) {
  ByteWriter writer;
  for (const Attribute& attribute : attributes) {
    writer.put_string(attribute.name);
    writer.put(static_cast<std::uint8_t>(attribute.value.index()));
    if (const auto* boolean = std::get_if<bool>(&attribute.value)) {
      writer.put(static_cast<std::uint8_t>(*boolean));
    } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
      writer.put_varint(zigzag(*integer));
    } else if (const auto* real = std::get_if<double>(&attribute.value)) {
      writer.put(*real);
    } else if (const auto* date = std::get_if<Date>(&attribute.value)) {
      writer.put_varint(zigzag(date->days));
    } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
      writer.put_string(*text);
    }
  }
  return writer.take();
}

bool decode_attributes(std::span<const std::byte> bytes, std::vector<Attribute>& attributes) {
  ByteReader reader(bytes);
  while (!reader.at_end() && !reader.failed()) {
    Attribute attribute;
    attribute.name = reader.get_string();
    switch (static_cast<AttributeType>(reader.get<std::uint8_t>())) {
      case AttributeType::boolean: attribute.value = reader.get<std::uint8_t>() != 0; break;
      case AttributeType::integer: attribute.value = unzigzag(reader.get_varint()); break;
      case AttributeType::real: attribute.value = reader.get<double>(); break;
      case AttributeType::date:
        attribute.value = Date{static_cast<std::int32_t>(unzigzag(reader.get_varint()))};
        break;
      case AttributeType::text: attribute.value = std::string(reader.get_string()); break;
      default: return false;
    }
    attributes.push_back(std::move(attribute));
  }
  return !reader.failed();
}

std::vector<std::byte> encode_citations(std::span<const Citation> citations) {
  ByteWriter writer;
  for (const Citation& citation : citations) {
    writer.put_varint(citation.marker);
    writer.put_string(citation.root);
    writer.put_string(citation.path);
    writer.put_string(citation.document_id);
    writer.put_varint(citation.heading_path.size());
    for (const std::string& heading : citation.heading_path) writer.put_string(heading);
    writer.put_varint(citation.lines.first);
    writer.put_varint(citation.lines.last);
    writer.put_varint(citation.bytes.begin);
    writer.put_varint(citation.bytes.end);
    writer.put_string(citation.quote);
  }
  return writer.take();
}

bool decode_citations(std::span<const std::byte> bytes, std::vector<Citation>& citations) {
  ByteReader reader(bytes);
  bool is_good = true;
  while (!reader.at_end() && !reader.failed()) {
    Citation citation;
    citation.marker = get_u32(reader, is_good);
    citation.root = reader.get_string();
    citation.path = reader.get_string();
    citation.document_id = reader.get_string();
    const std::uint64_t heading_count = reader.get_varint();
    for (std::uint64_t i = 0; i < heading_count && !reader.failed(); ++i) {
      citation.heading_path.emplace_back(reader.get_string());
    }
    citation.lines.first = get_u32(reader, is_good);
    citation.lines.last = get_u32(reader, is_good);
    citation.bytes.begin = reader.get_varint();
    citation.bytes.end = reader.get_varint();
    citation.quote = reader.get_string();
    citations.push_back(std::move(citation));
  }
  return is_good && !reader.failed();
}

Hash128 hash_of_chunk_row(ChunkId id, DocumentId document, std::span<const std::byte> place,
                          std::string_view text) {
  ByteWriter head;
  head.put(static_cast<std::uint64_t>(id));
  head.put(static_cast<std::uint64_t>(document));
  head.put_varint(place.size());
  head.append(place.data(), place.size());
  head.append(text.data(), text.size());
  return hash128(as_text(head.bytes()));
}

Hash128 hash_of_document_row(DocumentId id, std::string_view record_id, std::string_view title,
                             std::string_view keywords, std::span<const std::byte> attributes) {
  ByteWriter row;
  row.put(static_cast<std::uint64_t>(id));
  row.put_string(record_id);
  row.put_string(title);
  row.put_string(keywords);
  row.append(attributes.data(), attributes.size());
  return hash128(as_text(row.bytes()));
}

}  // namespace saerok
