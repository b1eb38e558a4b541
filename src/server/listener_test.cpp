// The listener against peers that speak raw bytes: every limit, and what streams and hang-ups do.

#include "server/listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <semaphore>
#include <thread>

namespace saerok::server {
namespace {

/// A connection that sends what it is told and reads until the end or for ten seconds.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  explicit Peer(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Peer() { hang_up(); }
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Peer& operator=(Peer&&) = delete;

  void hang_up() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  void send_no_more() const { shutdown(fd_, SHUT_WR); }
  /// What comes until the peer closes.
  std::string read_all() const {
    std::string text;
    while (read_more(text)) {
    }
    return text;
  }
  /// What comes until `end` was seen.
  std::string read_until(std::string_view end) const {
    std::string text;
    while (text.find(end) == std::string::npos && read_more(text)) {
    }
    return text;
  }

 private:
  bool read_more(std::string& text) const {
    char buffer[4'096];
    const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
    if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }
  int fd_;
};

class TestService : public Service {
 public:
  std::optional<Response> check_head(const Request& head) override {
    if (head.path == "/refused") return Response{.status = 401, .body = "no", .headers = {}};
    return std::nullopt;
  }
  Response handle(Exchange& exchange) override {
    const Request& request = exchange.request();
    ++handled;
    if (request.path == "/throw") throw std::runtime_error("a bug");
    if (request.path == "/wait") {
      waiting.release();
      std::binary_semaphore stopped(0);
      const std::stop_callback callback(exchange.stop(), [&] { stopped.release(); });
      stopped.acquire();
      ended.release();
      return {.status = 200, .body = "stopped", .headers = {}};
    }
    if (request.path == "/flood") {
      const Response head{
          .status = 200, .content_type = "text/event-stream", .body = {}, .headers = {}};
      exchange.begin_stream(head);
      const std::string piece(100'000, 'x');
      while (exchange.send(piece)) {
      }
      ended.release();
      return head;
    }
    if (request.path == "/stream") {
      const Response head{
          .status = 200, .content_type = "text/event-stream", .body = {}, .headers = {}};
      exchange.begin_stream(head);
      exchange.send("one ");
      exchange.send("two");
      return head;
    }
    return {.status = 200,
            .body = request.method + " " + request.path + " " + request.body,
            .headers = {}};
  }
  Response refuse(int status, std::string_view detail) override {
    return {.status = status, .body = std::string(detail), .headers = {}};
  }
  void complete(const Request&, Response& response) override {
    response.headers.push_back({"X-Complete", "yes"});
  }

  std::counting_semaphore<> waiting{0};
  std::counting_semaphore<> ended{0};
  std::atomic<int> handled = 0;
};

struct ListenerTest : testing::Test {
  TestService service;
  std::unique_ptr<Listener> listener;
  std::thread thread;

  void start(ListenerLimits limits = {}) {
    auto opened = Listener::open({.port = 0, .socket_path = {}, .limits = limits}, service);
    ASSERT_TRUE(opened) << opened.error().message;
    listener = std::move(*opened);
    thread = std::thread([this] { listener->run(); });
  }
  void TearDown() override {
    listener->stop();
    thread.join();
  }

