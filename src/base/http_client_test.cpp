#include "base/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/loopback_server.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Asks for a stop once `when` says so, and remembers the moment.
struct Stopper {
  std::stop_source source;
  Clock::time_point asked;
  CallContext call() const { return {.stop = source.get_token(), .deadline = {}}; }
  void stop() {
    asked = Clock::now();
    source.request_stop();
  }
};

TEST(HttpClient, GivesStatusHeadersAndBody) {
  const LoopbackServer server([](const auto& request, const auto& peer) {
    peer.answer("201 Created", "you sent " + request.body, "X-Thing: a  b \r\n");
  });
  const HttpClient http;
  const auto response = http.send(
      {.method = "POST", .url = server.url("/x"), .headers = {"A: b"}, .body = "가나다"}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "you sent 가나다");
  EXPECT_EQ(response->header("x-thing"), "a  b");
  EXPECT_TRUE(server.requests().at(0).has("POST /x "));
  EXPECT_TRUE(server.requests().at(0).has("A: b\r\n"));
}

TEST(HttpClient, APathIsSentAsItIs) {
  const LoopbackServer server(
      [](const auto&, const auto& peer) { peer.answer("200 OK", "words"); });
  ASSERT_TRUE(HttpClient().send({.url = server.url("/a/../b/%2e%2e/c")}, {}));
  EXPECT_TRUE(server.requests().at(0).has("GET /a/../b/%2e%2e/c "));
}

TEST(HttpClient, StreamsTheBodyOf2xxOnly) {
  const LoopbackServer server([](const auto& request, const auto& peer) {
    peer.answer(request.has("GET /good") ? "200 OK" : "500 Oops", "words");
  });
  const HttpClient http;
  std::string streamed;
  const HttpBodySink sink = [&](const HttpResponse&, std::string_view piece) -> Status {
    streamed += piece;
    return {};
  };
  ASSERT_TRUE(http.stream({.url = server.url("/good")}, sink, {}));
  EXPECT_EQ(streamed, "words");
  const auto bad = http.stream({.url = server.url("/bad")}, sink, {});
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->status, 500);
  EXPECT_EQ(bad->body, "words");
  EXPECT_EQ(streamed, "words");
}

TEST(HttpClient, AStopEndsAWaitWithin200Ms) {
  Stopper stopper;
  const LoopbackServer server([&](const auto&, const auto& peer) {
    stopper.stop();
    peer.await_hang_up();
  });
  const auto response = HttpClient().send({.url = server.url()}, stopper.call());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::cancelled);
  EXPECT_LT(Clock::now() - stopper.asked, milliseconds(200));
}

TEST(HttpClient, ADeadlineEndsAWait) {
  const LoopbackServer server([](const auto&, const auto& peer) { peer.await_hang_up(); });
  const auto response = HttpClient().send(
      {.url = server.url()}, {.stop = {}, .deadline = Clock::now() + milliseconds(50)});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::deadline_exceeded);
}

TEST(HttpClient, ABodyBeyondTheLimitIsRefused) {
  const LoopbackServer server(
      [](const auto&, const auto& peer) { peer.answer("200 OK", std::string(5000, 'x')); });
  const auto response = HttpClient().send({.url = server.url(), .response_bytes_max = 4999}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::unavailable);
  EXPECT_NE(response.error().message.find("4999"), std::string::npos);
}

TEST(HttpClient, FollowsRedirectsOnlyWhenTold) {
  const LoopbackServer server([](const auto& request, const auto& peer) {
    if (request.has("GET /to")) return peer.answer("200 OK", "here");
    peer.answer("302 Found", "", "Location: /to\r\n");
  });
  const HttpClient http;
  EXPECT_EQ(http.send({.url = server.url("/from")}, {})->status, 302);
  EXPECT_EQ(http.send({.url = server.url("/from"), .redirects_max = 2}, {})->body, "here");
}

TEST(HttpClient, SpeaksHttpOnlyAndNamesNoSecret) {
  const HttpClient http;
  for (const char* url : {"file:///etc/passwd", "ftp://a/b", "gopher://a", ""}) {
    const auto response = http.send({.url = url}, {});
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, ErrorCode::invalid_argument) << url;
  }
  const auto refused = http.send({.url = "http://me:secret@127.0.0.1:1/x?key=secret"}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos) << refused.error().message;
}

TEST(HttpClient, ServesSeveralThreads) {
  const LoopbackServer server([](const auto& request, const auto& peer) {
    peer.answer("200 OK", request.head.substr(0, request.head.find(" HTTP")));
  });
  const HttpClient http;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto response = http.send({.url = server.url("/" + std::to_string(i))}, {});
      ASSERT_TRUE(response);
      EXPECT_EQ(response->body, "GET /" + std::to_string(i));
    });
  }
}

TEST(PrintableUrl, KeepsSchemeHostAndPath) {
  EXPECT_EQ(printable_url("https://u:p@host:8/a/b?q=1#f"), "https://host:8/a/b");
  EXPECT_EQ(printable_url("http://host"), "http://host");
  EXPECT_EQ(printable_url("http://u@host?x@y"), "http://host");
}

}  // namespace
}  // namespace saerok
