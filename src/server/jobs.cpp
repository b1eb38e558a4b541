#include "server/jobs.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "server/problem.h"
#include "wire/progress_rate.h"
#include "wire/response_json.h"

namespace saerok::server {
namespace {

constexpr std::size_t kWaitingMax = 100;
constexpr std::size_t kRememberedMax = 50;
constexpr int kLowNice = 10;
constexpr int kIdleNice = 19;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::int64_t now_s() { return wall_clock_ns() / kNanosecondsPerSecond; }

/// Searches come first. Linux gives each thread a priority of its own, which the model worker that
/// it starts inherits. SCHED_BATCH and SCHED_IDLE also keep it from interrupting what answers a
/// question; every process may step back so far without a right to it.
void set_priority(IndexingPriority priority) {
  if (priority == IndexingPriority::normal) return;
  const bool is_idle = priority == IndexingPriority::idle;
  const sched_param none{};
  sched_setscheduler(0, is_idle ? SCHED_IDLE : SCHED_BATCH, &none);
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), is_idle ? kIdleNice : kLowNice);
}

/// Whole: more digits of a guess say nothing.
Json number_or_null(std::optional<double> value) {
  return value ? Json(static_cast<std::uint64_t>(std::llround(*value))) : Json(nullptr);
}

/// The second part's figures beside the first's.
void add_vectors(IngestReport& text, IngestReport vectors) {
  text.chunk_vectors += vectors.chunk_vectors;
  text.window_vectors += vectors.window_vectors;
  text.pending_chunk_vectors = vectors.pending_chunk_vectors;
  text.pending_window_vectors = vectors.pending_window_vectors;
  text.tokens_embedded += vectors.tokens_embedded;
  text.embed_seconds += vectors.embed_seconds;
  std::ranges::move(vectors.warnings, std::back_inserter(text.warnings));
}

}  // namespace

std::string_view name_of(JobState state) {
  switch (state) {
    case JobState::queued: return "queued";
    case JobState::running: return "running";
    case JobState::done: return "done";
    case JobState::failed: return "failed";
    case JobState::cancelled: return "cancelled";
  }
  return "";
}

Json to_json(const JobStatus& job) {
  const ProgressRate rate = job.state != JobState::running ? ProgressRate{}
                                                           : rate_of({.stage = job.stage,
                                                                      .done = job.done,
                                                                      .total = job.total,
                                                                      .unit = job.unit,
                                                                      .tokens = job.tokens,
                                                                      .seconds = job.seconds});
  return {{"id", job.id},
          {"kind", "index"},
          {"collection", job.collection},
          {"is_automatic", job.is_automatic},
          {"state", name_of(job.state)},
          {"stage", job.stage},
          {"done", job.done},
          {"total", job.total},
          {"unit", job.unit},
          {"tokens", job.tokens},
          {"stage_ms", static_cast<std::uint64_t>(job.seconds * 1'000)},
          {"tokens_per_s", number_or_null(rate.tokens_per_s)},
          {"seconds_left", number_or_null(rate.seconds_left)},
          {"created_s", job.created_s},
          {"finished_s", job.finished_s ? Json(*job.finished_s) : Json(nullptr)},
          {"error", job.error ? problem_document(*job.error) : Json(nullptr)},
          {"report", job.report ? to_json(*job.report) : Json(nullptr)}};
}

Jobs::Jobs(Ingest ingest, IndexingPriority priority) : ingest_(std::move(ingest)) {
  worker_ =
      std::jthread([this, priority](const std::stop_token& ending) { run(ending, priority); });
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    worker_.request_stop();
    for (auto& [id, entry] : entries_) entry.stop.request_stop();
  }
  changed_.notify_all();
}

Result<std::uint64_t> Jobs::submit(IndexJob job) {
  const std::lock_guard lock(mutex_);
  std::size_t waiting = 0;
  for (auto& [id, entry] : entries_) {
    if (entry.status.is_final() || &entry == running_) continue;
    ++waiting;
    const bool can_join = job.is_automatic && entry.job.is_automatic && !entry.has_text &&
                          entry.job.collection == job.collection;
    if (!can_join) continue;
    for (std::string& root : job.request.roots) {
      auto& roots = entry.job.request.roots;
      if (std::ranges::find(roots, root) == roots.end()) roots.push_back(std::move(root));
    }
    return id;
  }
  if (waiting >= kWaitingMax) {
    return Error{ErrorCode::too_many,
                 std::to_string(waiting) + " jobs are waiting; try again when some are done"};
  }
  const std::uint64_t id = ++last_id_;
  Entry& entry = entries_[id];
  entry.status = {.id = id,
                  .collection = job.collection,
                  .is_automatic = job.is_automatic,
                  .state = JobState::queued,
                  .stage = {},
                  .unit = {},
                  .created_s = now_s(),
                  .finished_s = std::nullopt,
                  .error = std::nullopt,
                  .report = std::nullopt};
  entry.job = std::move(job);
  stop_vectors();
  while (entries_.size() > kRememberedMax && entries_.begin()->second.status.is_final()) {
    entries_.erase(entries_.begin());
  }
  touch(entry);
  return id;
}

std::vector<JobStatus> Jobs::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<JobStatus> all;
  for (auto at = entries_.rbegin(); at != entries_.rend(); ++at) all.push_back(at->second.status);
  return all;
}

Result<JobStatus> Jobs::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at != entries_.end()) return at->second.status;
  return Error{ErrorCode::not_found, "there is no job " + std::to_string(id) + "; the last " +
                                         std::to_string(kRememberedMax) + " are remembered"};
}

