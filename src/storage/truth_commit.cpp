#include <algorithm>
#include <string>

#include "storage/truth_queries.h"
#include "storage/truth_rows.h"

namespace saerok {
namespace {

/// One commit under way: the ids it gives out and what it changes of the counters.
class Commit {
 public:
  Commit(Connection& connection, CollectionId collection)
      : connection_(connection), collection_(static_cast<std::uint64_t>(collection)) {}

  Status begin() {
    last_document_ = TRY(last_number(connection_, "document"));
    last_chunk_ = TRY(last_number(connection_, "chunk"));
    return {};
  }
  Status finish() {
    TRY(set_last_number(connection_, "document", last_document_));
    TRY(set_last_number(connection_, "chunk", last_chunk_));
    return add_counters(connection_, CollectionId{collection_}, changes_);
  }

  Status remove_document(std::uint64_t document);
  Status remove_source(std::uint64_t source);
  Status rename_sources(std::span<const WriteBatch::Rename> renames);
  Result<std::uint64_t> put_source(const SourceRecord& source);
  Status put_document(std::uint64_t source, const DocumentWrite& write, CommitReceipt& receipt);

 private:
  Status remove_chunks(std::uint64_t document);
  Status put_chunk(const Chunk& chunk, std::uint64_t document, std::uint64_t id);
  Status check_free(const WriteBatch::Rename& rename);

