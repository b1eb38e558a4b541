#include "models/openai_models.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/loopback_server.h"
#include "models/scratch_folder.h"
#include "models/sse.h"

namespace saerok {
namespace {

using Request = LoopbackServer::Request;
using Peer = LoopbackServer::Peer;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kKey = "sk-very-secret";

RemoteModelOptions options(const LoopbackServer& server, std::string_view path = {}) {
  return {.base_url = server.url(path),
          .api_key = Secret(std::string(kKey)),
          .model = "m",
          .retry_delay = milliseconds(5)};
}

Json sent(const LoopbackServer& server, std::size_t index = 0) {
  return Json::parse(server.requests().at(index).body);
}

TEST(OpenAiEmbedder, GivesUnitRowsInTheOrderOfTheTexts) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.answer("200 OK", R"({"data":[{"index":1,"embedding":[0,2]},
                                      {"index":0,"embedding":[3,4]}]})");
  });
  const auto embedder = make_openai_embedder(options(server));
  EXPECT_EQ(embedder->dimension(), 0u);
  const auto rows =
      embedder->embed(std::vector<std::string_view>{"하나", "둘"}, TextRole::passage, {});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_FLOAT_EQ(rows->at(0), 0.6f);
  EXPECT_FLOAT_EQ(rows->at(1), 0.8f);
  EXPECT_FLOAT_EQ(rows->at(3), 1.0f);
  EXPECT_EQ(embedder->dimension(), 2u);
  EXPECT_TRUE(server.requests().at(0).has("POST /v1/embeddings "));
  EXPECT_TRUE(server.requests().at(0).has("Authorization: Bearer sk-very-secret\r\n"));
  EXPECT_EQ(sent(server)["input"], Json({"하나", "둘"}));
}

TEST(OpenAiEmbedder, KeepsTheVersionThatABaseUrlHas) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.answer("200 OK", R"({"data":[{"embedding":[1]}]})");
  });
  for (const char* path : {"/v1", "/v1/", "/api/v4", "/proxy"}) {
    const auto embedder = make_openai_embedder(options(server, path));
    ASSERT_TRUE(embedder->embed(std::vector<std::string_view>{"a"}, TextRole::query, {}));
  }
  EXPECT_TRUE(server.requests().at(0).has("POST /v1/embeddings "));
  EXPECT_TRUE(server.requests().at(1).has("POST /v1/embeddings "));
  EXPECT_TRUE(server.requests().at(2).has("POST /api/v4/embeddings "));
  EXPECT_TRUE(server.requests().at(3).has("POST /proxy/v1/embeddings "));
}

TEST(OpenAiEmbedder, AsksABusyServiceAgain) {
  std::atomic<int> count = 0;
  const LoopbackServer server([&](const Request&, const Peer& peer) {
    if (++count == 1) return peer.answer("429 Slow", "{}", "Retry-After: 0\r\n");
    if (count == 2) return peer.answer("503 Busy", "{}");
    peer.answer("200 OK", R"({"data":[{"embedding":[1]}]})");
  });
  const auto embedder = make_openai_embedder(options(server));
  EXPECT_TRUE(embedder->embed(std::vector<std::string_view>{"a"}, TextRole::query, {}));
  EXPECT_EQ(count, 3);
}

TEST(OpenAiEmbedder, DoesNotWaitLongerThanTheDeadlineAllows) {
  const LoopbackServer server([&](const Request&, const Peer& peer) {
    peer.answer("429 Slow", R"({"error":{"message":"slow down"}})", "Retry-After: 20\r\n");
  });
  const auto embedder = make_openai_embedder(options(server));
  const auto begin = Clock::now();
  const auto rows = embedder->embed(std::vector<std::string_view>{"a"}, TextRole::query,
                                    {.stop = {}, .deadline = begin + milliseconds(3000)});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::too_many);
  EXPECT_NE(rows.error().message.find("slow down"), std::string::npos);
  EXPECT_LT(Clock::now() - begin, milliseconds(1500));
}

