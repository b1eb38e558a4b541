/// The blobs and checksums inside the truth's rows. A row is believed only if its hash is right, so
/// that a rotten disk makes an error that names the row, not a wrong answer. No SQL here.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

std::vector<std::byte> encode_hash(const Hash128& hash);
/// Zero if it is not 16 bytes, which no stored hash is but by accident.
Hash128 decode_hash(std::span<const std::byte> bytes);

/// All of a chunk but its ids and its text.
std::vector<std::byte> encode_place(const Chunk& chunk);
/// False if the bytes are not what encode_place() writes.
bool decode_place(std::span<const std::byte> bytes, Chunk& chunk);

std::vector<std::byte> encode_attributes(std::span<const Attribute> attributes);
bool decode_attributes(std::span<const std::byte> bytes, std::vector<Attribute>& attributes);

std::vector<std::byte> encode_citations(std::span<const Citation> citations);
bool decode_citations(std::span<const std::byte> bytes, std::vector<Citation>& citations);

/// Over everything a chunk's row says.
Hash128 hash_of_chunk_row(ChunkId id, DocumentId document, std::span<const std::byte> place,
                          std::string_view text);
/// Over what a document's row says to a reader of its chunks.
Hash128 hash_of_document_row(DocumentId id, std::string_view record_id, std::string_view title,
                             std::string_view keywords, std::span<const std::byte> attributes);

}  // namespace saerok
