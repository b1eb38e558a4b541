/// Ports of the store: Truth (small mutable records under transactions) and Directory (big
/// immutable files, mapped), and the embedding cache. storage/ has the adapters; all of them stand
/// on one Env.
///
/// The truth is the only thing that says what exists. A segment file that no row names does not
/// exist, a chunk without a row is deleted, a chunk whose row names no segment is pending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

/// A read-only view of a whole immutable file. The bytes stay valid as long as the object lives,
/// even after the file is removed.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  virtual std::span<const std::byte> bytes() const = 0;
};

/// Write-once files, by plain name ("17-lexical-9f3a01bc.seg"). Safe from several threads.
class Directory {
 public:
  virtual ~Directory() = default;

  /// Makes the file exist with exactly these bytes, durably: when it returns, file and name survive
  /// a power cut. After an error no file of that name is visible.
  /// Errors: out_of_space, unavailable, failed_precondition if the name exists.
  virtual Status write(std::string_view name, std::span<const std::byte> bytes) = 0;

  /// Errors: not_found, unavailable.
  virtual Result<std::shared_ptr<const FileBytes>> open(std::string_view name) const = 0;

  virtual Status remove(std::string_view name) = 0;
  virtual Result<std::vector<std::string>> list() const = 0;

  /// Moves a damaged file to where nothing reads it, with the reason in a text beside it. Returns
  /// its new path; empty if so many are there already that it was removed instead.
  /// Errors: not_found, unavailable.
  virtual Result<std::string> set_aside(std::string_view name, std::string_view reason) = 0;
};

enum class CollectionId : std::uint64_t {};
enum class SourceId : std::uint64_t {};

struct CollectionRecord {
  CollectionId id{};
  std::string name;
  std::string analyzer_fingerprint;  ///< Of the lexical segments. Never empty.
  std::string embedder_fingerprint;  ///< Of the vector segments; empty while there are none.
  std::uint32_t dimension = 0;       ///< Of the vectors; 0 while there are none.
  bool operator==(const CollectionRecord&) const = default;
};

enum class SourceState : std::uint8_t {
  indexed,  ///< All of it is in the truth.
  partial,  ///< Its documents are still being committed; it is read again next time.
  failed,   ///< Could not be read or decoded; `reason` says why.
  skipped,  ///< Of a kind that is not read; `reason` says why.
};

/// A file that was seen. (collection, root, path) is unique.
struct SourceRecord {
  SourceId id{};
  std::string root;
  std::string path;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t inode = 0;
  Hash128 hash;  ///< Of the file's bytes.
  SourceState state = SourceState::indexed;
  std::string reason;  ///< Why it failed or was skipped, or a note ("read as CP949"); may be empty.
};

/// What is needed to tell whether a document changed.
struct DocumentKey {
  DocumentId id{};
  std::string record_id;
  Hash128 content_hash;
};

/// A new or changed document with its chunks; ids are given by commit().
struct DocumentWrite {
  std::size_t source = 0;  ///< Index into WriteBatch::sources.
  Document document;
  std::vector<Chunk> chunks;
};

/// One transaction: all of it is acknowledged, or none.
struct WriteBatch {
  std::vector<SourceRecord> sources;  ///< Inserted or replaced, by (root, path); `id` is ignored.
  std::vector<DocumentWrite> documents;  ///< Replace the document of the same source and record_id.
  std::vector<DocumentId> deleted_documents;
  std::vector<SourceId> deleted_sources;  ///< With all their documents.
  /// A file that moved: its documents and chunks stay, only root and path change.
  struct Rename {
    SourceId source;
    std::string root;
    std::string path;
  };
  std::vector<Rename> renames;  ///< Applied first.
};

/// Ids that commit() gave, in the order of WriteBatch::documents and of their chunks.
struct CommitReceipt {
  std::vector<DocumentId> documents;
  std::vector<ChunkId> chunks;  ///< All documents' chunks, one after the other.
};

enum class SegmentKind : std::uint8_t { lexical, chunk_vectors, window_vectors };

struct SegmentRecord {
  SegmentId id{};
  SegmentKind kind = SegmentKind::lexical;
  std::string file;
  std::uint64_t size = 0;
  Hash128 hash;
  std::uint32_t chunk_count = 0;
  std::string fingerprint;  ///< Analyser's for lexical, embedder's for vectors.
};

/// A segment that becomes part of the manifest, with the chunks it holds.
struct SegmentPublication {
  SegmentRecord segment;  ///< `id` comes from reserve_segment_id().
  std::vector<ChunkId> chunks;
};

struct ManifestChange {
  std::vector<SegmentPublication> added;
  std::vector<SegmentId> removed;
};

/// Chunks deleted from the collection that a segment still holds, sorted.
struct SegmentTombstones {
  SegmentId segment{};
  std::vector<ChunkId> chunks;
};

