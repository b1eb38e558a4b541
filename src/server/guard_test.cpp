// Who may ask: hosts, origins and tokens as browsers, proxies and attackers send them.

#include "server/guard.h"

#include <gtest/gtest.h>

namespace saerok::server {
namespace {

constexpr std::uint16_t kPort = 8640;

Request request_with(std::vector<Header> headers) {
  Request request;
  request.method = "GET";
  request.target = request.path = "/v1/saerok/status";
  request.headers = std::move(headers);
  return request;
}

Guard guard(std::vector<std::string> hosts = {}, std::vector<std::string> origins = {}) {
  return Guard({.port = kPort,
                .token = Secret("secret"),
                .hosts = std::move(hosts),
                .origins = std::move(origins)});
}

Request with_host_and_origin(const char* host, const char* origin) {
  return request_with({{"host", host}, {"origin", origin}});
}

int status_of(const std::optional<Response>& refused) { return refused ? refused->status : 200; }

TEST(Guard, OwnNamesWithOwnPortPass) {
  for (const char* host : {"127.0.0.1:8640", "localhost:8640", "LOCALHOST:8640", "[::1]:8640"}) {
    EXPECT_EQ(status_of(guard().check_address(request_with({{"host", host}}))), 200) << host;
  }
}

TEST(Guard, EveryOtherHostIsMisdirected) {
  for (const char* host :
       {"", "127.0.0.1", "localhost", "127.0.0.1:80", "127.0.0.1:86400", "attacker.test",
        "attacker.test:8640", "localhost.attacker.test:8640", "localhost.:8640", "0.0.0.0:8640",
        "127.1:8640", "2130706433:8640", "0x7f000001:8640", "[::1%25lo]:8640", "[::]:8640",
        "127.0.0.1:8640@attacker.test", "localhost:8640 ", " localhost:8640", "localhost:08640"}) {
    EXPECT_EQ(status_of(guard().check_address(request_with({{"host", host}}))), 421) << host;
  }
  EXPECT_EQ(status_of(guard().check_address(request_with({}))), 421);
  EXPECT_EQ(status_of(guard().check_address(
                request_with({{"host", "localhost:8640"}, {"host", "attacker.test"}}))),
            421);
}

TEST(Guard, ConfiguredHostPassesWithAnyPortOfAProxy) {
  const Guard own = guard({"notes.home"});
  EXPECT_EQ(status_of(own.check_address(request_with({{"host", "notes.home"}}))), 200);
  EXPECT_EQ(status_of(own.check_address(request_with({{"host", "notes.home:8640"}}))), 200);
  EXPECT_EQ(status_of(own.check_address(request_with({{"host", "notes.home.evil"}}))), 421);
}

TEST(Guard, OwnOriginPassesAndEveryOtherIsForbidden) {
  const auto with = [](const char* origin) {
    return request_with({{"host", "localhost:8640"}, {"origin", origin}});
  };
  EXPECT_EQ(status_of(guard().check_address(with("http://127.0.0.1:8640"))), 200);
  EXPECT_EQ(status_of(guard().check_address(with("http://localhost:8640"))), 200);
  for (const char* origin :
       {"null", "http://127.0.0.1:3000", "https://127.0.0.1:8640", "http://attacker.test",
        "http://127.0.0.1:8640.attacker.test", "http://attacker.test:8640", "file://", "",
        "app://obsidian.md", "chrome-extension://abc"}) {
    EXPECT_EQ(status_of(guard().check_address(with(origin))), 403) << origin;
  }
  const Guard paired = guard({}, {"app://obsidian.md"});
  EXPECT_EQ(status_of(paired.check_address(with("app://obsidian.md"))), 200);
  EXPECT_EQ(status_of(paired.check_address(with("app://obsidian.md.evil"))), 403);
}

TEST(Guard, UnderTlsOwnPagesAreThoseOfHttps) {
  const Guard encrypted({.port = 8640,
                         .token = Secret("secret"),
                         .hosts = {"notes.home"},
                         .origins = {},
                         .has_tls = true});
  const auto from = [&](const char* host, const char* origin) {
    return status_of(encrypted.check_address(with_host_and_origin(host, origin)));
  };
  EXPECT_EQ(from("localhost:8640", "https://localhost:8640"), 200);
  EXPECT_EQ(from("localhost:8640", "http://localhost:8640"), 403);
  EXPECT_EQ(from("notes.home", "https://notes.home"), 200);
  EXPECT_EQ(from("notes.home", "http://notes.home"), 403);
  EXPECT_EQ(from("localhost:8640", "https://attacker.test"), 403);
}

TEST(Guard, PagesOfAConfiguredNameMayComeThroughAProxyWithTls) {
  const Guard proxied = guard({"notes.home"});
  EXPECT_EQ(
      status_of(proxied.check_address(with_host_and_origin("notes.home", "https://notes.home"))),
      200);
  EXPECT_EQ(status_of(proxied.check_address(
                with_host_and_origin("notes.home", "https://notes.home.attacker.test"))),
            403);
}

TEST(Guard, OnlyConfiguredNamesAreHeldToTls) {
  const auto header = [](bool has_tls, const char* host) -> std::string {
    const Guard encrypted(
        {.port = 8640, .token = {}, .hosts = {"notes.home"}, .origins = {}, .has_tls = has_tls});
    const Request request = with_host_and_origin(host, "");
    for (const Header& one : encrypted.headers_for(request)) {
      if (one.name == "Strict-Transport-Security") return one.value;
    }
    return "";
  };
  EXPECT_EQ(header(true, "notes.home"), "max-age=31536000");
  EXPECT_EQ(header(true, "localhost:8640"), "");
  EXPECT_EQ(header(true, "127.0.0.1:8640"), "");
  EXPECT_EQ(header(false, "notes.home"), "");
}

TEST(Guard, TokenIsTakenFromEveryHeaderThatClientsKnow) {
  const std::vector<Header> carriers = {{"authorization", "Bearer secret"},
                                        {"authorization", "bearer secret"},
                                        {"authorization", "Basic YW55OnNlY3JldA=="},
                                        {"authorization", "ApiKey secret"},
                                        {"authorization", "ApiKey aWQ6c2VjcmV0"},
                                        {"x-api-key", "secret"},
                                        {"x-chroma-token", "secret"}};
  for (const Header& header : carriers) {
    EXPECT_EQ(status_of(guard().check_token(request_with({header}))), 200) << header.value;
  }
}

TEST(Guard, WrongTokensCookiesAndQueriesDoNotPass) {
  const std::vector<Header> wrong = {{"authorization", ""},
                                     {"authorization", "Bearer"},
                                     {"authorization", "Bearer "},
                                     {"authorization", "Bearer secre"},
                                     {"authorization", "Bearer secrets"},
                                     {"authorization", "secret"},
                                     {"authorization", "Basic c2VjcmV0"},
                                     {"authorization", "Basic !!!"},
                                     {"cookie", "token=secret"},
                                     {"cookie", "secret"},
                                     {"x-api-key", "wrong"},
                                     {"x-token", "secret"}};
  for (const Header& header : wrong) {
    EXPECT_EQ(status_of(guard().check_token(request_with({header}))), 401) << header.value;
  }
  Request in_query = request_with({});
  in_query.query = {{"token", "secret"}, {"access_token", "secret"}, {"api_key", "secret"}};
  EXPECT_EQ(status_of(guard().check_token(in_query)), 401);
}

TEST(Guard, TheUnixSocketNeedsNeitherHostNorToken) {
  Request request = request_with({{"host", "anything"}});
  request.carrier = Carrier::unix_socket;
  EXPECT_EQ(status_of(guard().check_address(request)), 200);
  EXPECT_EQ(status_of(guard().check_token(request)), 200);
}

TEST(Guard, OnlyListedOriginsGetCorsHeaders) {
  const auto value = [](const std::vector<Header>& headers, const char* name) {
    for (const Header& header : headers) {
      if (header.name == name) return header.value;
    }
    return std::string();
  };
  const Guard paired = guard({}, {"app://obsidian.md"});
  const Request listed = request_with({{"origin", "app://obsidian.md"}});
  EXPECT_EQ(value(paired.headers_for(listed), "Access-Control-Allow-Origin"), "app://obsidian.md");
  EXPECT_EQ(value(paired.preflight(listed).headers, "Access-Control-Max-Age"), "600");
  const Request own = request_with({{"origin", "http://localhost:8640"}});
  EXPECT_EQ(value(paired.headers_for(own), "Access-Control-Allow-Origin"), "");
  EXPECT_TRUE(paired.preflight(own).headers.empty());
  EXPECT_NE(value(paired.headers_for(own), "Content-Security-Policy").find("default-src 'none'"),
            std::string::npos);
}

TEST(Guard, ComparisonIsOfTheWholeText) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "Abc"}) {
    EXPECT_FALSE(equal_in_constant_time(other, "abc")) << other;
  }
}

}  // namespace
}  // namespace saerok::server
