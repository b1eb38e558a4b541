#include "running_daemon.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "json_schema.h"
#include "models/sse.h"

namespace saerok {

namespace {

/// "/jobs/7" of "/jobs/{id}".
bool is_path_of(std::string_view path, std::string_view pattern) {
  while (!path.empty() && !pattern.empty()) {
    const std::string_view segment = path.substr(0, path.find('/', 1));
    const std::string_view wanted = pattern.substr(0, pattern.find('/', 1));
    if (segment != wanted && !wanted.starts_with("/{")) return false;
    path.remove_prefix(segment.size());
    pattern.remove_prefix(wanted.size());
  }
  return path.empty() && pattern.empty();
}

}  // namespace

RunningDaemon::RunningDaemon(const Home& home, std::vector<std::string> arguments) : home_(home) {
  const std::string ready = home.path("ready").string();
  std::filesystem::remove(ready);
  const int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, ready.c_str(), ready.size() + 1);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const timeval patience{60, 0};
  setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::vector<std::string> words = {"serve", "--port", "0"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  process_ = home.start(words, {.environment = {{"NOTIFY_SOCKET", ready}}});
  char said[16] = {};
  EXPECT_GT(recv(listener, said, sizeof said, 0), 0) << "the daemon did not get ready";
  EXPECT_STREQ(said, "READY=1");
  close(listener);
  const std::string link = home.ask_json({"open"})["url"].get<std::string>();
  port_ = static_cast<std::uint16_t>(std::stoi(link.substr(link.rfind(':') + 1)));
  token_ = home.ask_json({"serve", "--show-token"})["token"].get<std::string>();
}

RunningDaemon::~RunningDaemon() {
  if (process_ <= 0) return;
  kill(process_, SIGTERM);
  wait();
}

int RunningDaemon::wait() {
  int state = 0;
  EXPECT_EQ(waitpid(process_, &state, 0), process_);
  process_ = -1;
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

std::string RunningDaemon::url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

HttpResponse RunningDaemon::send_bare(std::string method, std::string_view target,
                                      std::vector<std::string> headers, std::string body) const {
  headers.emplace_back("Expect:");
  const auto response = client_.send({.method = std::move(method),
                                      .url = url(target),
                                      .headers = std::move(headers),
                                      .body = std::move(body)},
                                     CallContext{});
  EXPECT_TRUE(response) << target << ": " << response.error().message;
  return response.value_or(HttpResponse{});
}

HttpResponse RunningDaemon::send(std::string method, std::string_view target, const Json& body,
                                 std::vector<std::string> headers) const {
  headers.push_back("Authorization: Bearer " + token_);
  return send_bare(std::move(method), target, std::move(headers),
                   body.is_null() ? "" : print_json(body));
}

Json RunningDaemon::get(std::string_view target) const {
  const HttpResponse response = send("GET", target);
  EXPECT_EQ(response.status, 200) << target << ": " << response.body;
  return checked("get", target, response);
}

Json RunningDaemon::post(std::string_view target, const Json& body) const {
  const HttpResponse response = send("POST", target, body);
  EXPECT_LT(response.status, 300) << target << ": " << response.body;
  return checked("post", target, response);
}

Json RunningDaemon::checked(const std::string& method, std::string_view target,
                            const HttpResponse& response) const {
  const Json document = parse_json(response.body, target).value_or(Json());
  if (description_.is_null()) {
    const HttpResponse described = send("GET", "/v1/saerok/openapi.json");
    description_ = parse_json(described.body, "the description").value_or(Json::object());
  }
  const std::string_view path = target.substr(0, target.find('?'));
  for (const auto& [pattern, operations] : description_["paths"].items()) {
    if (!is_path_of(path, pattern) || !operations.contains(method)) continue;
    const Json::json_pointer schema("/" + method + "/responses/" + std::to_string(response.status) +
                                    "/content/application~1json/schema");
    if (!operations.contains(schema)) break;
    for (const std::string& problem :
         find_schema_problems(description_, operations.at(schema), document)) {
      ADD_FAILURE() << method << " " << target << " is not as described: " << problem;
    }
    return document;
  }
  ADD_FAILURE() << "nothing describes the answer " << response.status << " to " << method << " "
                << target;
  return document;
}

std::vector<RunningDaemon::Event> RunningDaemon::events(std::string method, std::string_view target,
                                                        const Json& body) const {
  std::vector<Event> events;
  SseParser parser;
  const auto sink = [&](const HttpResponse&, std::string_view piece) -> Status {
    for (const SseEvent& event : TRY(parser.feed(piece))) {
      events.push_back({event.name, TRY(parse_json(event.data, "an event"))});
    }
    return {};
  };
  const auto response = client_.stream(
      {.method = std::move(method),
       .url = url(target),
       .headers = {"Authorization: Bearer " + token_, "Accept: text/event-stream", "Expect:"},
       .body = body.is_null() ? "" : print_json(body)},
      sink, CallContext{});
  EXPECT_TRUE(response) << response.error().message;
  return events;
}

Json RunningDaemon::end_of_job(std::uint64_t id) const {
  const auto all = events("GET", "/v1/saerok/jobs/" + std::to_string(id) + "/events", nullptr);
  EXPECT_FALSE(all.empty());
  return all.empty() ? Json() : all.back().data;
}

}  // namespace saerok