TEST(OpenAiEmbedder, ErrorsNeverHoldTheKey) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.answer("401 No", R"({"error":{"message":"bad key sk-very-secret given"}})");
  });
  const auto rows = make_openai_embedder(options(server))
                        ->embed(std::vector<std::string_view>{"a"}, TextRole::query, {});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(rows.error().message.find(kKey), std::string::npos);
  EXPECT_NE(rows.error().message.find("bad key [key] given"), std::string::npos);
}

TEST(OpenAiEmbedder, WrongAnswersAreUnavailable) {
  for (const char* body :
       {"<html>", "[]", "{}", R"({"data":[]})", R"({"data":[{"embedding":"x"}]})",
        R"({"data":[{"embedding":[]}]})", R"({"data":[{"embedding":[0,0]}]})",
        R"({"data":[{"index":7,"embedding":[1]}]})", R"({"data":[{"embedding":[1,"x"]}]})"}) {
    const LoopbackServer server(
        [&](const Request&, const Peer& peer) { peer.answer("200 OK", body); });
    const auto rows = make_openai_embedder(options(server))
                          ->embed(std::vector<std::string_view>{"a"}, TextRole::query, {});
    ASSERT_FALSE(rows) << body;
    EXPECT_EQ(rows.error().code, ErrorCode::unavailable) << body;
  }
}

std::string chunk(std::string_view content, std::string_view finish = "null") {
  return "data: {\"choices\":[{\"delta\":{\"content\":" + print_json(Json(content)) +
         "},\"finish_reason\":" + std::string(finish) + "}]}\n\n";
}
constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n";

CompletionRequest question() {
  return {.messages = {{"user", "왜?"}}, .tokens_max = 9, .grammar = {}};
}

TEST(OpenAiLanguageModel, StreamsDeltas) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.send(kStreamHead);
    const std::string stream = ": hello\n\n" + chunk("새") + chunk("록", "\"length\"") +
                               "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,"
                               "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    for (const char byte : stream) peer.send({&byte, 1});
  });
  const auto model = make_openai_language_model(options(server));
  std::vector<std::string> deltas;
  const auto completion = model->complete(question(),
                                          [&](std::string_view delta) {
                                            deltas.emplace_back(delta);
                                            return true;
                                          },
                                          {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(deltas, (std::vector<std::string>{"새", "록"}));
  EXPECT_EQ(completion->text, "새록");
  EXPECT_EQ(completion->prompt_tokens, 5u);
  EXPECT_EQ(completion->generated_tokens, 2u);
  EXPECT_TRUE(completion->reached_limit);
  EXPECT_EQ(sent(server)["max_tokens"], 9);
  EXPECT_EQ(sent(server)["stream"], true);
}

TEST(OpenAiLanguageModel, TakesAWholeAnswerToo) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.answer("200 OK", R"({"choices":[{"message":{"content":"그래"},"finish_reason":"stop"}]})",
                "Content-Type: application/json\r\n");
  });
  const auto completion =
      make_openai_language_model(options(server))->complete(question(), nullptr, {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(completion->text, "그래");
}

TEST(OpenAiLanguageModel, AsksWithTheOtherNameOfTheLimitWhereTheFirstIsRefused) {
  const LoopbackServer server([](const Request& request, const Peer& peer) {
    if (request.body.find("\"max_tokens\"") != std::string::npos) {
      return peer.answer("400 Bad", R"({"error":{"message":"use max_completion_tokens"}})");
    }
    peer.send(std::string(kStreamHead) + chunk("ok", "\"stop\""));
  });
  const auto completion =
      make_openai_language_model(options(server))->complete(question(), nullptr, {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(sent(server, 1)["max_completion_tokens"], 9);
}

TEST(OpenAiLanguageModel, AStreamThatBreaksOffIsAnErrorAndIsNotAskedAgain) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.send(std::string(kStreamHead) + chunk("half"));
  });
  const auto completion =
      make_openai_language_model(options(server))->complete(question(), nullptr, {});
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::unavailable);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(OpenAiLanguageModel, AnErrorInTheStreamIsReported) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.send(std::string(kStreamHead) + "data: {\"error\":{\"message\":\"no memory\"}}\n\n");
  });
  const auto completion =
      make_openai_language_model(options(server))->complete(question(), nullptr, {});
  ASSERT_FALSE(completion);
  EXPECT_NE(completion.error().message.find("no memory"), std::string::npos);
}

