#include "storage/sqlite_truth.h"

#include "base/clock.h"
#include "storage/page_checksums.h"
#include "storage/truth_queries.h"
#include "storage/truth_schema.h"

namespace saerok {
namespace {

/// 16 MiB of pages: reopening after a kill reads that much at most but for one large commit.
constexpr std::uint32_t kCheckpointPages = 2'048;
/// With readers never idle the WAL would grow for ever; beyond 64 MiB the writer waits for them.
constexpr std::uint32_t kPatientCheckpointPages = 8'192;
constexpr std::size_t kIdleReadersMax = 4;
/// How long a reader waits out a writer that is just starting, stopping or being killed.
constexpr std::int64_t kReadPatienceNs = 5'000'000'000;
constexpr std::uint32_t kReadRetryUs = 1'000;
constexpr int kReadAttemptsMax = 5'000;

/// A database that an earlier saerok made gets checksums of its pages by being written anew, which
/// takes as much memory. A larger one goes on without them, and `saerok doctor --store-check` says
/// so.
constexpr std::uint64_t kRewrittenSizeMax = std::uint64_t{256} << 20;

// Any statement that reads a page begins the read transaction; and on the writer's connection it
// leaves a read mark in the shared memory, which readers, who may not write there, rely on.
constexpr const char* kTouch = "SELECT value FROM counter WHERE name = 'segment'";

}  // namespace

SqliteTruth::SqliteTruth(Env& env, std::string path, SqliteAccess access)
    : path_(std::move(path)),
      reader_vfs_(std::make_unique<SqliteVfs>(env, SqliteAccess::read, PageChecksums::kept)) {
  if (access == SqliteAccess::write) {
    writer_vfs_ = std::make_unique<SqliteVfs>(env, access, PageChecksums::kept);
  }
}

SqliteTruth::~SqliteTruth() {
  {
    const MutexLock lock(mutex_);
    idle_readers_.clear();
  }
  // Last, and alone: closing it then moves the WAL into the database and removes it.
  writer_.reset();
}

Result<std::unique_ptr<SqliteTruth>> SqliteTruth::open(Env& env, std::string path,
                                                       SqliteAccess access) {
  std::unique_ptr<SqliteTruth> truth(new SqliteTruth(env, std::move(path), access));  // NOLINT
  if (access == SqliteAccess::write) {
    truth->writer_ = TRY(Connection::open(*truth->writer_vfs_, truth->path_));
    TRY(prepare_truth_for_writing(*truth->writer_, truth->path_));
    // What an earlier process left in the WAL may rest on a sync that failed: save it anew.
    Status saved = truth->writer_->checkpoint();
    if (saved) saved = truth->add_page_checksums(env);
    if (!saved && truth->writer_vfs_->sync_failed()) return std::move(saved).error();
    TRY(truth->writer_->query_integer(kTouch));
  } else {
    truth->end_read(TRY(truth->begin_read()));
  }
  return truth;
}

Status SqliteTruth::add_page_checksums(Env& env) {
  const auto info = TRY(env.stat(path_));
  if (!info || info->size > kRewrittenSizeMax || has_page_checksums(env, path_)) return {};
  TRY(writer_->execute("VACUUM"));
  return writer_->checkpoint();
}

Result<std::unique_ptr<Connection>> SqliteTruth::try_begin_read(bool& is_transient) const {
  std::unique_ptr<Connection> connection;
  is_transient = false;
  {
    const MutexLock lock(mutex_);
    if (!idle_readers_.empty()) {
      connection = std::move(idle_readers_.back());
      idle_readers_.pop_back();
    }
  }
  const auto begin = [&](bool is_new) -> Status {
    if (is_new) TRY(prepare_truth_for_reading(*connection, path_));
    TRY(connection->execute("BEGIN"));
    TRY(connection->query_integer(kTouch));
    return {};
  };
  const bool is_new = connection == nullptr;
  if (is_new) connection = TRY(Connection::open(*reader_vfs_, path_));
  if (Status begun = begin(is_new); !begun) {
    is_transient = connection->is_transient();
    return std::move(begun).error();
  }
  return connection;
}

Result<std::unique_ptr<Connection>> SqliteTruth::begin_read() const {
  const std::int64_t begun = steady_clock_ns();
  for (int attempt = 1;; ++attempt) {
    bool is_transient = false;
    auto connection = try_begin_read(is_transient);
    const bool is_late = steady_clock_ns() - begun > kReadPatienceNs || attempt >= kReadAttemptsMax;
    if (connection || !is_transient || is_late) return connection;
    reader_vfs_->env().sleep_us(kReadRetryUs);
  }
}

void SqliteTruth::end_read(std::unique_ptr<Connection> connection) const {
  if (!connection->execute("COMMIT")) return;
  const MutexLock lock(mutex_);
  if (idle_readers_.size() < kIdleReadersMax) idle_readers_.push_back(std::move(connection));
}

template <class Query>
auto SqliteTruth::read(Query query) const -> decltype(query(std::declval<Connection&>())) {
  auto connection = TRY(begin_read());
  auto result = query(*connection);
  // After an error the connection is closed, which ends its transaction too.
  if (result) end_read(std::move(connection));
  return result;
}

Status SqliteTruth::check_may_write() const {
  if (!writer_) {
    return Error{ErrorCode::failed_precondition,
                 path_ + " was opened for reading; it cannot be changed"};
  }
  if (writer_vfs_->sync_failed()) {
    return Error{ErrorCode::failed_precondition,
                 "saving " + path_ + " to the disk failed before, so nothing more is written to " +
                     "it; check the disk, then start saerok again"};
  }
  return {};
}

template <class Change>
auto SqliteTruth::write(Change change) -> decltype(change(std::declval<Connection&>())) {
  const MutexLock lock(writing_);
  TRY(check_may_write());
  auto transaction = TRY(WriteTransaction::begin(*writer_));
  auto result = change(*writer_);
  if (!result) return result;
  TRY(transaction.commit());
  after_commit();
  return result;
}

void SqliteTruth::after_commit() {
  // Neither may fail the commit, which is durable. A checkpoint that could not be made is tried
  // again after the next one; after a failed sync nothing is written any more.
  static_cast<void>(writer_->query_integer(kTouch));
  const std::uint32_t pages = writer_->wal_pages();
  if (pages < kCheckpointPages) return;
  static_cast<void>(writer_->checkpoint(pages < kPatientCheckpointPages
                                            ? Connection::Readers::ignore
                                            : Connection::Readers::wait_for));
}

Result<std::vector<CollectionRecord>> SqliteTruth::collections() const {
  return read([](Connection& connection) { return read_collections(connection); });
}

Result<std::optional<CollectionRecord>> SqliteTruth::find_collection(std::string_view name) const {
  return read([&](Connection& connection) { return saerok::find_collection(connection, name); });
}

Result<CollectionRecord> SqliteTruth::put_collection(const CollectionRecord& record) {
  return write([&](Connection& connection) { return saerok::put_collection(connection, record); });
}

Status SqliteTruth::remove_collection(CollectionId collection) {
  return write(
      [&](Connection& connection) { return saerok::remove_collection(connection, collection); });
}

Result<std::vector<std::string>> SqliteTruth::named_roots(CollectionId collection) const {
  return read([&](Connection& connection) { return read_named_roots(connection, collection); });
}

Status SqliteTruth::change_named_roots(CollectionId collection, std::span<const std::string> added,
                                       std::span<const std::string> removed) {
  return write([&](Connection& connection) {
    return saerok::change_named_roots(connection, collection, added, removed);
  });
}

Result<std::vector<SourceRecord>> SqliteTruth::sources(CollectionId collection) const {
  return read([&](Connection& connection) { return read_sources(connection, collection); });
}

Result<std::vector<DocumentKey>> SqliteTruth::documents_of(SourceId source) const {
  return read([&](Connection& connection) { return read_documents(connection, source); });
}

Result<CollectionCounts> SqliteTruth::counts(CollectionId collection) const {
  return read([&](Connection& connection) { return read_counts(connection, collection); });
}

Result<CommitReceipt> SqliteTruth::commit(CollectionId collection, const WriteBatch& batch) {
  return write([&](Connection& connection) { return commit_batch(connection, collection, batch); });
}

Result<std::vector<ChunkId>> SqliteTruth::pending(CollectionId collection, SegmentKind kind,
                                                  ChunkId after, std::size_t limit) const {
  return read([&](Connection& connection) {
    return read_pending(connection, collection, kind, after, limit);
  });
}

Result<std::vector<ChunkId>> SqliteTruth::pending_newest_first(CollectionId collection,
                                                               SegmentKind kind) const {
  return read([&](Connection& connection) {
    return read_pending_newest_first(connection, collection, kind);
  });
}

Result<std::vector<ChunkId>> SqliteTruth::chunks_of(SegmentId segment) const {
  return read([&](Connection& connection) { return read_chunks_of(connection, segment); });
}

Result<std::vector<StoredChunk>> SqliteTruth::fetch(std::span<const ChunkId> chunks) const {
  return read([&](Connection& connection) { return fetch_chunks(connection, chunks); });
}

Result<std::vector<ChunkId>> SqliteTruth::find_document(CollectionId collection,
                                                        std::string_view document_id) const {
  return read([&](Connection& connection) {
    return find_document_chunks(connection, collection, document_id);
  });
}

Result<Manifest> SqliteTruth::manifest(CollectionId collection) const {
  return read([&](Connection& connection) { return read_manifest(connection, collection); });
}

Result<std::vector<std::string>> SqliteTruth::segment_files() const {
  return read([](Connection& connection) { return read_segment_files(connection); });
}

Result<std::vector<std::string>> SqliteTruth::check() const {
  auto problems = read([](Connection& connection) { return check_database(connection); });
  // Too damaged to be looked at any further is what was asked for, not a failure to look.
  if (problems || problems.error().code != ErrorCode::corrupt) return problems;
  return std::vector{problems.error().message};
}

Result<SegmentId> SqliteTruth::reserve_segment_id() {
  return write([](Connection& connection) -> Result<SegmentId> {
    const std::uint64_t next = TRY(last_number(connection, "segment")) + 1;
    TRY(set_last_number(connection, "segment", next));
    return SegmentId{next};
  });
}

Status SqliteTruth::publish(CollectionId collection, const ManifestChange& change) {
  return write(
      [&](Connection& connection) { return publish_segments(connection, collection, change); });
}

Result<LabelId> SqliteTruth::add_label(CollectionId collection, const LabelRecord& label) {
  return write([&](Connection& connection) { return insert_label(connection, collection, label); });
}

Result<std::vector<LabelRecord>> SqliteTruth::labels(CollectionId collection) const {
  return read([&](Connection& connection) { return read_labels(connection, collection); });
}

Status SqliteTruth::remove_label(LabelId label) {
  return write([&](Connection& connection) { return delete_label(connection, label); });
}

Result<std::vector<ConversationSummary>> SqliteTruth::conversations(CollectionId collection) const {
  return read([&](Connection& connection) { return read_conversations(connection, collection); });
}

Result<ConversationId> SqliteTruth::add_conversation(CollectionId collection,
                                                     std::span<const StoredTurn> turns) {
  return write(
      [&](Connection& connection) { return insert_conversation(connection, collection, turns); });
}

Status SqliteTruth::append_turns(ConversationId conversation, std::span<const StoredTurn> turns) {
  return write([&](Connection& connection) {
    return append_to_conversation(connection, conversation, turns);
  });
}

Status SqliteTruth::replace_turns(ConversationId conversation, TurnRange last,
                                  std::span<const StoredTurn> turns) {
  return write([&](Connection& connection) {
    return replace_end_of_conversation(connection, conversation, last, turns);
  });
}

Result<std::vector<StoredTurn>> SqliteTruth::turns(ConversationId conversation) const {
  return read([&](Connection& connection) { return read_turns(connection, conversation); });
}

Status SqliteTruth::remove_conversation(ConversationId conversation) {
  return write(
      [&](Connection& connection) { return delete_conversation(connection, conversation); });
}

}  // namespace saerok
