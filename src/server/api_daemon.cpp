// The daemon itself: health, the way into the page, metrics, its own description, its end.

#include "base/process_memory.h"
#include "server/context.h"
#include "server/openapi.h"
#include "server/problem.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

Result<Response> open_session(Context& context, const Request& request) {
  const Json members = TRY(members_of(request));
  const std::string code = find_text(members, "code").value_or("");
  if (context.codes.take(code)) return reply({{"token", context.token.reveal()}});
  return problem(Refusal::unauthenticated,
                 "this link was used already or is older than ten minutes; `saerok open` makes a "
                 "new one");
}

/// A link that opens the page once. For the user's own programs: over the socket, or with the
/// token.
Result<Response> make_link(Context& context) {
  const Json answer = {{"url", page_link(context)}};
  return reply(answer, 201);
}

Result<Response> metrics(Context& context) {
  std::size_t waiting = 0;
  for (const JobStatus& job : context.jobs.list()) {
    if (!job.is_final()) ++waiting;
  }
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - context.started;
  return Response{.status = 200,
                  .content_type = "text/plain; version=0.0.4; charset=utf-8",
                  .body = context.metrics.print({.connections = context.connections(),
                                                 .jobs_waiting = waiting,
                                                 .resident_bytes = resident_memory_bytes(),
                                                 .uptime_s = uptime.count()}),
                  .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

void add_daemon_routes(Router& router, Context& context) {
  router.add(
      "GET", "/healthz", Access::open,
      [&context](Exchange&, const PathValues&) -> Result<Response> {
        return reply({{"status", "ok"}, {"version", version()}, {"auth", !context.token.empty()}});
      });
  router.add("POST", "/v1/saerok/session", Access::open,
             [&context](Exchange& exchange, const PathValues&) {
               return open_session(context, exchange.request());
             });
  router.add("POST", "/v1/saerok/links",
             [&context](Exchange&, const PathValues&) { return make_link(context); });
  router.add("GET", "/metrics",
             [&context](Exchange&, const PathValues&) { return metrics(context); });
  router.add("GET", "/v1/saerok/openapi.json",
             [](Exchange&, const PathValues&) -> Result<Response> {
               return Response{.status = 200,
                               .content_type = "application/json",
                               .body = std::string(openapi_document()),
                               .headers = {}};
             });
  router.add("POST", "/v1/saerok/shutdown",
             [&context](Exchange& exchange, const PathValues&) -> Result<Response> {
               if (exchange.request().carrier != Carrier::unix_socket) {
                 return problem(Refusal::forbidden,
                                "the daemon is ended on the command line: saerok serve --stop");
               }
               context.stop();
               return reply({{"status", "stopping"}}, 202);
             });
}

}  // namespace saerok::server
