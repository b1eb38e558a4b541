/// What the truth asks of its database, one function a question, each inside a transaction that the
/// caller began. sqlite_truth.cpp has the transactions; the contracts are those of Truth.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/memory.h"
#include "saerok/storage.h"
#include "storage/sqlite_connection.h"

namespace saerok {

/// What a transaction changes of a collection's counters; added to the row once, at its end.
struct CounterChanges {
  std::array<std::int64_t, 4> sources{};  ///< By SourceState.
  std::int64_t documents = 0;
  std::int64_t chunks = 0;
  std::array<std::int64_t, 3> pending{};  ///< By SegmentKind.
};
Status add_counters(Connection& connection, CollectionId collection, const CounterChanges& changes);
/// Reads or raises the last number given out of a counter.
Result<std::uint64_t> last_number(Connection& connection, std::string_view counter);
Status set_last_number(Connection& connection, std::string_view counter, std::uint64_t value);

// truth_collections.cpp
Result<std::vector<CollectionRecord>> read_collections(Connection& connection);
Result<std::vector<std::string>> read_named_roots(Connection& connection, CollectionId collection);
Status change_named_roots(Connection& connection, CollectionId collection,
                          std::span<const std::string> added, std::span<const std::string> removed);
Result<std::optional<CollectionRecord>> find_collection(Connection& connection,
                                                        std::string_view name);
/// Errors: not_found.
Result<CollectionRecord> read_collection(Connection& connection, CollectionId collection);
Result<CollectionRecord> put_collection(Connection& connection, const CollectionRecord& record);
Status remove_collection(Connection& connection, CollectionId collection);
Result<CollectionCounts> read_counts(Connection& connection, CollectionId collection);

// truth_read.cpp
Result<std::vector<SourceRecord>> read_sources(Connection& connection, CollectionId collection);
Result<std::vector<DocumentKey>> read_documents(Connection& connection, SourceId source);
Result<std::vector<StoredChunk>> fetch_chunks(Connection& connection,
                                              std::span<const ChunkId> chunks);
Result<std::vector<ChunkId>> find_document_chunks(Connection& connection, CollectionId collection,
                                                  std::string_view document_id);

/// What SQLite finds wrong with the structure of the database.
Result<std::vector<std::string>> check_database(Connection& connection);

// truth_commit.cpp
Result<CommitReceipt> commit_batch(Connection& connection, CollectionId collection,
                                   const WriteBatch& batch);

// truth_manifest.cpp
Result<std::vector<ChunkId>> read_pending(Connection& connection, CollectionId collection,
                                          SegmentKind kind, ChunkId after, std::size_t limit);
Result<std::vector<ChunkId>> read_pending_newest_first(Connection& connection,
                                                       CollectionId collection, SegmentKind kind);
Result<std::vector<ChunkId>> read_chunks_of(Connection& connection, SegmentId segment);
Result<Manifest> read_manifest(Connection& connection, CollectionId collection);
Result<std::vector<std::string>> read_segment_files(Connection& connection);
Status publish_segments(Connection& connection, CollectionId collection,
                        const ManifestChange& change);

// truth_memory.cpp: the contracts are those of Memory.
Result<LabelId> insert_label(Connection& connection, CollectionId collection,
                             const LabelRecord& label);
Result<std::vector<LabelRecord>> read_labels(Connection& connection, CollectionId collection);
Status delete_label(Connection& connection, LabelId label);
/// A file that moved, and where it was.
struct SourceMove {
  std::string old_root;
  std::string old_path;
  std::string root;
  std::string path;
};
/// Labels of files that moved follow them.
Status move_labels(Connection& connection, CollectionId collection,
                   std::span<const SourceMove> moves);
Result<std::vector<ConversationSummary>> read_conversations(Connection& connection,
                                                            CollectionId collection);
Result<ConversationId> insert_conversation(Connection& connection, CollectionId collection,
                                           std::span<const StoredTurn> turns);
Status append_to_conversation(Connection& connection, ConversationId conversation,
                              std::span<const StoredTurn> turns);
Status replace_end_of_conversation(Connection& connection, ConversationId conversation,
                                   TurnRange last, std::span<const StoredTurn> turns);
Result<std::vector<StoredTurn>> read_turns(Connection& connection, ConversationId conversation);
Status delete_conversation(Connection& connection, ConversationId conversation);
/// All labels and conversations of a collection.
Status delete_memory_of(Connection& connection, CollectionId collection);

}  // namespace saerok
