// docs/openapi.json names every route, and no other.

#include "server/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/json.h"
#include "server/daemon.h"

namespace saerok::server {
namespace {

/// "GET /v1/saerok/jobs/{id} token".
std::string line(std::string method, std::string path, bool is_open) {
  std::ranges::transform(method, method.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return method + " " + path + (is_open ? " open" : " token");
}

TEST(OpenApi, DescribesTheRoutesAsTheyAre) {
  const auto document = parse_json(openapi_document(), "docs/openapi.json");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ((*document)["openapi"], "3.1.0");
  std::set<std::string> described;
  for (const auto& [path, operations] : (*document)["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      const Json* security = find_member(operation, "security");
      described.insert(line(method, path, security != nullptr && security->empty()));
      EXPECT_FALSE(operation["summary"].get<std::string>().empty()) << path;
    }
  }
  std::set<std::string> served;
  for (const RouteName& route : route_names()) {
    std::string pattern = route.pattern;
    if (const auto star = pattern.find("*}"); star != std::string::npos) pattern.erase(star, 1);
    // Files of the page have names that change with every build.
    if (pattern.starts_with("/assets/") || pattern == "/favicon.svg") continue;
    served.insert(line(route.method, pattern, route.is_open));
  }
  EXPECT_EQ(described, served);
}

TEST(OpenApi, IsInOnePieceAndSaysWhatAnAnswerHolds) {
  const auto document = parse_json(openapi_document(), "docs/openapi.json");
  ASSERT_TRUE(document);
  EXPECT_EQ(std::string(openapi_document()).find("\"schema/"), std::string::npos);
  for (const auto& [name, schema] : (*document)["components"]["schemas"].items()) {
    const bool says_something =
        schema.contains("$ref") || schema.contains("properties") || schema.contains("anyOf");
    EXPECT_TRUE(says_something) << name;
  }
  const Json hit = (*document)["components"]["schemas"]["search_hit"];
  EXPECT_TRUE(hit["properties"].contains("snippet"));
}

TEST(OpenApi, EveryReferenceIsThere) {
  const auto document = parse_json(openapi_document(), "docs/openapi.json");
  ASSERT_TRUE(document);
  const std::string text(openapi_document());
  for (std::size_t at = text.find("\"#/"); at != std::string::npos;
       at = text.find("\"#/", at + 1)) {
    const std::string pointer = text.substr(at + 2, text.find('"', at + 1) - at - 2);
    EXPECT_TRUE(document->contains(Json::json_pointer(pointer))) << pointer;
  }
}

}  // namespace
}  // namespace saerok::server
