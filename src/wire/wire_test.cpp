// Requests and responses through JSON and back.

#include <gtest/gtest.h>

#include "wire/request_json.h"
#include "wire/response_from_json.h"
#include "wire/response_json.h"

namespace saerok {
namespace {

Hit make_hit() {
  Hit hit;
  hit.rank = 2;
  hit.score = 1.5;
  hit.root = "/notes";
  hit.path = "일기/a.md";
  hit.document_id = "일기/a.md";
  hit.title = "봄";
  hit.heading_path = {"봄", "산책"};
  hit.attributes = {
      {"tag", std::string("걷기")}, {"rating", std::int64_t{5}}, {"draft", true}, {"weight", 2.5}};
  hit.lines = {3, 4};
  hit.bytes = {10, 40};
  hit.snippet = "걷다가 보았다";
  hit.highlights = {{0, 9}};
  hit.explanation = Explanation{"sum of", 1.5, {{"stem", 1.0, {}}, {"gram", 0.5, {}}}};
  return hit;
}

TEST(Wire, SearchResponseComesBackAsItWas) {
  SearchResponse response;
  response.query = "산책";
  response.mode = SearchMode::hybrid;
  response.hits = {make_hit()};
  response.report = {.stages = {{"fuse", 0.5, 10, 3}}, .warnings = {"slow"}};
  const Json json = to_json(response);
  EXPECT_EQ(to_json(search_response_from(json)), json);
}

TEST(Wire, AskResponseComesBackAsItWas) {
  AskResponse response;
  response.decision = Decision::clarify;
  response.decided_by = "gate";
  response.search_probability = 0.25;
  response.decision_explanation = Explanation{"probability", 0.25, {}};
  response.standalone_query = "봄 산책";
  response.expansions = {{QueryExpansion::Use::vectors, "걷기", 0.5f}};
  response.proposed_filters = {{"작년", "date>=2025-01-01", true}};
  response.answer = "걸었다. [1]";
  response.kind = AnswerKind::model;
  response.model = "small";
  response.found = true;
  Citation citation;
  citation.marker = 1;
  citation.path = "일기/a.md";
  citation.lines = {3, 3};
  citation.bytes = {10, 20};
  citation.quote = "걷다가";
  response.citations = {citation};
  response.citations_dropped = 2;
  response.unsupported = {{{0, 10}, 0.25}};
  response.sources = {make_hit()};
  response.hits = {make_hit(), make_hit()};
  response.prompt_hash = "abc";
  response.model_use = {2, 700, 500, 30, 0.25};
  response.report.warnings = {"one"};
  const Json json = to_json(response);
  EXPECT_EQ(to_json(ask_response_from(json)), json);
}

TEST(Wire, IngestReportComesBackAsItWas) {
  IngestReport report;
  report.files_seen = 9;
  report.files_indexed = 3;
  report.documents = 4;
  report.chunks = 8;
  report.failed = {{"/notes", "a.md", "broken"}};
  report.chunk_vectors = 5;
  report.pending_window_vectors = 7;
  report.text_seconds = 0.25;
  report.warnings = {"w"};
  const Json json = to_json(report);
  EXPECT_EQ(to_json(ingest_report_from(json)), json);
}

TEST(Wire, WhatIsNoResponseIsAnEmptyOne) {
  for (const char* text : {"null", "7", "[]", "{\"hits\": 7}", "{\"hits\": [null, 7]}",
                           "{\"report\": {\"stages\": \"x\"}, \"citations\": {}}"}) {
    const Json json = Json::parse(text);
    EXPECT_TRUE(search_response_from(json).query.empty()) << text;
    EXPECT_TRUE(ask_response_from(json).answer.empty()) << text;
    EXPECT_EQ(ingest_report_from(json).files_seen, 0u) << text;
  }
}

TEST(Wire, RequestsComeBackAsTheyWere) {
  SearchRequest search;
  search.collection = "work";
  search.query = "봄";
  search.mode = SearchMode::vector;
  search.filter = "tag:a";
  search.limit = 7;
  search.explain = true;
  search.query_vector = {0.5f, -1};
  const auto read = search_request_from(to_json(search));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(search));
  AskRequest ask;
  ask.conversation = {{"user", "a"}, {"assistant", "b"}, {"user", "c"}};
  ask.use_model = false;
  ask.hits = 3;
  ask.standalone_query = "x";
  const auto asked = ask_request_from(to_json(ask));
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(to_json(*asked), to_json(ask));
}

TEST(Wire, ARequestThatIsWrongNamesTheMember) {
  const auto message = [](const Json& json) {
    const auto request = search_request_from(json);
    return request ? std::string() : request.error().message;
  };
  EXPECT_NE(message({{"limit", 0}}).find("\"limit\""), std::string::npos);
  EXPECT_NE(message({{"limit", 1001}}).find("1 to 1000"), std::string::npos);
  EXPECT_NE(message({{"limit", 1.5}}).find("\"limit\""), std::string::npos);
  EXPECT_NE(message({{"mode", "fast"}}).find("auto lexical vector hybrid"), std::string::npos);
  EXPECT_NE(message({{"query", Json::array()}}).find("\"query\""), std::string::npos);
  EXPECT_NE(message({{"explain", "perhaps"}}).find("\"explain\""), std::string::npos);
  EXPECT_NE(message({{"query_vector", {1, "a"}}}).find("query_vector"), std::string::npos);
  EXPECT_NE(message({{"query", std::string(kQueryBytesMax + 1, 'a')}}).find("32768"),
            std::string::npos);
  const auto ask = ask_request_from({{"conversation", {{{"role", "robot"}, {"content", "x"}}}}});
  ASSERT_FALSE(ask);
  EXPECT_NE(ask.error().message.find("conversation"), std::string::npos);
}

TEST(Wire, AUrlsQueryIsReadAsABodyIs) {
  const Json json = json_from_query({{"query", "2024"},
                                     {"limit", "5"},
                                     {"explain", "1"},
                                     {"filter", "007"},
                                     {"mode", "lexical"}});
  const auto request = search_request_from(json);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->query, "2024");
  EXPECT_EQ(request->limit, 5u);
  EXPECT_TRUE(request->explain);
  EXPECT_EQ(request->filter, "007") << "no number: its zeros would be lost";
}

TEST(Wire, BodiesAreObjectsOfBoundedDepth) {
  EXPECT_TRUE(parse_request_body("")->empty());
  EXPECT_FALSE(parse_request_body("[]"));
  EXPECT_FALSE(parse_request_body("{"));
  const auto nested = [](std::size_t levels) {
    std::string text = "{\"a\":";
    for (std::size_t i = 1; i < levels; ++i) text += "[";
    for (std::size_t i = 1; i < levels; ++i) text += "]";
    return text + "}";
  };
  EXPECT_TRUE(parse_request_body(nested(kJsonDepthMax)));
  EXPECT_FALSE(parse_request_body(nested(kJsonDepthMax + 1)));
  EXPECT_TRUE(parse_request_body("{\"a\": \"[[[[" + std::string(200, '[') + "\"}"));
}

}  // namespace
}  // namespace saerok
