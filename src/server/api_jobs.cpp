// Work in the background: asked for, watched, stopped.

#include <filesystem>

#include "server/context.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

constexpr std::chrono::seconds kLongestWait{10};
/// Progress is for people; more events than this a second are not.
constexpr std::chrono::milliseconds kEventPause{100};
constexpr std::size_t kRootsMax = 1'000;

Result<std::vector<std::string>> known_roots(Context& context, const std::string& collection) {
  const auto named = TRY(context.engine.get()->named_roots());
  const auto known = named.find(collection);
  if (known != named.end() && !known->second.empty()) return known->second;
  if (known != named.end()) {
    return Error{ErrorCode::failed_precondition,
                 "it is not known what was given to be indexed; run `saerok index PATH` once"};
  }
  return Error{ErrorCode::not_found,
               "there is no collection \"" + collection + "\"; `saerok index PATH` makes one"};
}

Result<Response> submit(Context& context, const Request& request) {
  const Json members = TRY(members_of(request));
  RequestReader reader(members);
  static constexpr std::string_view kKinds[] = {"index"};
  reader.choice("kind", kKinds, 0);
  IndexJob job;
  job.collection = reader.text("collection", "default");
  job.request.rebuild = reader.flag("rebuild", false);
  job.request.embed = reader.flag("embed", true);
  job.request.roots = reader.texts("roots", kRootsMax);
  job.request.vectors_file = reader.text("vectors_file");
  TRY(reader.status());
  const bool names_files = !job.request.roots.empty() || !job.request.vectors_file.empty();
  // Whoever has the token over the network, or a page in the browser, may not choose what is read.
  if (names_files && request.carrier != Carrier::unix_socket) {
    return Error{ErrorCode::invalid_argument,
                 "paths to index are named on the command line only: saerok index PATH"};
  }
  for (const std::string& root : job.request.roots) {
    if (!std::filesystem::path(root).is_absolute()) {
      return Error{ErrorCode::invalid_argument, "\"roots\" are absolute paths, not " + root};
    }
  }
  if (job.request.roots.empty()) job.request.roots = TRY(known_roots(context, job.collection));
  const std::uint64_t id = TRY(context.jobs.submit(std::move(job)));
  return reply(to_json(TRY(context.jobs.find(id))), 202);
}

/// One event a change, the last of a final state.
Result<Response> watch(Context& context, Exchange& exchange, std::uint64_t id) {
  JobStatus job = TRY(context.jobs.find(id));
  const Response head = event_stream();
  exchange.begin_stream(head);
  bool is_listening = exchange.send(event("job", to_json(job)));
  while (is_listening && !job.is_final() && !exchange.stop().stop_requested()) {
    auto now = context.jobs.wait(id, job.change, kLongestWait, exchange.stop());
    if (!now) break;
    if (now->change == job.change) continue;
    job = std::move(*now);
    is_listening = exchange.send(event("job", to_json(job)));
    if (job.is_final()) break;
    // A second wait that only the clock or the peer's going ends.
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any pause;
    pause.wait_for(lock, exchange.stop(), kEventPause, [] { return false; });
  }
  return head;
}

}  // namespace

void add_job_routes(Router& router, Context& context) {
  router.add("POST", "/v1/saerok/jobs", [&context](Exchange& exchange, const PathValues&) {
    return submit(context, exchange.request());
  });
  router.add("GET", "/v1/saerok/jobs",
             [&context](Exchange&, const PathValues&) -> Result<Response> {
               Json jobs = Json::array();
               for (const JobStatus& job : context.jobs.list()) jobs.push_back(to_json(job));
               return reply({{"jobs", std::move(jobs)}});
             });
  router.add("GET", "/v1/saerok/jobs/{id}",
             [&context](Exchange&, const PathValues& values) -> Result<Response> {
               const std::uint64_t id = TRY(number_in(values, "id"));
               return reply(to_json(TRY(context.jobs.find(id))));
             });
  router.add("GET", "/v1/saerok/jobs/{id}/events",
             [&context](Exchange& exchange, const PathValues& values) -> Result<Response> {
               return watch(context, exchange, TRY(number_in(values, "id")));
             });
  router.add("DELETE", "/v1/saerok/jobs/{id}",
             [&context](Exchange&, const PathValues& values) -> Result<Response> {
               const std::uint64_t id = TRY(number_in(values, "id"));
               TRY(context.jobs.cancel(id));
               return reply(to_json(TRY(context.jobs.find(id))), 202);
             });
}

}  // namespace saerok::server
