// Jobs with an ingest that the test holds by the hand: no clock decides what happens.

#include "server/jobs.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <semaphore>

#include "base/subprocess.h"

namespace saerok::server {
namespace {

/// An ingest that reports each call and goes on when it is told to.
class HeldIngest {
 public:
  struct Call {
    std::string root;
    bool embeds;
  };

  Result<IngestReport> operator()(const std::string&, const IngestRequest& request,
                                  const ProgressSink& progress, const CallContext& call) {
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back({request.roots.front(), request.embed});
    }
    progress({.stage = request.embed ? "embed chunks" : "index",
              .done = 1,
              .total = 2,
              .unit = "files"});
    started_.release();
    const std::stop_callback wake(call.stop, [this] { go_on_.release(); });
    go_on_.acquire();
    IngestReport report;
    if (request.embed) report.chunk_vectors = 5;
    else report.files_indexed = 3;
    if (call.stop.stop_requested()) {
      if (!request.embed) return Error{ErrorCode::cancelled, "stopped on request"};
      report.warnings.push_back("stopped; what was done is kept");
    }
    if (fails_) return Error{ErrorCode::unavailable, "the disk is gone"};
    return report;
  }

  void wait_for_start() { started_.acquire(); }
  void go_on() { go_on_.release(); }
  void fail() { fails_ = true; }
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const Call& call : calls_)
      names.push_back(call.root + (call.embeds ? " vectors" : " text"));
    return names;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Call> calls_;
  std::counting_semaphore<> started_{0};
  std::counting_semaphore<> go_on_{0};
  std::atomic<bool> fails_ = false;
};

IndexJob job_of(const std::string& root, bool is_automatic = false) {
  IndexJob job;
  job.collection = "default";
  job.request.roots = {root};
  job.is_automatic = is_automatic;
  return job;
}

struct JobsTest : testing::Test {
  HeldIngest ingest;
  Jobs jobs{[this](const std::string& collection, const IngestRequest& request,
                   const ProgressSink& progress, const CallContext& call) {
    return ingest(collection, request, progress, call);
  }};

  JobStatus end_of(std::uint64_t id) {
    JobStatus status = jobs.find(id).value();
    while (!status.is_final()) {
      status = jobs.wait(id, status.change, std::chrono::seconds(10), {}).value();
    }
    return status;
  }
};

TEST_F(JobsTest, TextIsReadFirstAndThenVectorsAreMade) {
  const auto id = jobs.submit(job_of("a"));
  ASSERT_TRUE(id);
  ingest.wait_for_start();
  EXPECT_EQ(jobs.find(*id)->stage, "index");
  EXPECT_FALSE(jobs.is_idle());
  ingest.go_on();
  ingest.wait_for_start();
  ingest.go_on();
  const JobStatus ended = end_of(*id);
  EXPECT_EQ(ended.state, JobState::done);
  EXPECT_EQ(ended.report->files_indexed, 3u);
  EXPECT_EQ(ended.report->chunk_vectors, 5u);
  EXPECT_TRUE(ended.finished_s.has_value());
  EXPECT_EQ(ingest.calls(), (std::vector<std::string>{"a text", "a vectors"}));
  EXPECT_TRUE(jobs.is_idle());
}

TEST_F(JobsTest, VectorsMakeRoomForTextAndGoOnAfterwards) {
  const auto first = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  ingest.go_on();
  ingest.wait_for_start();  // The vectors of a; the next job stops them.
  const auto second = jobs.submit(job_of("b")).value();
  ingest.wait_for_start();
  EXPECT_EQ(ingest.calls().back(), "b text");
  EXPECT_EQ(jobs.find(first)->state, JobState::queued);
  ingest.go_on();
  for (int i = 0; i < 2; ++i) {
    ingest.wait_for_start();
    ingest.go_on();
  }
  EXPECT_EQ(end_of(first).state, JobState::done);
  EXPECT_TRUE(end_of(first).report->warnings.empty()) << "a pause is no warning";
  EXPECT_EQ(end_of(second).state, JobState::done);
}

TEST_F(JobsTest, VectorsMakeRoomForARequestAndGoOnAfterwards) {
  const auto id = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  ingest.go_on();
  ingest.wait_for_start();  // The vectors of a.
  {
    const Jobs::Room room(jobs);
    JobStatus status = jobs.find(id).value();
    while (status.state != JobState::queued) {
      status = jobs.wait(id, status.change, std::chrono::seconds(10), {}).value();
    }
    EXPECT_EQ(ingest.calls().size(), 2u) << "none is begun while there is to be room";
  }
  ingest.wait_for_start();
  ingest.go_on();
  EXPECT_EQ(end_of(id).state, JobState::done);
  EXPECT_EQ(ingest.calls(), (std::vector<std::string>{"a text", "a vectors", "a vectors"}));
}

TEST_F(JobsTest, NotesSavedWhileVectorsWaitDoNotPileUp) {
  const auto first = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  ingest.go_on();
  ingest.wait_for_start();  // The vectors of a, which each saved note stops.
  for (int i = 0; i < 3; ++i) {
    const auto saved = jobs.submit(job_of("b", true)).value();
    ingest.wait_for_start();
    EXPECT_EQ(ingest.calls().back(), "b text");
    ingest.go_on();
    EXPECT_EQ(end_of(saved).state, JobState::done);
    ingest.wait_for_start();
    EXPECT_EQ(ingest.calls().back(), "a vectors");
  }
  ingest.go_on();
  EXPECT_EQ(end_of(first).state, JobState::done);
  EXPECT_TRUE(jobs.is_idle());
}

