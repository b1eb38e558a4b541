// How often the gate of `saerok ask` is right, on the half of examples/conversations that its
// weights were not fitted to (bench/decision_fit.cpp has the other half), and what it does with the
// questions of examples/questions, all of which are for the notes.

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "saerok/engine.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

const fs::path kExamples = fs::path(SAEROK_SOURCE_DIR) / "examples";

class AskDecision : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "saerok-decision-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    Settings settings;
    settings.index.vectors = VectorTiers::none;
    settings.ask.decide = DecideBy::gate;
    auto engine = Engine::open({.store = (folder_ / "store").string(),
                                .models_directory = (folder_ / "models").string(),
                                .worker_program = {},
                                .settings = settings});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::make_unique<Engine>(std::move(*engine));
    const auto report = engine_->ingest(
        "default", {.roots = {(kExamples / "vault").string()}, .vectors_file = {}}, {}, {});
    ASSERT_TRUE(report) << report.error().message;
  }
  void TearDown() override {
    engine_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string decide(const Conversation& conversation) const {
    AskRequest request;
    request.conversation = conversation;
    request.retrieve_only = true;
    request.use_model = false;
    const auto response = engine_->ask(request, {}, {});
    EXPECT_TRUE(response) << response.error().message;
    if (!response) return "";
    return response->decision == Decision::search   ? "search"
           : response->decision == Decision::answer ? "answer"
                                                    : "clarify";
  }

  fs::path folder_;
  std::unique_ptr<Engine> engine_;
};

std::vector<Json> lines_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream) << file;
  std::vector<Json> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

TEST_F(AskDecision, HeldOutTurnsAreDecidedRightlyOftenEnough) {
  std::map<std::string, std::map<std::string, int>> counts;
  for (const Json& json : lines_of(kExamples / "conversations/conversations.jsonl")) {
    if (hash64(std::string(json["eval_id"])) % 2 == 0) continue;
    Conversation conversation;
    for (const Json& turn : json["msg"]) conversation.push_back({turn["role"], turn["content"]});
    ++counts[json["decision"]][decide(conversation)];
  }
  std::printf("right     search answer clarify\n");
  for (auto& [right, said] : counts) {
    std::printf("%-9s %6d %6d %7d\n", right.c_str(), said["search"], said["answer"],
                said["clarify"]);
  }
  auto& search = counts["search"];
  auto& answer = counts["answer"];
  const int searching = search["search"] + search["answer"] + search["clarify"];
  const int chatting = answer["search"] + answer["answer"] + answer["clarify"];
  EXPECT_GE(search["search"], .98 * searching);
  EXPECT_GE(answer["answer"] + answer["clarify"], .6 * chatting);
}

TEST_F(AskDecision, QuestionsAboutTheNotesAreNeverRefused) {
  for (const char* file : {"questions/queries.jsonl", "questions/unanswerable.jsonl"}) {
    for (const Json& question : lines_of(kExamples / file)) {
      EXPECT_EQ(decide({{"user", question["text"]}}), "search") << question["text"];
    }
  }
}

}  // namespace
}  // namespace saerok