  Connection& connection_;
  std::uint64_t collection_;
  std::uint64_t last_document_ = 0;
  std::uint64_t last_chunk_ = 0;
  CounterChanges changes_;
};

Status Commit::remove_chunks(std::uint64_t document) {
  Statement old = TRY(connection_.prepare(
      "SELECT chunk_index.chunk, lexical, chunk_vectors, window_vectors FROM chunk"
      " JOIN chunk_index ON chunk_index.chunk = chunk.id WHERE chunk.document = ?1"));
  Statement tombstone = TRY(connection_.prepare("INSERT INTO tombstone VALUES (?1, ?2)"));
  Statement unindex = TRY(connection_.prepare("DELETE FROM chunk_index WHERE chunk = ?1"));
  std::vector<std::uint64_t> chunks;
  old.bind(document);
  while (TRY(old.step())) {
    const std::uint64_t chunk = old.unsigned_integer(0);
    chunks.push_back(chunk);
    for (int kind = 0; kind < 3; ++kind) {
      if (old.is_null(kind + 1)) {
        --changes_.pending[static_cast<std::size_t>(kind)];
      } else {
        TRY(tombstone.bind(old.unsigned_integer(kind + 1), chunk).run());
      }
    }
  }
  for (const std::uint64_t chunk : chunks) TRY(unindex.bind(chunk).run());
  Statement remove = TRY(connection_.prepare("DELETE FROM chunk WHERE document = ?1"));
  TRY(remove.bind(document).run());
  changes_.chunks -= static_cast<std::int64_t>(chunks.size());
  return {};
}

Status Commit::remove_document(std::uint64_t document) {
  Statement remove = TRY(connection_.prepare(
      "DELETE FROM document WHERE id = ?1 AND EXISTS"
      " (SELECT 1 FROM source WHERE source.id = document.source AND collection = ?2)"));
  TRY(remove.bind(document, collection_).run());
  if (connection_.changed_rows() == 0) return {};  // Deleted before, or together with its source.
  --changes_.documents;
  return remove_chunks(document);
}

Status Commit::remove_source(std::uint64_t source) {
  std::vector<std::uint64_t> documents;
  {
    Statement row = TRY(connection_.prepare(
        "SELECT document.id, state FROM source LEFT JOIN document ON document.source = source.id"
        " WHERE source.id = ?1 AND collection = ?2"));
    row.bind(source, collection_);
    bool exists = false;
    while (TRY(row.step())) {
      if (!exists) --changes_.sources[static_cast<std::size_t>(row.integer(1) & 3)];
      exists = true;
      if (!row.is_null(0)) documents.push_back(row.unsigned_integer(0));
    }
    if (!exists) return {};
  }
  for (const std::uint64_t document : documents) TRY(remove_document(document));
  Statement remove = TRY(connection_.prepare("DELETE FROM source WHERE id = ?1"));
  return remove.bind(source).run();
}

Status Commit::check_free(const WriteBatch::Rename& rename) {
  Statement other = TRY(connection_.prepare(
      "SELECT 1 FROM source WHERE collection = ?1 AND path = ?2 AND root = ?3"));
  other.bind(collection_, rename.path, rename.root);
  if (!TRY(other.step())) return {};
  return Error{ErrorCode::failed_precondition,
               "a file cannot be renamed to " + rename.path +
                   ": the store has another of that name; index the folder again"};
}

Status Commit::rename_sources(std::span<const WriteBatch::Rename> renames) {
  // Two steps, so that files can swap their names: first out of the way, then in place.
  Statement step_aside = TRY(connection_.prepare(
      "UPDATE source SET root = '', path = char(0) || id WHERE id = ?1 AND collection = ?2"));
  Statement old =
      TRY(connection_.prepare("SELECT root, path FROM source WHERE id = ?1 AND collection = ?2"));
  std::vector<const WriteBatch::Rename*> found;
  std::vector<SourceMove> moves;
  for (const auto& rename : renames) {
    old.reset();
    old.bind(static_cast<std::uint64_t>(rename.source), collection_);
    if (TRY(old.step())) {
      moves.push_back({.old_root = std::string(old.text(0)),
                       .old_path = std::string(old.text(1)),
                       .root = rename.root,
                       .path = rename.path});
    }
    old.reset();
    TRY(step_aside.bind(static_cast<std::uint64_t>(rename.source), collection_).run());
    // A file that this batch deletes too needs no new name.
    if (connection_.changed_rows() > 0) found.push_back(&rename);
  }
  for (const auto* rename : found) {
    TRY(check_free(*rename));
    Statement settle =
        TRY(connection_.prepare("UPDATE source SET root = ?2, path = ?3 WHERE id = ?1"));
    TRY(settle.bind(static_cast<std::uint64_t>(rename->source), rename->root, rename->path).run());
  }
  return move_labels(connection_, CollectionId{collection_}, moves);
}

Result<std::uint64_t> Commit::put_source(const SourceRecord& source) {
  const auto hash = encode_hash(source.hash);
  const auto state = static_cast<std::uint32_t>(source.state);
  ++changes_.sources[static_cast<std::size_t>(source.state)];
  Statement old = TRY(connection_.prepare(
      "SELECT id, state FROM source WHERE collection = ?1 AND path = ?2 AND root = ?3"));
  old.bind(collection_, source.path, source.root);
  if (TRY(old.step())) {
    const std::uint64_t id = old.unsigned_integer(0);
    --changes_.sources[static_cast<std::size_t>(old.integer(1) & 3)];
    old.reset();
    Statement update = TRY(connection_.prepare(
        "UPDATE source SET size = ?2, modified_ns = ?3, inode = ?4, hash = ?5, state = ?6,"
        " reason = ?7 WHERE id = ?1"));
    TRY(update.bind(id, source.size, source.modified_ns, source.inode, hash, state, source.reason)
            .run());
    return id;
  }
  Statement insert = TRY(connection_.prepare(
      "INSERT INTO source(collection, root, path, size, modified_ns, inode, hash, state, reason)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  TRY(insert
          .bind(collection_, source.root, source.path, source.size, source.modified_ns,
                source.inode, hash, state, source.reason)
          .run());
  return static_cast<std::uint64_t>(connection_.last_row());
}

Status Commit::put_chunk(const Chunk& chunk, std::uint64_t document, std::uint64_t id) {
  const auto place = encode_place(chunk);
  const auto row_hash =
      encode_hash(hash_of_chunk_row(ChunkId{id}, DocumentId{document}, place, chunk.text));
  Statement insert = TRY(connection_.prepare("INSERT INTO chunk VALUES (?1, ?2, ?3, ?4, ?5)"));
  TRY(insert.bind(id, document, place, chunk.text, row_hash).run());
  Statement index =
      TRY(connection_.prepare("INSERT INTO chunk_index VALUES (?1, ?2, NULL, NULL, NULL)"));
  return index.bind(id, collection_).run();
}

Status Commit::put_document(std::uint64_t source, const DocumentWrite& write,
                            CommitReceipt& receipt) {
  const Document& document = write.document;
  std::uint64_t id = 0;
  {
    Statement old =
        TRY(connection_.prepare("SELECT id FROM document WHERE source = ?1 AND record_id = ?2"));
    old.bind(source, document.record_id);
    if (TRY(old.step())) id = old.unsigned_integer(0);
  }
  if (id != 0) {
    TRY(remove_chunks(id));
  } else {
    id = ++last_document_;
    ++changes_.documents;
  }
  const auto attributes = encode_attributes(document.attributes);
  const auto content_hash = encode_hash(document.content_hash);
  const auto row_hash = encode_hash(hash_of_document_row(
      DocumentId{id}, document.record_id, document.title, document.keywords, attributes));
  Statement put = TRY(connection_.prepare(
      "INSERT INTO document(id, source, record_id, content_hash, title, keywords, attributes,"
      " row_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(id) DO UPDATE SET"
      " content_hash = ?4, title = ?5, keywords = ?6, attributes = ?7, row_hash = ?8"));
  TRY(put.bind(id, source, document.record_id, content_hash, document.title, document.keywords,
               attributes, row_hash)
          .run());
  receipt.documents.push_back(DocumentId{id});
  for (const Chunk& chunk : write.chunks) {
    TRY(put_chunk(chunk, id, ++last_chunk_));
    receipt.chunks.push_back(ChunkId{last_chunk_});
  }
  const auto count = static_cast<std::int64_t>(write.chunks.size());
  changes_.chunks += count;
  for (auto& pending : changes_.pending) pending += count;
  return {};
}

}  // namespace

Result<CommitReceipt> commit_batch(Connection& connection, CollectionId collection,
                                   const WriteBatch& batch) {
  for (const DocumentWrite& write : batch.documents) {
    if (write.source >= batch.sources.size()) {
      return Error{ErrorCode::invalid_argument,
                   "a document to be stored names no source of its batch"};
    }
  }
  Commit commit(connection, collection);
  TRY(commit.begin());
  // Deletions are by id, so doing them before the renames only frees names that those may take.
  for (const DocumentId document : batch.deleted_documents) {
    TRY(commit.remove_document(static_cast<std::uint64_t>(document)));
  }
  for (const SourceId source : batch.deleted_sources) {
    TRY(commit.remove_source(static_cast<std::uint64_t>(source)));
  }
  TRY(commit.rename_sources(batch.renames));
  std::vector<std::uint64_t> sources;
  sources.reserve(batch.sources.size());
  for (const SourceRecord& source : batch.sources) {
    sources.push_back(TRY(commit.put_source(source)));
  }
  CommitReceipt receipt;
  receipt.documents.reserve(batch.documents.size());
  for (const DocumentWrite& write : batch.documents) {
    TRY(commit.put_document(sources[write.source], write, receipt));
  }
  TRY(commit.finish());
  return receipt;
}

}  // namespace saerok
