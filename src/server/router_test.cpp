// Targets and routes.

#include "server/router.h"

#include <gtest/gtest.h>

namespace saerok::server {
namespace {

Request parsed(const std::string& target) {
  Request request;
  request.target = target;
  EXPECT_TRUE(parse_target(request)) << target;
  return request;
}

TEST(Target, PathAndQueryAreDecoded) {
  const Request request =
      parsed("/v1/%EC%83%88%EB%A1%9D?query=%EA%B9%80+a%2Bb&empty&query=last&=x");
  EXPECT_EQ(request.path, "/v1/새록");
  EXPECT_EQ(request.query.at("query"), "last");
  EXPECT_EQ(request.query.at("empty"), "");
  EXPECT_EQ(parsed("/a?q=%EA%B9%80+a%2Bb").query.at("q"), "김 a+b");
}

TEST(Target, MalformedOnesHaveNoPath) {
  for (const char* target : {"", "*", "http://attacker.test/", "a", "/%", "/%zz", "/%4", "/%00",
                             "/%ff", "/a%2fb", "/a#b", "/?q=%ff", "/?q=%0"}) {
    Request request;
    request.target = target;
    EXPECT_FALSE(parse_target(request)) << target;
    EXPECT_TRUE(request.path.empty()) << target;
  }
}

struct RouterTest : testing::Test {
  Router router;
  void SetUp() override {
    for (const auto& [method, pattern] :
         std::vector<std::pair<const char*, const char*>>{{"GET", "/"},
                                                          {"GET", "/jobs"},
                                                          {"POST", "/jobs"},
                                                          {"GET", "/jobs/{id}"},
                                                          {"GET", "/jobs/{id}/events"},
                                                          {"PUT", "/documents/{path*}"}}) {
      router.add(method, pattern,
                 [](Exchange&, const PathValues&) -> Result<Response> { return Response{}; });
    }
  }
  std::string find(std::string_view method, std::string_view path) const {
    const Router::Match match = router.find(method, path);
    return match.route == nullptr ? "" : match.route->method + " " + match.route->pattern;
  }
};

TEST_F(RouterTest, MethodsAndPatternsMatch) {
  EXPECT_EQ(find("GET", "/"), "GET /");
  EXPECT_EQ(find("POST", "/jobs"), "POST /jobs");
  EXPECT_EQ(find("HEAD", "/jobs"), "GET /jobs");
  EXPECT_EQ(find("GET", "/jobs/7"), "GET /jobs/{id}");
  EXPECT_EQ(router.find("GET", "/jobs/7/events").values.at("id"), "7");
  EXPECT_EQ(router.find("PUT", "/documents/a/b.md").values.at("path"), "a/b.md");
}

TEST_F(RouterTest, WhatDoesNotMatchSaysWhatThereIs) {
  EXPECT_EQ(find("GET", "/nothing"), "");
  EXPECT_TRUE(router.find("GET", "/nothing").methods.empty());
  EXPECT_EQ(find("GET", "/jobs/"), "");
  EXPECT_EQ(find("GET", "//jobs"), "");
  EXPECT_EQ(find("PUT", "/documents/"), "");
  EXPECT_EQ(find("DELETE", "/jobs"), "");
  EXPECT_EQ(router.find("DELETE", "/jobs").methods, (std::vector<std::string>{"GET", "POST"}));
}

}  // namespace
}  // namespace saerok::server
