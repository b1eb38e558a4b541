// search.rerank_by = chat and chat_pairs, from the settings to the first hit, with a chat service
// that is a script.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/loopback_server.h"
#include "saerok/engine.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

class ChatRerank : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "saerok-rerank-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directories(folder_ / "notes");
    write("often.md", "Tea, tea, tea, tea and tea.");
    write("twice.md", "Tea before tea.");
    write("lemon.md", "One tea with lemon and a long walk by the river.");
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "notes" / name, std::ios::binary) << text << "\n";
  }

  Result<Engine> index(const std::string& chat_url, RerankBy by = RerankBy::chat) {
    Settings settings;
    settings.index.vectors = VectorTiers::none;
    settings.search.rerank_by = by;
    settings.models.chat_base_url = chat_url;
    settings.models.chat = chat_url.empty() ? "" : "scripted";
    Engine engine = TRY(Engine::open({.store = (folder_ / "store").string(),
                                      .models_directory = (folder_ / "models").string(),
                                      .worker_program = {},
                                      .settings = settings}));
    TRY(engine.ingest("default", {.roots = {(folder_ / "notes").string()}, .vectors_file = {}}, {},
                      {}));
    return engine;
  }
  static std::vector<std::string> paths(const Result<SearchResponse>& response) {
    std::vector<std::string> paths;
    EXPECT_TRUE(response) << response.error().message;
    for (std::size_t i = 0; response && i < response->hits.size(); ++i) {
      paths.push_back(response->hits[i].path);
    }
    return paths;
  }
  static bool warns(const Report& report, std::string_view of) {
    return std::any_of(report.warnings.begin(), report.warnings.end(),
                       [&](const std::string& w) { return w.find(of) != std::string::npos; });
  }

  fs::path folder_;
};

SearchRequest tea() {
  SearchRequest request;
  request.query = "tea";
  request.explain = true;
  return request;
}

void answer_with(const LoopbackServer::Peer& peer, const std::string& said) {
  const Json delta = {{"choices", Json::array({{{"delta", {{"content", said}}}}})}};
  peer.answer("200 OK", "data: " + delta.dump() + "\n\ndata: [DONE]\n\n",
              "Content-Type: text/event-stream\r\n");
}

TEST_F(ChatRerank, TheFirstHitIsTheChatServicesChoice) {
  const LoopbackServer server(
      [](const LoopbackServer::Request& request, const LoopbackServer::Peer& peer) {
        const Json body = Json::parse(request.body);
        const std::string shown = body["messages"].back()["content"];
        int number = 1;
        while (number < 3 && shown.find("lemon", shown.find("[" + std::to_string(number) + "]")) >
                                 shown.find("[" + std::to_string(number + 1) + "]")) {
          ++number;
        }
        answer_with(peer, "Here you are: {\"order\": [" + std::to_string(number) + "]}");
      });
  const auto engine = index(server.url());
  ASSERT_TRUE(engine) << engine.error().message;
  const auto response = engine->search(tea(), {});
  EXPECT_EQ(paths(response), (std::vector<std::string>{"lemon.md", "often.md", "twice.md"}));
  EXPECT_EQ(response->hits[0].explanation->label,
            "score that the reranker chat model scripted gave");
  EXPECT_TRUE(response->report.warnings.empty()) << response->report.warnings[0];
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_FALSE(Json::parse(server.requests()[0].body).contains("tools"));
}

TEST_F(ChatRerank, TwoAtATimeThePassageThatWinsInBothOrdersRises) {
  const LoopbackServer server(
      [](const LoopbackServer::Request& request, const LoopbackServer::Peer& peer) {
        const Json body = Json::parse(request.body);
        const std::string shown = body["messages"].back()["content"];
        const bool is_second =
            shown.find("lemon") != std::string::npos && shown.find("lemon") > shown.find("[2]");
        answer_with(peer, is_second ? "{\"better\": 2}" : "{\"better\": 1}");
      });
  const auto engine = index(server.url(), RerankBy::chat_pairs);
  ASSERT_TRUE(engine) << engine.error().message;
  const auto response = engine->search(tea(), {});
  EXPECT_EQ(paths(response), (std::vector<std::string>{"lemon.md", "often.md", "twice.md"}));
  EXPECT_TRUE(response->report.warnings.empty()) << response->report.warnings[0];
}

TEST_F(ChatRerank, AnAnswerCountsWhatRerankingAskedOfTheModelToo) {
  const LoopbackServer server(
      [](const LoopbackServer::Request& request, const LoopbackServer::Peer& peer) {
        const bool is_reranking = request.body.find("order") != std::string::npos;
        answer_with(peer, is_reranking ? "{\"order\": [1]}" : "Tea. [1]");
      });
  const auto engine = index(server.url());
  ASSERT_TRUE(engine) << engine.error().message;
  AskRequest request;
  request.conversation = {{"user", "Which note is about tea?"}};
  const auto response = engine->ask(request, {}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->answer, "Tea. [1]");
  EXPECT_GE(server.requests().size(), 2u);
  EXPECT_EQ(response->model_use.requests, server.requests().size());
}

TEST_F(ChatRerank, AServiceThatFailsLeavesTheOrderAndIsNamed) {
  const LoopbackServer server([](const LoopbackServer::Request&, const LoopbackServer::Peer& peer) {
    peer.answer("400 Bad Request", "{\"error\": {\"message\": \"no such model\"}}");
  });
  const auto engine = index(server.url());
  ASSERT_TRUE(engine) << engine.error().message;
  const auto response = engine->search(tea(), {});
  EXPECT_EQ(paths(response), (std::vector<std::string>{"often.md", "twice.md", "lemon.md"}));
  EXPECT_TRUE(warns(response->report, "not reranked: "));
  EXPECT_TRUE(warns(response->report, "no such model"));
}

TEST_F(ChatRerank, WithoutAChatModelTheSearchSaysHowToGetOne) {
  const auto engine = index("");
  ASSERT_TRUE(engine) << engine.error().message;
  const auto response = engine->search(tea(), {});
  EXPECT_EQ(paths(response).front(), "often.md");
  EXPECT_TRUE(warns(response->report, "set models.chat or models.chat_base_url"));
}

TEST_F(ChatRerank, WhoWantsNoModelWaitsForNone) {
  const LoopbackServer server([](const LoopbackServer::Request&, const LoopbackServer::Peer& peer) {
    answer_with(peer, "{\"order\": [1]}");
  });
  const auto engine = index(server.url());
  ASSERT_TRUE(engine) << engine.error().message;
  AskRequest request;
  request.conversation = {{"user", "What goes with tea?"}};
  request.use_model = false;
  ASSERT_TRUE(engine->ask(request, {}, {}));
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace saerok
