// The listener under TLS: the same requests, what is refused, and files that will not do.

#include "server/listener_tls.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <semaphore>
#include <thread>

#include "server/test_tls.h"

namespace saerok::server {
namespace {

constexpr char kGet[] = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

class EchoService : public Service {
 public:
  std::optional<Response> check_head(const Request& head) override {
    if (head.path == "/refused") return Response{.status = 401, .body = "no", .headers = {}};
    return std::nullopt;
  }
  Response handle(Exchange& exchange) override {
    const Request& request = exchange.request();
    if (request.path == "/wait") {
      waiting.release();
      std::binary_semaphore stopped(0);
      const std::stop_callback callback(exchange.stop(), [&] { stopped.release(); });
      stopped.acquire();
      ended.release();
    }
    if (request.path == "/stream") {
      const Response head{.content_type = "text/event-stream", .body = {}, .headers = {}};
      exchange.begin_stream(head);
      for (int i = 0; i < 100; ++i) exchange.send(std::string(50'000, 'x'));
      exchange.send("the end");
      return head;
    }
    return {.body = request.method + " " + request.path + " " + request.body, .headers = {}};
  }
  Response refuse(int status, std::string_view detail) override {
    return {.status = status, .body = std::string(detail), .headers = {}};
  }
  void complete(const Request&, Response&) override {}

  std::counting_semaphore<> waiting{0};
  std::counting_semaphore<> ended{0};
};

struct TlsTest : testing::Test {
  std::string folder = (std::filesystem::temp_directory_path() / "saerok-XXXXXX").string();
  EchoService service;
  std::unique_ptr<Listener> listener;
  std::thread thread;

  void SetUp() override { ASSERT_NE(mkdtemp(folder.data()), nullptr); }
  void TearDown() override {
    if (listener) {
      listener->stop();
      thread.join();
    }
    std::filesystem::remove_all(folder);
  }

  void start(ListenerLimits limits = {}, const std::string& names = "DNS:localhost,IP:127.0.0.1",
             std::vector<std::string> hosts = {}) {
    auto opened = Listener::open({.tls = make_tls_files(folder, names),
                                  .names = std::move(hosts),
                                  .socket_path = folder + "/socket",
                                  .limits = limits},
                                 service);
    ASSERT_TRUE(opened) << opened.error().message;
    listener = std::move(*opened);
    thread = std::thread([this] { listener->run(); });
  }
  /// A connection without TLS, to the port or the Unix socket.
  int connected(bool is_local) const {
    const int fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, (folder + "/socket").c_str(), folder.size() + 8);
    sockaddr_in port{};
    port.sin_family = AF_INET;
    port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    port.sin_port = htons(listener->port());
    EXPECT_EQ(is_local ? connect(fd, reinterpret_cast<sockaddr*>(&local), sizeof local)
                       : connect(fd, reinterpret_cast<sockaddr*>(&port), sizeof port),
              0);
    return fd;
  }
  std::string plain_answer(bool is_local, std::string_view bytes) const {
    const int fd = connected(is_local);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string text;
    char buffer[4'096];
    for (ssize_t size = 0; (size = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(size));
    }
    close(fd);
    return text;
  }
  static std::string why_refused(const TlsFiles& files) {
    const auto made = make_tls_context(files);
    if (made) return "nothing was refused";
    EXPECT_EQ(made.error().code, ErrorCode::failed_precondition);
    return made.error().message;
  }
};

TEST_F(TlsTest, RequestsAreAnsweredOneAfterAnotherOnOneConnection) {
  start();
  TlsPeer peer(listener->port());
  ASSERT_TRUE(peer.is_connected());
  EXPECT_EQ(peer.version(), "TLSv1.3");
  for (int i = 0; i < 100; ++i) {
    peer.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    ASSERT_NE(peer.read_until("POST /a abc").find("HTTP/1.1 200 OK"), std::string::npos);
  }
  // In one piece, so that the second request comes while the first is answered.
  peer.send(std::string("GET /b HTTP/1.1\r\nHost: x\r\n\r\n") + kGet);
  const std::string both = peer.read_all();
  EXPECT_NE(both.find("GET /b "), std::string::npos) << both;
  EXPECT_NE(both.find("GET /a "), std::string::npos) << both;
  EXPECT_TRUE(peer.ended_soundly());
}

TEST_F(TlsTest, LongStreamComesWholeAndItsEndIsSigned) {
  start();
  TlsPeer peer(listener->port());
  peer.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string streamed = peer.read_all();
  EXPECT_GT(streamed.size(), 5'000'000u);
  EXPECT_TRUE(streamed.ends_with("the end"));
  EXPECT_TRUE(peer.ended_soundly());
}

TEST_F(TlsTest, LargeBodiesAreReadAndRefusedOnesAreNot) {
  start();
  const std::string body(3'000'000, 'x');
  TlsPeer large(listener->port());
  large.send("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n" +
             body);
  EXPECT_TRUE(large.read_all().ends_with("POST /a " + body));
  TlsPeer refused(listener->port());
  refused.send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc");
  EXPECT_TRUE(refused.read_until("no").starts_with("HTTP/1.1 401"));
}

TEST_F(TlsTest, PeerThatHangsUpStopsTheWork) {
  start();
  TlsPeer peer(listener->port());
  peer.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  service.waiting.acquire();
  peer.hang_up();
  EXPECT_TRUE(service.ended.try_acquire_for(std::chrono::seconds(10)));
}

TEST_F(TlsTest, WhatIsUnderWayIsAskedToEndAndStillAnswered) {
  start();
  TlsPeer peer(listener->port());
  peer.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  service.waiting.acquire();
  listener->stop();
  EXPECT_TRUE(peer.read_all().ends_with("GET /wait "));
}

TEST_F(TlsTest, OldVersionsAreRefused) {
  start();
  EXPECT_FALSE(TlsPeer(listener->port(), TLS1_VERSION).is_connected());
  EXPECT_FALSE(TlsPeer(listener->port(), TLS1_1_VERSION).is_connected());
  TlsPeer oldest(listener->port(), TLS1_2_VERSION);
  ASSERT_TRUE(oldest.is_connected());
  EXPECT_EQ(oldest.version(), "TLSv1.2");
  oldest.send(kGet);
  EXPECT_NE(oldest.read_all().find("GET /a "), std::string::npos);
}

TEST_F(TlsTest, PlainHttpOnThePortIsToldSoAndTheUnixSocketStaysPlain) {
  start();
  const std::string told = plain_answer(false, kGet);
  EXPECT_TRUE(told.starts_with("HTTP/1.1 400")) << told;
  EXPECT_NE(told.find("https://"), std::string::npos) << told;
  EXPECT_TRUE(plain_answer(true, kGet).ends_with("GET /a "));
}

TEST_F(TlsTest, SlowHandshakesAndNonsenseAreNotWaitedFor) {
  start({.header_time = std::chrono::milliseconds(50), .idle_time = std::chrono::milliseconds(50)});
  EXPECT_EQ(plain_answer(false, ""), "");
  EXPECT_EQ(plain_answer(false, "\x16\x03\x01"), "");
  // Beyond the alert that says why.
  EXPECT_LT(plain_answer(false, "\x16 is not what TLS looks like, whatever comes then").size(),
            20u);
}

TEST_F(TlsTest, BeyondTheMostConnectionsNewOnesAreClosed) {
  start({.connections_max = 1});
  TlsPeer first(listener->port());
  first.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  service.waiting.acquire();
  EXPECT_FALSE(TlsPeer(listener->port()).is_connected());
  EXPECT_EQ(listener->connections(), 1u);
}

TEST_F(TlsTest, LinkNamesWhatTheCertificateIsFor) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"DNS:localhost,IP:127.0.0.1", "https://127.0.0.1:"},
      {"DNS:localhost", "https://localhost:"},
      {"DNS:notes.home", "https://notes.home:"},
      {"DNS:elsewhere.test", "https://127.0.0.1:"}};
  for (const auto& [names, expected] : cases) {
    const auto opened = Listener::open({.tls = make_tls_files(folder, names),
                                        .names = {"notes.home"},
                                        .socket_path = {},
                                        .limits = {}},
                                       service);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->origin(), expected + std::to_string((*opened)->port()));
  }
}