/// What a search needs to know, from one read transaction.
struct Manifest {
  CollectionRecord collection;
  /// Grows with every commit and publication of the collection: equal means nothing changed.
  std::uint64_t change = 0;
  std::vector<SegmentRecord> segments;
  std::vector<SegmentTombstones> tombstones;  ///< Only of segments that have some.
  std::uint64_t chunk_count = 0;
  std::uint64_t pending_lexical = 0;  ///< Chunks in no lexical segment: the delta's.
  std::uint64_t pending_chunk_vectors = 0;
  std::uint64_t pending_window_vectors = 0;
};

/// A stored chunk with what a hit shows of its document.
struct StoredChunk {
  Chunk chunk;
  std::string root;
  std::string path;
  std::string record_id;
  std::string title;
  std::string keywords;
  std::vector<Attribute> attributes;
};

struct CollectionCounts {
  std::uint64_t sources_indexed = 0;
  std::uint64_t sources_partial = 0;
  std::uint64_t sources_failed = 0;
  std::uint64_t sources_skipped = 0;
  std::uint64_t documents = 0;
  std::uint64_t chunks = 0;
};

/// The store's records. Writing is done by the one process that holds the store's lock; reading and
/// writing are safe from several threads, each write a transaction of its own. A writer that fails
/// to sync refuses all further writes until the store is opened again. Errors of every call:
/// unavailable, out_of_space, corrupt; of writes also failed_precondition (opened read-only, or
/// refused after a failed sync).
class Truth {
 public:
  virtual ~Truth() = default;

  virtual Result<std::vector<CollectionRecord>> collections() const = 0;
  virtual Result<std::optional<CollectionRecord>> find_collection(std::string_view name) const = 0;
  /// Inserts or updates by name; `id` is ignored. Returns the stored record.
  virtual Result<CollectionRecord> put_collection(const CollectionRecord& record) = 0;
  /// Removes it with everything in it; its segments leave the manifest.
  virtual Status remove_collection(CollectionId collection) = 0;

  /// What the user named to be indexed: absolute paths of folders and files, sorted. A store of an
  /// older saerok has none until it is next written to.
  virtual Result<std::vector<std::string>> named_roots(CollectionId collection) const = 0;
  /// Adds and removes; one durable transaction. What is there (or not) already is no error.
  virtual Status change_named_roots(CollectionId collection, std::span<const std::string> added,
                                    std::span<const std::string> removed) = 0;

  virtual Result<std::vector<SourceRecord>> sources(CollectionId collection) const = 0;
  virtual Result<std::vector<DocumentKey>> documents_of(SourceId source) const = 0;
  virtual Result<CollectionCounts> counts(CollectionId collection) const = 0;

  /// One durable transaction. Old chunks of replaced and deleted documents get tombstones in the
  /// segments that hold them.
  virtual Result<CommitReceipt> commit(CollectionId collection, const WriteBatch& batch) = 0;

  /// At most `limit` chunks that no segment of `kind` holds, with ids above `after`, ascending.
  virtual Result<std::vector<ChunkId>> pending(CollectionId collection, SegmentKind kind,
                                               ChunkId after, std::size_t limit) const = 0;

  /// All chunks that no segment of `kind` holds, those of the files changed last first; ascending
  /// within a file.
  virtual Result<std::vector<ChunkId>> pending_newest_first(CollectionId collection,
                                                            SegmentKind kind) const = 0;

  /// Live chunks of a segment, ascending.
  virtual Result<std::vector<ChunkId>> chunks_of(SegmentId segment) const = 0;

  /// In the order asked for; chunks that do not exist (any more) are left out.
  virtual Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> chunks) const = 0;

  /// Chunks whose document_id (JSONL id, else path) is the one given, ascending.
  virtual Result<std::vector<ChunkId>> find_document(CollectionId collection,
                                                     std::string_view document_id) const = 0;

  virtual Result<Manifest> manifest(CollectionId collection) const = 0;
  /// Every segment file that any collection's manifest names.
  virtual Result<std::vector<std::string>> segment_files() const = 0;

  /// Reads all of the database and says what is wrong with its structure; empty: nothing.
  virtual Result<std::vector<std::string>> check() const = 0;

  /// A number for a new segment file's name, never given twice.
  virtual Result<SegmentId> reserve_segment_id() = 0;

  /// One durable transaction: the only moment the index changes. Chunks of `added` that were
  /// deleted meanwhile get tombstones. A chunk of a removed segment that no added one holds
  /// becomes pending again.
  virtual Status publish(CollectionId collection, const ManifestChange& change) = 0;
};

/// Vectors by (embedder, hash of the embedded text), so that unchanged text is never embedded
/// twice. Losing it costs time only.
class EmbeddingCache {
 public:
  virtual ~EmbeddingCache() = default;

  /// For each key its row of `dimension` floats, or nothing where it is not known.
  virtual Result<std::vector<std::optional<std::vector<float>>>> find(
      std::string_view embedder_fingerprint, std::span<const Hash128> keys) const = 0;

  /// `rows` is [keys.size() × dimension], row-major. Stored as 16-bit floats.
  virtual Status put(std::string_view embedder_fingerprint, std::span<const Hash128> keys,
                     std::span<const float> rows) = 0;
};

}  // namespace saerok
