#include "server/daemon.h"

#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>

#include "server/context.h"
#include "server/daemon_files.h"
#include "server/guard.h"
#include "server/problem.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

void add_all_routes(Router& router, Context& context) {
  add_daemon_routes(router, context);
  add_page_routes(router, context);
  add_search_routes(router, context);
  add_ask_routes(router, context);
  add_library_routes(router, context);
  add_document_routes(router, context);
  add_job_routes(router, context);
  add_setting_routes(router, context);
  add_lab_routes(router, context);
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

class RunningDaemon final : public Daemon, private Service {
 public:
  RunningDaemon(DaemonOptions options, Engine engine, DaemonLock lock, Secret token)
      : lock_(std::move(lock)),
        live_(std::move(engine), options.sources, options.config_file),
        context_(
            live_,
            [this](const std::string& collection, const IngestRequest& request,
                   const ProgressSink& progress,
                   const CallContext& call) { return ingest(collection, request, progress, call); },
            options.engine.settings.serve.indexing) {
    context_.store = options.engine.store;
    context_.models_directory = options.engine.models_directory;
    context_.worker_program = options.engine.worker_program;
    context_.lab_folder = options.lab_folder;
    context_.token = std::move(token);
    context_.stop = [this] { stop(); };
    context_.connections = [this] { return listener_->connections(); };
    add_all_routes(router_, context_);
  }

  ~RunningDaemon() override { context_.watcher.reset(); }

  Status open(const DaemonOptions& options, const std::string& socket) {
    const ServeSettings& settings = options.engine.settings.serve;
    const TlsFiles tls{.certificate = settings.tls_certificate, .key = settings.tls_key};
    listener_ = TRY(Listener::open({.port = static_cast<std::uint16_t>(settings.port),
                                    .tls = tls,
                                    .names = words_of(settings.hosts),
                                    .socket_path = socket,
                                    .limits = options.limits},
                                   *this));
    context_.port = listener_->port();
    context_.origin = listener_->origin();
    guard_.emplace(GuardOptions{.port = context_.port,
                                .token = context_.token,
                                .hosts = words_of(settings.hosts),
                                .origins = words_of(settings.origins),
                                .has_tls = !tls.empty()});
    if (settings.watch == Switch::on) start_watching();
    return {};
  }

  std::uint16_t port() const override { return context_.port; }

  std::string make_link() override { return page_link(context_); }

  void run() override { listener_->run(); }

  void stop() override {
    const std::lock_guard lock(stop_mutex_);
    if (is_stopping_) return;
    is_stopping_ = true;
    listener_->stop();
  }

 private:
  std::optional<Response> check_head(const Request& head) override {
    auto refused = guard_->check_address(head);
    if (!refused && head.method == "OPTIONS") refused = guard_->preflight(head);
    if (!refused && head.path.empty()) {
      refused = problem_of_status(400, "the request's target is malformed");
    }
    if (!refused) {
      const Router::Match match = router_.find(head.method, head.path);
      // Without the token nothing is said about what there is.
      const bool is_open = match.route != nullptr && match.route->access == Access::open;
      if (!is_open) refused = guard_->check_token(head);
      if (!refused && match.route == nullptr) refused = refuse_route(head, match.methods);
    }
    if (!refused && !head.header("content-encoding").empty() &&
        head.header("content-encoding") != "identity") {
      refused = problem_of_status(415, "send the body without compression");
    }
    if (refused) {
      context_.metrics.count_request("refused", refused->status, 0);
    }
    return refused;
  }

  static Response refuse_route(const Request& head, const std::vector<std::string>& methods) {
    if (methods.empty()) {
      return problem(Error{ErrorCode::not_found, "there is nothing at " + head.path +
                                                     "; /v1/saerok/openapi.json lists what is"});
    }
    Response response = problem(Refusal::method_not_allowed,
                                head.path + " knows " + join(methods) + ", not " + head.method);
    response.headers.push_back({"Allow", join(methods)});
    return response;
  }

  Response handle(Exchange& exchange) override {
    const auto began = std::chrono::steady_clock::now();
    const Request& request = exchange.request();
    const Router::Match match = router_.find(request.method, request.path);
    auto outcome = match.route->handler(exchange, match.values);
    Response response = outcome ? *std::move(outcome) : problem(outcome.error());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    context_.metrics.count_request(match.route->method + " " + match.route->pattern,
                                   response.status, took.count());
    return response;
  }

  Response refuse(int status, std::string_view detail) override {
    return problem_of_status(status, detail);
  }

  void complete(const Request& request, Response& response) override {
    std::ranges::move(guard_->headers_for(request), std::back_inserter(response.headers));
  }

  Result<IngestReport> ingest(const std::string& collection, const IngestRequest& request,
                              const ProgressSink& progress, const CallContext& call) {
    auto report = live_.get()->ingest(collection, request, progress, call);
    watch_roots(context_);
#ifdef __GLIBC__
    malloc_trim(0);  // What indexing took would stay with the process until it ends.
#endif
    return report;
  }

  void start_watching() {
    auto watcher = Watcher::start([this](const std::vector<std::string>& roots) { reread(roots); });
    if (!watcher) return;  // The status says that nothing is watched.
    context_.watcher = *std::move(watcher);
    watch_roots(context_);
    // What changed while no daemon looked.
    reread(context_.watcher->state().roots);
  }

  /// A root may belong to several collections.
  void reread(const std::vector<std::string>& roots) {
    const auto named = live_.get()->named_roots();
    if (!named) return;
    for (const auto& [collection, paths] : *named) {
      IndexJob job;
      job.collection = collection;
      job.is_automatic = true;
      for (const std::string& root : paths) {
        std::error_code error;
        const bool is_there = std::filesystem::exists(root, error);
        // A folder that is not there now, a disk that is not mounted, is not a folder emptied.
        if (is_there && std::ranges::find(roots, root) != roots.end()) {
          job.request.roots.push_back(root);
        }
      }
      if (!job.request.roots.empty()) static_cast<void>(context_.jobs.submit(std::move(job)));
    }
  }

  DaemonLock lock_;
  LiveEngine live_;
  Context context_;
  Router router_;
  std::optional<Guard> guard_;
  std::unique_ptr<Listener> listener_;
  std::mutex stop_mutex_;
  bool is_stopping_ = false;
};

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(DaemonOptions options) {
  const DaemonFiles files = daemon_files(options.engine.store, options.environment);
  DaemonLock lock = TRY(DaemonLock::take(files.lock));
  TRY(make_runtime_folder(files));
  Secret token;
  if (options.has_auth) token = TRY(read_or_make_token(files.token));
  Engine engine = TRY(Engine::open(options.engine));
  auto daemon = std::make_unique<RunningDaemon>(options, std::move(engine), std::move(lock),
                                                std::move(token));
  TRY(daemon->open(options, files.socket));
  return std::unique_ptr<Daemon>(std::move(daemon));
}

std::vector<RouteName> route_names() {
  Router router;
  LiveEngine live(*Engine::open({.store = "/nowhere",
                                 .models_directory = "/nowhere",
                                 .worker_program = {},
                                 .settings = {}}),
                  {}, {});
  Context context(live, {}, IndexingPriority::normal);
  add_all_routes(router, context);
  std::vector<RouteName> names;
  for (const Route& route : router.routes()) {
    names.push_back({route.method, route.pattern, route.access == Access::open});
  }
  return names;
}

}  // namespace saerok::server