Status Jobs::cancel(std::uint64_t id) {
  TRY(find(id));
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(id);
  if (entry.status.is_final()) {
    return Error{ErrorCode::failed_precondition,
                 "job " + std::to_string(id) + " has ended already"};
  }
  entry.is_cancelled = true;
  entry.stop.request_stop();
  if (&entry != running_) {
    entry.status.state = JobState::cancelled;
    entry.status.finished_s = now_s();
  }
  touch(entry);
  return {};
}

Result<JobStatus> Jobs::wait(std::uint64_t id, std::uint64_t change,
                             std::chrono::milliseconds longest, const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  const auto has_changed = [&] {
    const auto at = entries_.find(id);
    return at == entries_.end() || at->second.status.change != change;
  };
  changed_.wait_for(lock, stop, longest, has_changed);
  lock.unlock();
  return find(id);
}

bool Jobs::is_idle() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(entries_,
                             [](const auto& entry) { return entry.second.status.is_final(); });
}

Jobs::Room::Room(Jobs& jobs) : jobs_(jobs) {
  const std::lock_guard lock(jobs_.mutex_);
  ++jobs_.rooms_;
  jobs_.stop_vectors();
}

Jobs::Room::~Room() {
  {
    const std::lock_guard lock(jobs_.mutex_);
    --jobs_.rooms_;
  }
  jobs_.changed_.notify_all();
}

void Jobs::stop_vectors() {
  if (running_ != nullptr && running_->has_text) running_->stop.request_stop();
}

void Jobs::touch(Entry& entry) {
  ++entry.status.change;
  changed_.notify_all();
}

/// Text before vectors; among equals the oldest.
Jobs::Entry* Jobs::next() {
  Entry* vectors = nullptr;
  for (auto& [id, entry] : entries_) {
    if (entry.status.is_final()) continue;
    if (!entry.has_text) return &entry;
    if (vectors == nullptr && rooms_ == 0) vectors = &entry;
  }
  return vectors;
}

bool Jobs::has_waiting_vectors(const std::string& collection, const Entry* besides) const {
  return std::ranges::any_of(entries_, [&](const auto& one) {
    const Entry& entry = one.second;
    return &entry != besides && entry.has_text && !entry.status.is_final() && !entry.is_cancelled &&
           entry.job.collection == collection;
  });
}

void Jobs::run(const std::stop_token& ending, IndexingPriority priority) {
  set_priority(priority);
  std::unique_lock lock(mutex_);
  while (!ending.stop_requested()) {
    Entry* const entry = next();
    if (entry == nullptr) {
      changed_.wait(lock, ending, [this] { return next() != nullptr; });
      continue;
    }
    running_ = entry;
    run_part(*entry, lock);
    running_ = nullptr;
    changed_.notify_all();
  }
}

void Jobs::run_part(Entry& entry, std::unique_lock<std::mutex>& lock) {
  const bool is_text = !entry.has_text;
  IngestRequest request = entry.job.request;
  request.embed = !is_text;
  if (!is_text) {
    request.rebuild = false;
    request.reads_files = false;  // What was forgotten meanwhile would come back.
  }
  entry.stop = {};
  entry.status.state = JobState::running;
  touch(entry);
  const CallContext call{.stop = entry.stop.get_token(), .deadline = std::nullopt};
  const std::string collection = entry.job.collection;
  const auto progress = [&](const Progress& now) {
    const std::lock_guard inner(mutex_);
    if (entry.status.stage == now.stage && entry.status.done == now.done &&
        entry.status.tokens == now.tokens) {
      return;
    }
    entry.status.stage = now.stage;
    entry.status.done = now.done;
    entry.status.total = now.total;
    entry.status.unit = now.unit;
    entry.status.tokens = now.tokens;
    entry.status.seconds = now.seconds;
    touch(entry);
  };
  lock.unlock();
  auto outcome = ingest_(collection, request, progress, call);
  lock.lock();
  finish(entry, std::move(outcome), is_text);
}

void Jobs::finish(Entry& entry, Result<IngestReport> outcome, bool was_text) {
  JobStatus& status = entry.status;
  const bool was_stopped = entry.stop.stop_requested();
  const auto end_as = [&](JobState state) {
    status.state = state;
    status.finished_s = now_s();
  };
  if (outcome) {
    if (was_text || !status.report) status.report = std::move(*outcome);
    else add_vectors(*status.report, std::move(*outcome));
  }
  if (entry.is_cancelled) {
    end_as(JobState::cancelled);
  } else if (!outcome && !(was_stopped && outcome.error().code == ErrorCode::cancelled)) {
    status.error = outcome.error();
    end_as(JobState::failed);
  } else if (was_stopped) {
    status.state = JobState::queued;  // For a job whose text waits; its turn comes again.
    if (status.report)
      std::erase_if(status.report->warnings,
                    [](const std::string& warning) { return warning.starts_with("stopped;"); });
  } else if (was_text && entry.job.request.embed && entry.job.request.vectors_file.empty()) {
    // Ready-made vectors were taken with the text.
    entry.has_text = true;
    // A job that waits to make vectors makes those of the whole collection: one is enough, or every
    // note that is saved meanwhile would add one.
    if (entry.job.is_automatic && has_waiting_vectors(entry.job.collection, &entry)) {
      end_as(JobState::done);
    } else {
      status.state = JobState::queued;
    }
  } else {
    end_as(JobState::done);
  }
  touch(entry);
}

}  // namespace saerok::server
