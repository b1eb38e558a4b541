/// Work that outlives the request that asked for it: one at a time, in the background, with
/// progress that others can watch. An index job has two parts, because text takes seconds and
/// vectors take minutes: a job whose text waits goes before one that makes vectors, which is
/// stopped for it and goes on afterwards (nothing that was done is lost).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "saerok/call_context.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok::server {

enum class JobState : std::uint8_t { queued, running, done, failed, cancelled };
std::string_view name_of(JobState state);

struct IndexJob {
  std::string collection;
  IngestRequest request;
  bool is_automatic = false;  ///< Because files changed, not because somebody asked.
};

/// A job as it stands; a copy.
struct JobStatus {
  std::uint64_t id = 0;
  std::string collection;
  bool is_automatic = false;
  JobState state = JobState::queued;
  std::string stage;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::string unit;
  std::uint64_t tokens = 0;  ///< Embedded in this stage.
  double seconds = 0;        ///< That the stage has taken, where it is measured.
  std::int64_t created_s = 0;
  std::optional<std::int64_t> finished_s;
  std::optional<Error> error;
  std::optional<IngestReport> report;
  std::uint64_t change = 0;  ///< Grows with every change of this job.

  bool is_final() const { return state > JobState::running; }
};

Json to_json(const JobStatus& job);

/// Safe from several threads.
class Jobs {
 public:
  using Ingest =
      std::function<Result<IngestReport>(const std::string& collection, const IngestRequest&,
                                         const ProgressSink&, const CallContext&)>;

  /// `ingest` is called on a thread of that priority, one call at a time; processes that it starts
  /// have the same.
  explicit Jobs(Ingest ingest, IndexingPriority priority = IndexingPriority::low);
  /// Stops what runs and forgets what waits.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// An automatic job that is waiting already takes the new one's roots. Errors: too_many.
  Result<std::uint64_t> submit(IndexJob job);
  /// Newest first.
  std::vector<JobStatus> list() const;
  /// Errors: not_found.
  Result<JobStatus> find(std::uint64_t id) const;
  /// Errors: not_found; failed_precondition where it has ended.
  Status cancel(std::uint64_t id);
  /// Waits until the job has changed since `change`, for at most as long; what it is then.
  Result<JobStatus> wait(std::uint64_t id, std::uint64_t change, std::chrono::milliseconds longest,
                         const std::stop_token& stop) const;
  bool is_idle() const;

  /// While one lives no vectors are made: whoever changes the index by a request is not to wait for
  /// hours. What was being made is stopped, and goes on afterwards.
  class Room {
   public:
    explicit Room(Jobs& jobs);
    ~Room();
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

   private:
    Jobs& jobs_;
  };

 private:
  struct Entry {
    IndexJob job;
    JobStatus status;
    bool has_text = false;  ///< The first part is done.
    bool is_cancelled = false;
    std::stop_source stop;
  };

  void run(const std::stop_token& ending, IndexingPriority priority);
  Entry* next();
  void run_part(Entry& entry, std::unique_lock<std::mutex>& lock);
  void finish(Entry& entry, Result<IngestReport> outcome, bool was_text);
  void touch(Entry& entry);
  bool has_waiting_vectors(const std::string& collection, const Entry* besides) const;
  /// They make room for what cannot wait. With the lock held.
  void stop_vectors();

  Ingest ingest_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t last_id_ = 0;
  Entry* running_ = nullptr;
  std::size_t rooms_ = 0;
  std::jthread worker_;
};

}  // namespace saerok::server
