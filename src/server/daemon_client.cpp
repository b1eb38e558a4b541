#include "server/daemon_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/subprocess.h"
#include "models/sse.h"
#include "server/daemon_files.h"

namespace saerok::server {
namespace {

constexpr std::size_t kHeadBytesMax = 65'536;
constexpr std::uint64_t kBodyBytesMax = std::uint64_t{256} << 20;
constexpr int kPollMs = 50;

/// Not connected where nobody listens: a daemon that was killed leaves its socket behind.
FileDescriptor connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  FileDescriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool is_connected =
      connection.get() >= 0 &&
      connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return is_connected ? std::move(connection) : FileDescriptor();
}

Error broke_off() {
  return {ErrorCode::unavailable, "the daemon broke off; `saerok serve` starts one again"};
}

Status send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return broke_off();
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

/// What has come by now, empty at the end; waits for it with an eye on the call.
Result<std::string_view> receive(int fd, std::array<char, 65'536>& buffer,
                                 const CallContext& call) {
  while (true) {
    TRY(call.check());
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, kPollMs) <= 0) continue;
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return broke_off();
    return std::string_view(buffer.data(), static_cast<std::size_t>(size));
  }
}

/// The status of "HTTP/1.1 200 OK"; 0 where that is not what it says.
int status_of(std::string_view head) {
  int status = 0;
  if (head.starts_with("HTTP/1.1 ") && head.size() > 12) {
    std::from_chars(head.data() + 9, head.data() + 12, status);
  }
  return status;
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
  if (connect_to(socket).get() < 0) return std::nullopt;
  return DaemonClient(socket);
}

Result<DaemonClient::Answer> DaemonClient::send(std::string_view method, std::string_view target,
                                                const Json& body, std::string_view accept,
                                                const BodySink& take,
                                                const CallContext& call) const {
  const FileDescriptor connection = connect_to(socket_);
  if (connection.get() < 0) return broke_off();
  const std::string sent = body.is_null() ? "" : print_json(body);
  std::string request(method);
  request.append(" ").append(target).append(
      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
  request.append("Accept: ").append(accept).append("\r\nContent-Type: application/json\r\n");
  request.append("Content-Length: ").append(std::to_string(sent.size())).append("\r\n\r\n");
  TRY(send_all(connection.get(), request + sent));
  Answer answer;
  std::string head;
  std::array<char, 65'536> buffer;
  CallContext waiting = call;
  while (true) {
    const auto received = receive(connection.get(), buffer, waiting);
    if (!received && take && waiting.stop.stop_requested()) {
      // That is enough, it says; a connection that is closed would be told nothing more.
      shutdown(connection.get(), SHUT_WR);
      waiting.stop = {};
      continue;
    }
    std::string_view piece = TRY(received);
    if (piece.empty()) break;
    if (answer.status == 0) {
      head += piece;
      const std::size_t end = head.find("\r\n\r\n");
      if (end == std::string::npos && head.size() > kHeadBytesMax) return broke_off();
      if (end == std::string::npos) continue;
      answer.status = status_of(head);
      if (answer.status == 0) return broke_off();
      piece = std::string_view(head).substr(end + 4);
    }
    if (take && answer.status < 300) TRY(take(piece));
    else answer.body += piece;
    if (answer.body.size() > kBodyBytesMax) return broke_off();
  }
  if (answer.status == 0) return broke_off();
  return answer;
}

Result<Json> DaemonClient::call(std::string_view method, std::string_view target, const Json& body,
                                const CallContext& call) const {
  const Answer answer = TRY(send(method, target, body, "application/json", {}, call));
  if (answer.status == 204) return Json(nullptr);
  Json document = TRY(parse_json(answer.body, "the daemon's answer"));
  if (answer.status >= 400) return error_from_problem(document);
  return document;
}

Status DaemonClient::stream(std::string_view method, std::string_view target, const Json& body,
                            const EventSink& take, const CallContext& call) const {
  SseParser parser;
  const auto sink = [&](std::string_view piece) -> Status {
    for (const SseEvent& event : TRY(parser.feed(piece))) {
      const Json data = TRY(parse_json(event.data, "an event of the daemon"));
      if (event.name == "error") return error_from_problem(data);
      TRY(take(event.name, data));
    }
    return {};
  };
  const Answer answer = TRY(send(method, target, body, "text/event-stream", sink, call));
  if (answer.status < 300) return {};
  return error_from_problem(TRY(parse_json(answer.body, "the daemon's answer")));
}

}  // namespace saerok::server