TEST(OpenAiLanguageModel, ASinkThatHasEnoughEndsTheAnswer) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.send(std::string(kStreamHead) + chunk("one ") + chunk("two"));
    peer.await_hang_up();
  });
  const auto completion = make_openai_language_model(options(server))
                              ->complete(question(), [](std::string_view) { return false; }, {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(completion->text, "one ");
}

TEST(OpenAiLanguageModel, AStopIsObeyedWithin200Ms) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.send(std::string(kStreamHead) + chunk("one"));
    peer.await_hang_up();
  });
  std::stop_source stop;
  Clock::time_point asked;
  const auto completion = make_openai_language_model(options(server))
                              ->complete(question(),
                                         [&](std::string_view) {
                                           asked = Clock::now();
                                           stop.request_stop();
                                           return true;
                                         },
                                         {.stop = stop.get_token(), .deadline = {}});
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::cancelled);
  EXPECT_LT(Clock::now() - asked, milliseconds(200));
}

TEST(OpenAiLanguageModel, OurOwnTimeoutNamesItsSetting) {
  const LoopbackServer server([](const Request&, const Peer& peer) { peer.await_hang_up(); });
  RemoteModelOptions hurried = options(server);
  hurried.timeout_ms = 60;
  const auto completion = make_openai_language_model(hurried)->complete(question(), nullptr, {});
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::deadline_exceeded);
  EXPECT_NE(completion.error().message.find("models.timeout_ms"), std::string::npos);
}

TEST(OpenAiLanguageModel, RefusesAGrammar) {
  const LoopbackServer server([](const Request&, const Peer&) {});
  CompletionRequest request = question();
  request.grammar = "root ::= \"a\"";
  const auto model = make_openai_language_model(options(server));
  EXPECT_FALSE(model->follows_grammars());
  const auto completion = model->complete(request, nullptr, {});
  ASSERT_FALSE(completion);
  EXPECT_EQ(completion.error().code, ErrorCode::invalid_argument);
}

TEST(OpenAiReranker, GivesOneScoreAPassageInOrder) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.answer("200 OK", R"({"results":[{"index":1,"relevance_score":0.9},
                                         {"index":0,"relevance_score":-2}]})");
  });
  const auto reranker = make_openai_reranker(options(server));
  const auto scores = reranker->score("물", std::vector<std::string_view>{"가", "나"}, {});
  ASSERT_TRUE(scores) << scores.error().message;
  EXPECT_EQ(*scores, (std::vector<float>{-2.0f, 0.9f}));
  EXPECT_TRUE(server.requests().at(0).has("POST /v1/rerank "));
  EXPECT_EQ(sent(server)["documents"], Json({"가", "나"}));
  EXPECT_FALSE(reranker->score("물", std::vector<std::string_view>{"가"}, {}));
}

TEST(Sse, DataMaySpanLinesAndTheStreamMayEndWithoutABlankOne) {
  SseParser parser;
  const auto events =
      parser.feed("id: 1\r\ndata: a\r\ndata: b\r\n\r\n: x\n\nevent: end\ndata: d\n\ndata:c");
  ASSERT_TRUE(events);
  EXPECT_EQ(*events, (std::vector<SseEvent>{{"", "a\nb"}, {"end", "d"}}));
  EXPECT_EQ(parser.finish(), "c");
}

