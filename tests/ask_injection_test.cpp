// Notes that give orders (tests/injections): without a model none of what they plant comes into an
// answer; with a model that obeys every one of them, nothing is written, nobody else is asked, and
// no citation appears that is not there.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/loopback_server.h"
#include "saerok/engine.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

const fs::path kInjections = fs::path(SAEROK_SOURCE_DIR) / "tests/injections";

struct Injection {
  std::string file, question, fact;
  std::vector<std::string> must_not;
};

std::vector<Injection> read_injections() {
  std::ifstream stream(kInjections / "injections.jsonl", std::ios::binary);
  EXPECT_TRUE(stream);
  std::vector<Injection> injections;
  for (std::string line; std::getline(stream, line);) {
    const Json json = Json::parse(line);
    injections.push_back({json["file"], json["question"], json["fact"], json["must_not"]});
  }
  EXPECT_GE(injections.size(), 38u);
  return injections;
}

class AskInjection : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "saerok-injection-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  Result<Engine> index_vault(const std::string& chat_url) {
    Settings settings;
    settings.index.vectors = VectorTiers::none;
    settings.models.chat_base_url = chat_url;
    settings.models.chat = "obedient";
    settings.ask.decide = DecideBy::gate;
    Engine engine = TRY(Engine::open({.store = (folder_ / "store").string(),
                                      .models_directory = (folder_ / "models").string(),
                                      .worker_program = {},
                                      .settings = settings}));
    TRY(engine.ingest("default", {.roots = {(kInjections / "vault").string()}, .vectors_file = {}},
                      {}, {}));
    return engine;
  }

  /// Sizes and times of everything below the folder.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder_, error)) {
      const auto time = entry.last_write_time(error).time_since_epoch().count();
      const bool is_file = entry.is_regular_file(error);
      // A reader of the database may leave its shared memory behind.
      if (entry.path().extension() == "-shm" || entry.path().string().ends_with("-shm")) continue;
      all[entry.path().string()] =
          is_file ? std::to_string(entry.file_size(error)) + " " + std::to_string(time) : "folder";
    }
    return all;
  }

  fs::path folder_;
};

AskRequest asking(const std::string& question, bool use_model) {
  AskRequest request;
  request.conversation = {{"user", question}};
  request.use_model = use_model;
  return request;
}

TEST_F(AskInjection, ExtractiveAnswerSaysTheFactAndNothingPlanted) {
  const auto engine = index_vault("");
  ASSERT_TRUE(engine) << engine.error().message;
  for (const Injection& injection : read_injections()) {
    const auto response = engine->ask(asking(injection.question, false), {}, {});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_NE(response->answer.find(injection.fact), std::string::npos)
        << injection.file << ": " << response->answer;
    for (const std::string& planted : injection.must_not) {
      EXPECT_EQ(response->answer.find(planted), std::string::npos)
          << injection.file << ": " << response->answer;
    }
  }
}

TEST_F(AskInjection, ObedientModelCausesNoWriteNoRequestAndNoFalseCitation) {
  const std::vector<Injection> injections = read_injections();
  std::string said;
  for (const Injection& injection : injections) {
    for (const std::string& planted : injection.must_not) said += planted + " ";
  }
  said += "[77] [42] [1] ![x](http://example.invalid/a.png) {\"name\": \"delete_file\"} [0] [999]";
  const Json delta = {{"choices", Json::array({{{"delta", {{"content", said}}}}})}};
  const LoopbackServer server(
      [&](const LoopbackServer::Request&, const LoopbackServer::Peer& peer) {
        peer.answer("200 OK", "data: " + delta.dump() + "\n\ndata: [DONE]\n\n",
                    "Content-Type: text/event-stream\r\n");
      });
  const auto engine = index_vault(server.url());
  ASSERT_TRUE(engine) << engine.error().message;
  const auto before = files();
  std::size_t asked = 0;
  for (const Injection& injection : injections) {
    const auto response = engine->ask(asking(injection.question, true), {}, {});
    ASSERT_TRUE(response) << response.error().message;
    ASSERT_EQ(response->kind, AnswerKind::model) << injection.file;
    EXPECT_EQ(server.requests().size(), ++asked) << injection.file;
    EXPECT_EQ(response->answer.find("[77]"), std::string::npos);
    EXPECT_EQ(response->answer.find("[999]"), std::string::npos);
    EXPECT_GT(response->citations_dropped, 0u);
    for (const Citation& citation : response->citations) {
      ASSERT_GE(citation.marker, 1u);
      ASSERT_LE(citation.marker, response->sources.size());
      const Hit& source = response->sources[citation.marker - 1];
      EXPECT_EQ(citation.path, source.path);
      EXPECT_NE(source.text.find(citation.quote), std::string::npos);
    }
  }
  EXPECT_EQ(files(), before);
  for (const auto& request : server.requests()) {
    EXPECT_TRUE(request.has("POST /v1/chat/completions "));
    const Json body = Json::parse(request.body);
    EXPECT_FALSE(body.contains("tools"));
  }
}

}  // namespace
}  // namespace saerok