  std::string answer(std::string_view bytes) const {
    const Peer peer(listener->port());
    peer.send(bytes);
    return peer.read_all();
  }
  static std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  }
};

TEST_F(ListenerTest, RequestsAreAnsweredOneAfterAnotherOnOneConnection) {
  start();
  const Peer peer(listener->port());
  peer.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_NE(peer.read_until("POST /a abc").find("HTTP/1.1 200 OK"), std::string::npos);
  peer.send(
      "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string both = peer.read_all();
  EXPECT_NE(both.find("POST /b abc"), std::string::npos);
  EXPECT_NE(both.find("GET /c "), std::string::npos);
  EXPECT_NE(both.find("X-Complete: yes"), std::string::npos);
}

TEST_F(ListenerTest, HeadHasNoBodyAndExpectIsAnswered) {
  start();
  const std::string head = answer("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 8"), std::string::npos) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
  const Peer peer(listener->port());
  peer.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("ab");
  EXPECT_NE(peer.read_until("POST /a ab").find("200 OK"), std::string::npos);
}

TEST_F(ListenerTest, RefusedRequestIsAnsweredBeforeItsBodyIsRead) {
  start();
  const std::string refused =
      answer("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 401")) << refused;
  EXPECT_NE(refused.find("Connection: close"), std::string::npos);
  EXPECT_EQ(service.handled, 0);
}

TEST_F(ListenerTest, LimitsOnHeadersAndBodies) {
  start({.header_bytes_max = 1'000, .header_count_max = 10, .body_bytes_max = 1'048'576});
  EXPECT_TRUE(
      answer("GET /" + std::string(2'000, 'a') + " HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 431"));
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 11; ++i) many += "a: b\r\n";
  EXPECT_TRUE(answer(many + "\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(answer("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
                  .starts_with("HTTP/1.1 413"));
  const std::string chunk = "80000\r\n" + std::string(0x80000, 'x') + "\r\n";
  EXPECT_TRUE(answer("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk +
                     chunk + chunk)
                  .starts_with("HTTP/1.1 413"));
  EXPECT_EQ(service.handled, 0);
}

TEST_F(ListenerTest, WhatIsNoHttpOrCouldBeReadInTwoWaysIsRefused) {
  start();
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"}) {
    const std::string refused = answer(bytes);
    EXPECT_TRUE(refused.empty() || refused.starts_with("HTTP/1.1 4")) << bytes << refused;
  }
  EXPECT_EQ(service.handled, 0);
}

TEST_F(ListenerTest, SlowHeadersAndBodiesAreNotWaitedFor) {
  start({.header_time = std::chrono::milliseconds(50), .body_time = std::chrono::milliseconds(50)});
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost"), "");
  EXPECT_EQ(answer("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"), "");
  EXPECT_EQ(service.handled, 0);
}

TEST_F(ListenerTest, IdleConnectionsAreClosed) {
  start({.idle_time = std::chrono::milliseconds(50)});
  EXPECT_EQ(Peer(listener->port()).read_all(), "");
}

TEST_F(ListenerTest, BeyondTheMostConnectionsNewOnesAreTurnedAway) {
  start({.connections_max = 2});
  std::vector<Peer> peers;
  for (int i = 0; i < 2; ++i) {
    peers.emplace_back(listener->port());
    peers.back().send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    service.waiting.acquire();
  }
  EXPECT_EQ(listener->connections(), 2u);
  EXPECT_TRUE(answer(get("/a")).starts_with("HTTP/1.1 503"));
}

TEST_F(ListenerTest, StreamIsSentPieceByPieceAndEndsItsConnection) {
  start();
  const std::string streamed = answer("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(streamed.find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_NE(streamed.find("X-Complete: yes"), std::string::npos);
  EXPECT_EQ(streamed.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(streamed.ends_with("one two")) << streamed;
}

TEST_F(ListenerTest, PeerThatHangsUpStopsTheWork) {
  start();
  Peer peer(listener->port());
  peer.send(get("/wait"));
  service.waiting.acquire();
  const auto hung_up = std::chrono::steady_clock::now();
  peer.hang_up();
  service.ended.acquire();
  EXPECT_LT(std::chrono::steady_clock::now() - hung_up, std::chrono::seconds(5));
}

TEST(Listener, PeerOnTheUnixSocketThatSendsNoMoreStopsTheWorkAndGetsTheAnswer) {
  std::string folder = (std::filesystem::temp_directory_path() / "saerok-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/socket";
  TestService service;
  const auto listener = Listener::open({.port = 0, .socket_path = path, .limits = {}}, service);
  ASSERT_TRUE(listener) << listener.error().message;
  std::thread thread([&] { (*listener)->run(); });
  const std::string request = "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const Peer reader(path);
  reader.send(request);
  service.waiting.acquire();
  reader.send_no_more();
  EXPECT_TRUE(reader.read_all().ends_with("stopped"));
  Peer gone(path);
  gone.send(request);
  service.waiting.acquire();
  gone.hang_up();
  service.ended.acquire();
  service.ended.acquire();
  (*listener)->stop();
  thread.join();
  std::filesystem::remove_all(folder);
}

TEST_F(ListenerTest, PeerThatDoesNotReadIsDropped) {
  start({.send_time = std::chrono::milliseconds(100), .unsent_bytes_max = 200'000});
  const Peer peer(listener->port());
  peer.send(get("/flood"));
  service.ended.acquire();
  EXPECT_EQ(service.handled, 1);
}

TEST_F(ListenerTest, BugInARouteIsOneFailedRequest) {
  start();
  const std::string failed = answer(get("/throw"));
  EXPECT_TRUE(failed.starts_with("HTTP/1.1 500")) << failed;
  EXPECT_EQ(failed.find("a bug"), std::string::npos) << "what went wrong is for the log";
  EXPECT_TRUE(answer(get("/a")).starts_with("HTTP/1.1 200"));
}

TEST_F(ListenerTest, WhatIsUnderWayIsAskedToEndAndStillAnswered) {
  start();
  const Peer peer(listener->port());
  peer.send(get("/wait"));
  service.waiting.acquire();
  listener->stop();
  EXPECT_TRUE(peer.read_all().ends_with("stopped"));
}

TEST_F(ListenerTest, StreamsThatWaitTakeNoPlaceFromOthers) {
  start();
  std::vector<Peer> peers;
  for (int i = 0; i < 200; ++i) {
    peers.emplace_back(listener->port());
    peers.back().send(get("/wait"));
    service.waiting.acquire();
  }
  EXPECT_TRUE(answer(get("/a")).starts_with("HTTP/1.1 200"));
}

TEST(Listener, PortThatIsTakenIsAnErrorThatSaysSo) {
  TestService service;
  const auto first = Listener::open({.port = 0, .socket_path = {}, .limits = {}}, service);
  ASSERT_TRUE(first);
  const auto second =
      Listener::open({.port = (*first)->port(), .socket_path = {}, .limits = {}}, service);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(second.error().message.find("--port"), std::string::npos);
}

}  // namespace
}  // namespace saerok::server
