// models.rerank as a file on disk, from the settings to the first hit: a small cross-encoder whose
// weights are random, and so the same always.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "models/tiny_encoder.h"
#include "saerok/engine.h"

#ifdef SAEROK_TEST_WORKER
namespace saerok {
namespace {

namespace fs = std::filesystem;

class LocalRerank : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "saerok-rerank-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directories(folder_ / "notes");
    // Words of the model's vocabulary.
    write("often.md", "The water, the water, the water.");
    write("room.md", "The water in the empty room.");
    write("12.md", "12 and 12 is no water.");
    write("long.md", "Empty the room, ne wa the water wa ne, and room for 12 and water.");
    ASSERT_TRUE(write_tiny_encoder((folder_ / "tiny.gguf").string(), 1, {}, 1));
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "notes" / name, std::ios::binary) << text << "\n";
  }
  Result<Engine> index() {
    Settings settings;
    settings.index.vectors = VectorTiers::none;
    Engine engine = TRY(Engine::open({.store = (folder_ / "store").string(),
                                      .models_directory = (folder_ / "models").string(),
                                      .worker_program = SAEROK_TEST_WORKER,
                                      .settings = settings}));
    TRY(engine.ingest("default", {.roots = {(folder_ / "notes").string()}, .vectors_file = {}}, {},
                      {}));
    return engine;
  }
  Settings reranked(const Engine& engine) const {
    Settings settings = engine.settings();
    settings.models.rerank = (folder_ / "tiny.gguf").string();
    return settings;
  }
  static SearchResponse find(const Engine& engine) {
    SearchRequest request;
    request.query = "water";
    request.explain = true;
    auto response = engine.search(request, {});
    EXPECT_TRUE(response) << response.error().message;
    return response ? std::move(*response) : SearchResponse{};
  }
  static std::vector<std::string> paths(const SearchResponse& response) {
    std::vector<std::string> paths;
    for (const Hit& hit : response.hits) paths.push_back(hit.path);
    return paths;
  }

  fs::path folder_;
};

TEST_F(LocalRerank, TheFirstHitIsTheCrossEncoders) {
  const auto engine = index();
  ASSERT_TRUE(engine) << engine.error().message;
  const SearchResponse before = find(*engine);
  ASSERT_EQ(before.hits.size(), 4u);
  EXPECT_EQ(before.hits[0].path, "often.md");
  const SearchResponse after = find(engine->with_settings(reranked(*engine)));
  ASSERT_EQ(after.hits.size(), 4u);
  EXPECT_NE(after.hits[0].path, before.hits[0].path);
  EXPECT_TRUE(after.report.warnings.empty()) << after.report.warnings[0];
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(after.hits[i].explanation->label,
              "score that the reranker " + (folder_ / "tiny.gguf").string() + " gave");
    if (i > 0) {
      EXPECT_LT(after.hits[i].score, after.hits[i - 1].score);
    }
  }
  Settings off = reranked(*engine);
  off.search.rerank_depth = 0;
  EXPECT_EQ(paths(find(engine->with_settings(off))), paths(before));
}

TEST_F(LocalRerank, WhatWasCutIsSaidAndAFileThatIsNotThereIsNamed) {
  std::string words = "The water";
  for (int i = 0; i < 60; ++i) words += " room";
  write("longer.md", words + ".");
  const auto engine = index();
  ASSERT_TRUE(engine) << engine.error().message;
  Settings settings = reranked(*engine);
  const SearchResponse cut = find(engine->with_settings(settings));
  ASSERT_EQ(cut.report.warnings.size(), 1u);
  EXPECT_NE(
      cut.report.warnings[0].find("read only the beginning of 1 of 5 passages: it reads 48 tokens"),
      std::string::npos)
      << cut.report.warnings[0];
  settings.models.rerank = (folder_ / "none.gguf").string();
  const SearchResponse missing = find(engine->with_settings(settings));
  EXPECT_EQ(missing.hits[0].path, "often.md");
  ASSERT_EQ(missing.report.warnings.size(), 1u);
  EXPECT_NE(missing.report.warnings[0].find("none.gguf"), std::string::npos);
}

}  // namespace
}  // namespace saerok
#endif
