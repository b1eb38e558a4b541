#include "server/daemon_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <utility>

#include "models/sse.h"
#include "server/daemon_files.h"

namespace saerok::server {
namespace {

/// An answer may take as long as a model takes.
constexpr std::chrono::hours kIdleTime{1};
constexpr std::uint64_t kAnswerBytesMax = std::uint64_t{256} << 20;

/// A socket that nobody listens to is left behind by a daemon that was killed.
bool is_answered(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool is_connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return is_connected;
}

}  // namespace

Error error_from_problem(const Json& problem) {
  const std::string code = find_text(problem, "code").value_or("");
  const std::string detail =
      find_text(problem, "detail").value_or("the daemon answered what is no problem document");
  for (int i = 0; i <= static_cast<int>(ErrorCode::too_many); ++i) {
    if (name_of(static_cast<ErrorCode>(i)) == code) return {static_cast<ErrorCode>(i), detail};
  }
  return {ErrorCode::unavailable, detail};
}

std::optional<DaemonClient> DaemonClient::find(const std::string& store,
                                               const Environment& environment) {
  const std::string socket = daemon_files(store, environment).socket;
  if (!is_answered(socket)) return std::nullopt;
  return DaemonClient(socket);
}

HttpRequest DaemonClient::request(std::string method, std::string_view target,
                                  const Json& body) const {
  HttpRequest request{.method = std::move(method),
                      .url = "http://localhost" + std::string(target),
                      .headers = {"Expect:"},
                      .body = body.is_null() ? "" : print_json(body),
                      .unix_socket = socket_,
                      .response_bytes_max = kAnswerBytesMax};
  request.idle_timeout = kIdleTime;
  if (!body.is_null()) request.headers.emplace_back("Content-Type: application/json");
  return request;
}

Result<Json> DaemonClient::call(std::string method, std::string_view target, const Json& body,
                                const CallContext& call) const {
  const HttpClient client;
  const HttpResponse response =
      TRY(client.send(request(std::move(method), target, body), call));
  if (response.status == 204) return Json(nullptr);
  Json document = TRY(parse_json(response.body, "the daemon's answer"));
  if (response.status >= 400) return error_from_problem(document);
  return document;
}

Status DaemonClient::stream(std::string method, std::string_view target, const Json& body,
                            const EventSink& take, const CallContext& call) const {
  const HttpClient client;
  HttpRequest asked = request(std::move(method), target, body);
  asked.headers.emplace_back("Accept: text/event-stream");
  SseParser parser;
  const auto sink = [&](const HttpResponse&, std::string_view piece) -> Status {
    for (const SseEvent& event : TRY(parser.feed(piece))) {
      const Json data = TRY(parse_json(event.data, "an event of the daemon"));
      if (event.name == "error") return error_from_problem(data);
      TRY(take(event.name, data));
    }
    return {};
  };
  const HttpResponse response = TRY(client.stream(asked, sink, call));
  if (response.status < 300) return {};
  return error_from_problem(TRY(parse_json(response.body, "the daemon's answer")));
}

}  // namespace saerok::server