TEST_F(JobsTest, CancelledJobKeepsWhatItDid) {
  const auto id = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  ingest.go_on();
  ingest.wait_for_start();
  ASSERT_TRUE(jobs.cancel(id));
  const JobStatus ended = end_of(id);
  EXPECT_EQ(ended.state, JobState::cancelled);
  EXPECT_EQ(ended.report->files_indexed, 3u);
  EXPECT_EQ(jobs.cancel(id).error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(jobs.cancel(99).error().code, ErrorCode::not_found);
}

TEST_F(JobsTest, WaitingJobIsCancelledAtOnce) {
  const auto first = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  const auto second = jobs.submit(job_of("b")).value();
  ASSERT_TRUE(jobs.cancel(second));
  EXPECT_EQ(jobs.find(second)->state, JobState::cancelled);
  ASSERT_TRUE(jobs.cancel(first));
  EXPECT_EQ(end_of(first).state, JobState::cancelled);
  EXPECT_EQ(ingest.calls(), (std::vector<std::string>{"a text"}));
}

TEST_F(JobsTest, FailureIsTheJobsOwn) {
  ingest.fail();
  const auto id = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  ingest.go_on();
  const JobStatus ended = end_of(id);
  EXPECT_EQ(ended.state, JobState::failed);
  EXPECT_EQ(ended.error->message, "the disk is gone");
}

TEST_F(JobsTest, ChangesThatComeWhileOneWaitsJoinIt) {
  const auto busy = jobs.submit(job_of("a")).value();
  ingest.wait_for_start();
  const auto first = jobs.submit(job_of("b", true)).value();
  EXPECT_EQ(jobs.submit(job_of("c", true)).value(), first);
  EXPECT_EQ(jobs.submit(job_of("b", true)).value(), first);
  EXPECT_NE(jobs.submit(job_of("b", false)).value(), first) << "somebody asked for this one";
  EXPECT_EQ(jobs.list().size(), 3u);
  ASSERT_TRUE(jobs.cancel(busy));
  end_of(busy);
}

TEST(Jobs, EndingStopsWhatRuns) {
  HeldIngest ingest;
  {
    Jobs jobs([&](const std::string& collection, const IngestRequest& request,
                  const ProgressSink& progress,
                  const CallContext& call) { return ingest(collection, request, progress, call); });
    ASSERT_TRUE(jobs.submit(job_of("a")));
    ingest.wait_for_start();
  }
  EXPECT_EQ(ingest.calls().size(), 1u);
}

/// Scheduling policy and nice value, of the thread or process of that id.
std::pair<int, int> priority_of(pid_t id) {
  return {sched_getscheduler(id), getpriority(PRIO_PROCESS, static_cast<id_t>(id))};
}

TEST(Jobs, TheirThreadAndTheProcessesItStartsStepBackAsFarAsTheSettingSays) {
  const int own = getpriority(PRIO_PROCESS, 0);
  const std::vector<std::pair<IndexingPriority, std::pair<int, int>>> expected{
      {IndexingPriority::normal, {sched_getscheduler(0), own}},
      {IndexingPriority::low, {SCHED_BATCH, 10}},
      {IndexingPriority::idle, {SCHED_IDLE, 19}}};
  for (const auto& [priority, wanted] : expected) {
    std::pair<int, int> thread, child;
    std::binary_semaphore looked{0};
    Jobs jobs(
        [&](const std::string&, const IngestRequest&, const ProgressSink&,
            const CallContext&) -> Result<IngestReport> {
          thread = priority_of(static_cast<pid_t>(syscall(SYS_gettid)));
          auto started = Subprocess::start({.arguments = {"cat"}});
          if (started) child = priority_of(started->pid());
          looked.release();
          return IngestReport{};
        },
        priority);
    IndexJob job = job_of("a");
    job.request.embed = false;
    ASSERT_TRUE(jobs.submit(std::move(job)));
    looked.acquire();
    EXPECT_EQ(thread, wanted) << static_cast<int>(priority);
    EXPECT_EQ(child, wanted) << static_cast<int>(priority);
  }
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), own) << "whoever answers stays as it was";
}

TEST(Jobs, ARunningStageSaysHowFastItIsAndHowLongItWillTake) {
  JobStatus job;
  job.state = JobState::running;
  job.stage = "embed chunks";
  job.done = 25;
  job.total = 100;
  job.tokens = 12'000;
  job.seconds = 10;
  Json json = to_json(job);
  EXPECT_EQ(json["tokens"], 12'000);
  EXPECT_EQ(json["stage_ms"], 10'000);
  EXPECT_EQ(json["tokens_per_s"], 1'200);
  EXPECT_EQ(json["seconds_left"], 30);
  job.seconds = 0.5;
  json = to_json(job);
  EXPECT_TRUE(json["tokens_per_s"].is_null()) << "half a second says nothing";
  EXPECT_TRUE(json["seconds_left"].is_null());
  job.seconds = 10;
  job.state = JobState::done;
  EXPECT_TRUE(to_json(job)["seconds_left"].is_null());
}

}  // namespace
}  // namespace saerok::server
