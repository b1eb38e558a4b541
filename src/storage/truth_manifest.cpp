#include <algorithm>
#include <map>

#include "storage/truth_queries.h"
#include "storage/truth_rows.h"
#include "storage/truth_schema.h"

namespace saerok {
namespace {

std::uint64_t number(SegmentId id) { return static_cast<std::uint64_t>(id); }

Result<std::optional<SegmentKind>> find_kind(Connection& connection, SegmentId segment,
                                             CollectionId collection) {
  Statement row =
      TRY(connection.prepare("SELECT kind FROM segment WHERE id = ?1 AND collection = ?2"));
  row.bind(number(segment), static_cast<std::uint64_t>(collection));
  if (!TRY(row.step())) return std::optional<SegmentKind>();
  return std::optional<SegmentKind>(static_cast<SegmentKind>(row.integer(0)));
}

Status insert_segment(Connection& connection, CollectionId collection,
                      const SegmentRecord& segment) {
  if (number(segment.id) == 0 || number(segment.id) > TRY(last_number(connection, "segment"))) {
    return Error{ErrorCode::invalid_argument,
                 "segment " + segment.file + " has a number that was never reserved"};
  }
  const auto hash = encode_hash(segment.hash);
  const auto kind = static_cast<std::uint32_t>(segment.kind);
  Statement insert = TRY(connection.prepare(
      "INSERT INTO segment(id, collection, kind, file, size, hash, chunk_count, fingerprint)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  return insert
      .bind(number(segment.id), static_cast<std::uint64_t>(collection), kind, segment.file,
            segment.size, hash, segment.chunk_count, segment.fingerprint)
      .run();
}

/// Makes `publication`'s segment the one that holds its chunks.
/// Returns how many of them were pending.
Result<std::int64_t> index_chunks(Connection& connection, CollectionId collection,
                                  const SegmentPublication& publication) {
  const SegmentKind kind = publication.segment.kind;
  const std::uint64_t segment = number(publication.segment.id);
  const auto owner = static_cast<std::uint64_t>(collection);
  Statement claim = TRY(connection.prepare(
      SQL_FOR_KIND(kind, "UPDATE chunk_index SET ",
                   " = ?1 WHERE chunk = ?2 AND collection = ?3 AND ", " IS NULL")));
  Statement old = TRY(connection.prepare(
      for_kind(kind, "SELECT lexical FROM chunk_index WHERE chunk = ?1 AND collection = ?2",
               "SELECT chunk_vectors FROM chunk_index WHERE chunk = ?1 AND collection = ?2",
               "SELECT window_vectors FROM chunk_index WHERE chunk = ?1 AND collection = ?2")));
  Statement move = TRY(
      connection.prepare(for_kind(kind, "UPDATE chunk_index SET lexical = ?1 WHERE chunk = ?2",
                                  "UPDATE chunk_index SET chunk_vectors = ?1 WHERE chunk = ?2",
                                  "UPDATE chunk_index SET window_vectors = ?1 WHERE chunk = ?2")));
  Statement tombstone = TRY(connection.prepare("INSERT OR IGNORE INTO tombstone VALUES (?1, ?2)"));
  std::int64_t were_pending = 0;
  for (const ChunkId id : publication.chunks) {
    const auto chunk = static_cast<std::uint64_t>(id);
    TRY(claim.bind(segment, chunk, owner).run());
    if (connection.changed_rows() > 0) {
      ++were_pending;
      continue;
    }
    old.bind(chunk, owner);
    if (!TRY(old.step())) {
      TRY(tombstone.bind(segment, chunk).run());  // Deleted while the segment was built.
    } else if (const std::uint64_t holder = old.unsigned_integer(0); holder != segment) {
      // A chunk is live in one segment of a kind. If the old one stays, it holds it no more; if it
      // goes, so does this tombstone.
      TRY(tombstone.bind(holder, chunk).run());
      TRY(move.bind(segment, chunk).run());
    }
    old.reset();
  }
  return were_pending;
}

/// Returns how many chunks of the removed segments became pending.
Result<std::int64_t> drop_segments(Connection& connection, SegmentKind kind,
                                   std::span<const SegmentId> segments) {
  Statement clear_tombstones = TRY(connection.prepare("DELETE FROM tombstone WHERE segment = ?1"));
  Statement remove = TRY(connection.prepare("DELETE FROM segment WHERE id = ?1"));
  // One pass over chunk_index, which has no index by segment: that would cost every publication
  // more than the pass costs a merge.
  std::string list;
  for (const SegmentId segment : segments) {
    TRY(clear_tombstones.bind(number(segment)).run());
    TRY(remove.bind(number(segment)).run());
    list += (list.empty() ? "" : ",") + std::to_string(number(segment));
  }
  const std::string column = for_kind(kind, "lexical", "chunk_vectors", "window_vectors");
  const std::string sql =
      "UPDATE chunk_index SET " + column + " = NULL WHERE " + column + " IN (" + list + ")";
  const std::uint64_t before = connection.total_changed_rows();
  TRY(connection.execute(sql.c_str()));
  return static_cast<std::int64_t>(connection.total_changed_rows() - before);
}

Result<std::vector<SegmentRecord>> read_segments(Connection& connection, std::uint64_t collection) {
  Statement row = TRY(
      connection.prepare("SELECT id, kind, file, size, hash, chunk_count, fingerprint FROM segment"
                         " WHERE collection = ?1 ORDER BY id"));
  row.bind(collection);
  std::vector<SegmentRecord> segments;
  while (TRY(row.step())) {
    segments.push_back({.id = SegmentId{row.unsigned_integer(0)},
                        .kind = static_cast<SegmentKind>(row.integer(1)),
                        .file = std::string(row.text(2)),
                        .size = row.unsigned_integer(3),
                        .hash = decode_hash(row.blob(4)),
                        .chunk_count = static_cast<std::uint32_t>(row.unsigned_integer(5)),
                        .fingerprint = std::string(row.text(6))});
  }
  return segments;
}

}  // namespace

Result<std::vector<ChunkId>> read_pending(Connection& connection, CollectionId collection,
                                          SegmentKind kind, ChunkId after, std::size_t limit) {
  Statement row = TRY(connection.prepare(SQL_FOR_KIND(
      kind, "SELECT chunk FROM chunk_index INDEXED BY pending_",
      " WHERE collection = ?1 AND chunk > ?2 AND ", " IS NULL ORDER BY chunk LIMIT ?3")));
  const auto at_most = static_cast<std::uint64_t>(std::min<std::size_t>(limit, 1u << 30));
  row.bind(static_cast<std::uint64_t>(collection), static_cast<std::uint64_t>(after), at_most);
  std::vector<ChunkId> chunks;
  while (TRY(row.step())) chunks.push_back(ChunkId{row.unsigned_integer(0)});
  return chunks;
}

Result<std::vector<ChunkId>> read_pending_newest_first(Connection& connection,
                                                       CollectionId collection, SegmentKind kind) {
  // CROSS JOIN keeps SQLite to this order: from the few that are pending to their files.
  Statement row = TRY(connection.prepare(
      SQL_FOR_KIND(kind, "SELECT i.chunk FROM chunk_index i INDEXED BY pending_",
                   " CROSS JOIN chunk c ON c.id = i.chunk"
                   " CROSS JOIN document d ON d.id = c.document"
                   " CROSS JOIN source s ON s.id = d.source WHERE i.collection = ?1 AND i.",
                   " IS NULL ORDER BY s.modified_ns DESC, i.chunk")));
  row.bind(static_cast<std::uint64_t>(collection));
  std::vector<ChunkId> chunks;
  while (TRY(row.step())) chunks.push_back(ChunkId{row.unsigned_integer(0)});
  return chunks;
}

Result<std::vector<ChunkId>> read_chunks_of(Connection& connection, SegmentId segment) {
  Statement kind_row = TRY(connection.prepare("SELECT kind FROM segment WHERE id = ?1"));
  kind_row.bind(number(segment));
  if (!TRY(kind_row.step())) {
    return Error{ErrorCode::not_found,
                 "the store has no segment " + std::to_string(number(segment)) + " (any more)"};
  }
  const auto kind = static_cast<SegmentKind>(kind_row.integer(0));
  Statement row = TRY(connection.prepare(
      for_kind(kind, "SELECT chunk FROM chunk_index WHERE lexical = ?1 ORDER BY chunk",
               "SELECT chunk FROM chunk_index WHERE chunk_vectors = ?1 ORDER BY chunk",
               "SELECT chunk FROM chunk_index WHERE window_vectors = ?1 ORDER BY chunk")));
  row.bind(number(segment));
  std::vector<ChunkId> chunks;
  while (TRY(row.step())) chunks.push_back(ChunkId{row.unsigned_integer(0)});
  return chunks;
}

Result<Manifest> read_manifest(Connection& connection, CollectionId collection) {
  const auto id = static_cast<std::uint64_t>(collection);
  Manifest manifest;
  manifest.collection = TRY(read_collection(connection, collection));
  manifest.segments = TRY(read_segments(connection, id));
  Statement counters = TRY(connection.prepare(
      "SELECT chunks, pending_lexical, pending_chunk_vectors, pending_window_vectors, change"
      " FROM collection WHERE id = ?1"));
  counters.bind(id);
  if (TRY(counters.step())) {
    manifest.chunk_count = counters.unsigned_integer(0);
    manifest.pending_lexical = counters.unsigned_integer(1);
    manifest.pending_chunk_vectors = counters.unsigned_integer(2);
    manifest.pending_window_vectors = counters.unsigned_integer(3);
    manifest.change = counters.unsigned_integer(4);
  }
  Statement row =
      TRY(connection.prepare("SELECT chunk FROM tombstone WHERE segment = ?1 ORDER BY chunk"));
  for (const SegmentRecord& segment : manifest.segments) {
    row.reset();
    row.bind(number(segment.id));
    SegmentTombstones tombstones{.segment = segment.id, .chunks = {}};
    while (TRY(row.step())) tombstones.chunks.push_back(ChunkId{row.unsigned_integer(0)});
    if (!tombstones.chunks.empty()) manifest.tombstones.push_back(std::move(tombstones));
  }
  return manifest;
}

Result<std::vector<std::string>> read_segment_files(Connection& connection) {
  Statement row = TRY(connection.prepare("SELECT file FROM segment ORDER BY file"));
  std::vector<std::string> files;
  while (TRY(row.step())) files.emplace_back(row.text(0));
  return files;
}

Status publish_segments(Connection& connection, CollectionId collection,
                        const ManifestChange& change) {
  std::map<SegmentKind, std::vector<SegmentId>> removed;
  for (const SegmentId segment : change.removed) {
    const auto kind = TRY(find_kind(connection, segment, collection));
    if (!kind) {
      return Error{ErrorCode::not_found, "segment " + std::to_string(number(segment)) +
                                             " to be removed is not in the collection"};
    }
    removed[*kind].push_back(segment);
  }
  CounterChanges changes;
  for (const SegmentPublication& publication : change.added) {
    TRY(insert_segment(connection, collection, publication.segment));
    const auto kind = static_cast<std::size_t>(publication.segment.kind);
    changes.pending[kind] -= TRY(index_chunks(connection, collection, publication));
  }
  for (const auto& [kind, segments] : removed) {
    changes.pending[static_cast<std::size_t>(kind)] +=
        TRY(drop_segments(connection, kind, segments));
  }
  return add_counters(connection, collection, changes);
}

}  // namespace saerok