TEST_F(TlsTest, FilesThatWillNotDoAreSentences) {
  const TlsFiles good = make_tls_files(folder);
  ASSERT_TRUE(make_tls_context(good));
  const auto expect_refused = [](const TlsFiles& files, const std::string& file,
                                 std::string_view reason) {
    const std::string why = why_refused(files);
    EXPECT_TRUE(why.starts_with(file)) << why;
    EXPECT_NE(why.find(reason), std::string::npos) << why;
  };
  expect_refused({.certificate = good.certificate, .key = {}}, "serve.tls_certificate",
                 "only one is set");
  const std::string missing = folder + "/missing.pem";
  expect_refused({.certificate = missing, .key = good.key}, missing, "No such file");
  expect_refused({.certificate = good.certificate, .key = missing}, missing, "serve.tls_key");
  expect_refused({.certificate = folder, .key = good.key}, folder, "is no file");
  expect_refused({.certificate = good.key, .key = good.key}, good.key, "holds no certificate");
  expect_refused({.certificate = good.certificate, .key = good.certificate}, good.certificate,
                 "holds no private key");

  const std::string other = folder + "/other.pem";
  write_private(other, pem_of(TestKey(EVP_EC_gen("P-256")).get()));
  expect_refused({.certificate = good.certificate, .key = other}, other, "is not the key");
  write_private(other, pem_of(TestKey(EVP_RSA_gen(2'048)).get()));
  expect_refused({.certificate = good.certificate, .key = other}, other, "is not the key");
  write_private(other, pem_of(TestKey(EVP_EC_gen("P-256")).get(), "secret"));
  expect_refused({.certificate = good.certificate, .key = other}, other, "without a passphrase");
  ASSERT_EQ(chmod(good.key.c_str(), 0640), 0);
  expect_refused(good, good.key, "chmod 600");
}

}  // namespace
}  // namespace saerok::server
