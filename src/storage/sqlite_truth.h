/// The Truth and the Memory in one SQLite database: WAL, synchronous FULL, on a VFS over an Env. On
/// SimEnv it is its own fake. This is about connections, transactions and refusals; truth_queries.h
/// has what is asked of the tables, truth_schema.cpp the tables.
///
/// Every reading call is one read transaction on a connection of a pool; the one writing
/// connection is the writer's alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/mutex.h"
#include "saerok/memory.h"
#include "saerok/storage.h"
#include "storage/sqlite_connection.h"

namespace saerok {

class SqliteTruth final : public Truth, public Memory {
 public:
  /// For writing, makes the database if it is missing; the caller holds the store's lock. For
  /// reading, changes no byte of any file. `env` must outlive the truth.
  /// Errors: not_found (reading only), failed_precondition for another or a newer format.
  static Result<std::unique_ptr<SqliteTruth>> open(Env& env, std::string path, SqliteAccess access);
  ~SqliteTruth() override;

  Result<std::vector<CollectionRecord>> collections() const override;
  Result<std::optional<CollectionRecord>> find_collection(std::string_view name) const override;
  Result<CollectionRecord> put_collection(const CollectionRecord& record) override;
  Status remove_collection(CollectionId collection) override;
  Result<std::vector<std::string>> named_roots(CollectionId collection) const override;
  Status change_named_roots(CollectionId collection, std::span<const std::string> added,
                            std::span<const std::string> removed) override;
  Result<std::vector<SourceRecord>> sources(CollectionId collection) const override;
  Result<std::vector<DocumentKey>> documents_of(SourceId source) const override;
  Result<CollectionCounts> counts(CollectionId collection) const override;
  Result<CommitReceipt> commit(CollectionId collection, const WriteBatch& batch) override;
  Result<std::vector<ChunkId>> pending(CollectionId collection, SegmentKind kind, ChunkId after,
                                       std::size_t limit) const override;
  Result<std::vector<ChunkId>> pending_newest_first(CollectionId collection,
                                                    SegmentKind kind) const override;
  Result<std::vector<ChunkId>> chunks_of(SegmentId segment) const override;
  Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> chunks) const override;
  Result<std::vector<ChunkId>> find_document(CollectionId collection,
                                             std::string_view document_id) const override;
  Result<Manifest> manifest(CollectionId collection) const override;
  Result<std::vector<std::string>> segment_files() const override;
  Result<std::vector<std::string>> check() const override;
  Result<SegmentId> reserve_segment_id() override;
  Status publish(CollectionId collection, const ManifestChange& change) override;

  Result<LabelId> add_label(CollectionId collection, const LabelRecord& label) override;
  Result<std::vector<LabelRecord>> labels(CollectionId collection) const override;
  Status remove_label(LabelId label) override;
  Result<std::vector<ConversationSummary>> conversations(CollectionId collection) const override;
  Result<ConversationId> add_conversation(CollectionId collection,
                                          std::span<const StoredTurn> turns) override;
  Status append_turns(ConversationId conversation, std::span<const StoredTurn> turns) override;
  Status replace_turns(ConversationId conversation, TurnRange last,
                       std::span<const StoredTurn> turns) override;
  Result<std::vector<StoredTurn>> turns(ConversationId conversation) const override;
  Status remove_conversation(ConversationId conversation) override;

 private:
  SqliteTruth(Env& env, std::string path, SqliteAccess access);

  /// A connection with a read transaction under way.
  Result<std::unique_ptr<Connection>> begin_read() const;
  Result<std::unique_ptr<Connection>> try_begin_read(bool& is_transient) const;
  void end_read(std::unique_ptr<Connection> connection) const;
  /// `query(Connection&)` inside a read transaction.
  template <class Query>
  auto read(Query query) const -> decltype(query(std::declval<Connection&>()));
  /// `change(Connection&)` inside a durable write transaction.
  template <class Change>
  auto write(Change change) -> decltype(change(std::declval<Connection&>()));
  Status check_may_write() const;
  Status add_page_checksums(Env& env);
  void after_commit();

  std::string path_;
  std::unique_ptr<SqliteVfs> reader_vfs_;
  std::unique_ptr<SqliteVfs> writer_vfs_;  ///< Null if opened for reading.
  std::unique_ptr<Connection> writer_;
  Mutex writing_;  ///< One change at a time, whichever thread makes it.
  mutable Mutex mutex_;
  mutable std::vector<std::unique_ptr<Connection>> idle_readers_ GUARDED_BY(mutex_);
};

}  // namespace saerok