TEST(Sse, AnEndlessEventIsRefused) {
  SseParser parser;
  EXPECT_FALSE(parser.feed("data: " + std::string(kSseEventBytesMax, 'x')));
}

/// Each service of the day's tokens takes what its answer says, or an estimate.
TEST(ServiceLimits, TokensOfAllKindsOfModelsCountAndThenNoneIsAsked) {
  const LoopbackServer server([](const Request& request, const Peer& peer) {
    if (request.has("/embeddings")) {
      return peer.answer("200 OK", R"({"data":[{"embedding":[1]}],"usage":{"total_tokens":7}})");
    }
    if (request.has("/rerank")) {
      return peer.answer("200 OK", R"({"results":[{"index":0,"relevance_score":1}]})");
    }
    peer.send(std::string(kStreamHead) + chunk("hi", "\"stop\"") +
              "data: {\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3,"
              "\"prompt_tokens_details\":{\"cached_tokens\":16}}}\n\ndata: [DONE]\n\n");
  });
  const ScratchFolder folder;
  RemoteModelOptions limited = options(server);
  limited.limits = {.tokens_per_day = 31, .usage_file = folder.path("usage.json")};
  const auto embedder = make_openai_embedder(limited);
  const std::vector<std::string_view> texts{"a"};
  ASSERT_TRUE(embedder->embed(texts, TextRole::query, {}));
  const CompletionRequest request{.messages = {{"user", "hello"}}, .grammar = {}};
  const auto chat = make_openai_language_model(limited);
  const auto completion = chat->complete(request, nullptr, {});
  ASSERT_TRUE(completion) << completion.error().message;
  EXPECT_EQ(completion->prompt_tokens_kept, 16u);
  ASSERT_TRUE(make_openai_reranker(limited)->score("q", texts, {})) << "30 of 31 were used";
  const std::size_t asked = server.requests().size();
  for (const auto& code : {embedder->embed(texts, TextRole::query, {}).error().code,
                           chat->complete(request, nullptr, {}).error().code}) {
    EXPECT_EQ(code, ErrorCode::too_many);
  }
  EXPECT_EQ(server.requests().size(), asked);
}

TEST(ServiceLimits, AChatServiceThatHasCostTheDaysMoneyIsNotAsked) {
  const LoopbackServer server([](const Request&, const Peer& peer) {
    peer.send(
        std::string(kStreamHead) + chunk("hi", "\"stop\"") +
        "data: {\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3}}\n\ndata: [DONE]\n\n");
  });
  const ScratchFolder folder;
  RemoteModelOptions priced = options(server);
  priced.price_prompt = 1'000;
  priced.price_completion = 10'000;
  priced.limits = {.price_per_day = 0.06, .usage_file = folder.path("usage.json")};
  const CompletionRequest request{.messages = {{"user", "hello"}}, .grammar = {}};
  const auto chat = make_openai_language_model(priced);
  ASSERT_TRUE(chat->complete(request, nullptr, {})) << "20 at .001 and 3 at .01 are .05";
  ASSERT_TRUE(chat->complete(request, nullptr, {}));
  const auto refused = chat->complete(request, nullptr, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_many);
  EXPECT_NE(refused.error().message.find("has cost 0.1 today"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(ServiceLimits, AttemptsOfABusyServiceCountTowardsTheMinute) {
  const LoopbackServer server(
      [](const Request&, const Peer& peer) { peer.answer("503 Busy", "{}"); });
  RemoteModelOptions limited = options(server);
  limited.limits.requests_per_minute = 2;
  const auto rows = make_openai_embedder(limited)->embed(
      std::vector<std::string_view>{"a"}, TextRole::query,
      {.stop = {}, .deadline = Clock::now() + milliseconds(20'000)});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::too_many);
  EXPECT_EQ(server.requests().size(), 2u);
}

}  // namespace
}  // namespace saerok
