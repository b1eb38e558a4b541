#include "storage/truth_queries.h"
#include "storage/truth_rows.h"

namespace saerok {
namespace {

Error damaged(ChunkId chunk, std::string_view path) {
  return {ErrorCode::corrupt,
          "the stored chunk " + std::to_string(static_cast<std::uint64_t>(chunk)) +
              (path.empty() ? std::string() : " of " + std::string(path)) +
              " fails its checksum; run `saerok forget` on that file and index it again"};
}

/// The file that a chunk is of, by an index, which can be read where the chunk's row cannot; empty
/// if it cannot either.
std::string path_of(Connection& connection, ChunkId chunk) {
  auto row = connection.prepare(
      "SELECT s.path FROM chunk c INDEXED BY chunk_by_document JOIN document d ON d.id = c.document"
      " JOIN source s ON s.id = d.source WHERE c.id = ?1");
  if (!row) return {};
  row->bind(static_cast<std::uint64_t>(chunk));
  const auto found = row->step();
  return found && *found ? std::string(row->text(0)) : std::string();
}

Error unreadable(Connection& connection, ChunkId chunk, const Error& why) {
  if (why.code != ErrorCode::corrupt) return why;
  const std::string path = path_of(connection, chunk);
  return {ErrorCode::corrupt,
          "the stored chunk " + std::to_string(static_cast<std::uint64_t>(chunk)) +
              (path.empty() ? std::string() : " of " + path) + " cannot be read: " + why.message};
}

/// Pages that cannot be read: those whose checksums are wrong.
Result<std::vector<std::string>> unreadable_pages(Connection& connection) {
  constexpr std::size_t kNamedMax = 20;
  std::vector<std::string> problems;
  const std::int64_t count = TRY(connection.query_integer("PRAGMA page_count"));
  for (std::int64_t number = 1; number <= count && problems.size() < kNamedMax; ++number) {
    Statement page =
        TRY(connection.prepare("SELECT length(data) FROM sqlite_dbpage WHERE pgno = ?1"));
    page.bind(number);
    const auto read = page.step();
    if (read) continue;
    if (read.error().code != ErrorCode::corrupt) return read.error();
    problems.push_back("page " + std::to_string(number) + " fails its checksum");
  }
  return problems;
}

/// Columns: chunk's document, place, text, row_hash; document's record_id, title, keywords,
/// attributes, row_hash; source's root, path.
Result<StoredChunk> stored_chunk_of(const Statement& row, ChunkId id) {
  StoredChunk stored;
  stored.root = row.text(9);
  stored.path = row.text(10);
  stored.record_id = row.text(4);
  stored.title = row.text(5);
  stored.keywords = row.text(6);
  Chunk& chunk = stored.chunk;
  chunk.id = id;
  chunk.document = DocumentId{row.unsigned_integer(0)};
  chunk.text = row.text(2);
  const auto place = row.blob(1);
  const auto attributes = row.blob(7);
  const bool is_right =
      !row.is_null(9) &&
      hash_of_chunk_row(id, chunk.document, place, chunk.text) == decode_hash(row.blob(3)) &&
      hash_of_document_row(chunk.document, stored.record_id, stored.title, stored.keywords,
                           attributes) == decode_hash(row.blob(8)) &&
      decode_place(place, chunk) && decode_attributes(attributes, stored.attributes);
  if (!is_right) return damaged(id, stored.path);
  return stored;
}

}  // namespace

Result<std::vector<SourceRecord>> read_sources(Connection& connection, CollectionId collection) {
  Statement row = TRY(connection.prepare(
      "SELECT id, root, path, size, modified_ns, inode, hash, state, reason FROM source"
      " WHERE collection = ?1 ORDER BY path, root"));
  row.bind(static_cast<std::uint64_t>(collection));
  std::vector<SourceRecord> records;
  while (TRY(row.step())) {
    records.push_back({.id = SourceId{row.unsigned_integer(0)},
                       .root = std::string(row.text(1)),
                       .path = std::string(row.text(2)),
                       .size = row.unsigned_integer(3),
                       .modified_ns = row.integer(4),
                       .inode = row.unsigned_integer(5),
                       .hash = decode_hash(row.blob(6)),
                       .state = static_cast<SourceState>(row.integer(7)),
                       .reason = std::string(row.text(8))});
  }
  return records;
}

Result<std::vector<DocumentKey>> read_documents(Connection& connection, SourceId source) {
  Statement row = TRY(connection.prepare(
      "SELECT id, record_id, content_hash FROM document WHERE source = ?1 ORDER BY record_id"));
  row.bind(static_cast<std::uint64_t>(source));
  std::vector<DocumentKey> keys;
  while (TRY(row.step())) {
    keys.push_back({.id = DocumentId{row.unsigned_integer(0)},
                    .record_id = std::string(row.text(1)),
                    .content_hash = decode_hash(row.blob(2))});
  }
  return keys;
}

Result<std::vector<StoredChunk>> fetch_chunks(Connection& connection,
                                              std::span<const ChunkId> chunks) {
  // Outer joins: a chunk without its document or source is damage, not an absent chunk.
  Statement row = TRY(connection.prepare(
      "SELECT c.document, c.place, c.text, c.row_hash, d.record_id, d.title, d.keywords,"
      " d.attributes, d.row_hash, s.root, s.path FROM chunk c"
      " LEFT JOIN document d ON d.id = c.document LEFT JOIN source s ON s.id = d.source"
      " WHERE c.id = ?1"));
  std::vector<StoredChunk> stored;
  stored.reserve(chunks.size());
  for (const ChunkId chunk : chunks) {
    row.reset();
    row.bind(static_cast<std::uint64_t>(chunk));
    const auto found = row.step();
    if (!found) return unreadable(connection, chunk, found.error());
    if (*found) stored.push_back(TRY(stored_chunk_of(row, chunk)));
  }
  return stored;
}

Result<std::vector<std::string>> check_database(Connection& connection) {
  std::vector<std::string> problems = TRY(unreadable_pages(connection));
  if (!problems.empty()) return problems;  // SQLite would say the same in numbers of its own.
  Statement row = TRY(connection.prepare("PRAGMA quick_check(20)"));
  while (TRY(row.step())) {
    if (row.text(0) != "ok") problems.emplace_back(row.text(0));
  }
  return problems;
}

Result<std::vector<ChunkId>> find_document_chunks(Connection& connection, CollectionId collection,
                                                  std::string_view document_id) {
  Statement row = TRY(connection.prepare(
      "SELECT chunk.id FROM document JOIN source ON source.id = document.source"
      " JOIN chunk ON chunk.document = document.id"
      " WHERE document.record_id = ?2 AND document.record_id <> '' AND source.collection = ?1"
      " UNION SELECT chunk.id FROM source JOIN document ON document.source = source.id"
      " JOIN chunk ON chunk.document = document.id"
      " WHERE source.collection = ?1 AND source.path = ?2 AND document.record_id = ''"
      " ORDER BY 1"));
  row.bind(static_cast<std::uint64_t>(collection), document_id);
  std::vector<ChunkId> chunks;
  while (TRY(row.step())) chunks.push_back(ChunkId{row.unsigned_integer(0)});
  return chunks;
}

}  // namespace saerok
