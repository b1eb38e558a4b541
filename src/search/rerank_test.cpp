#include "search/rerank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <random>
#include <string>

#include "search/memory_backend.h"
#include "search/searcher.h"

namespace saerok {
namespace {

/// Scores each passage with a function, and remembers what it was shown.
class FakeReranker : public Reranker {
 public:
  explicit FakeReranker(std::function<float(std::string_view)> score) : score_(std::move(score)) {}

  std::string_view name() const override { return "fake"; }
  Result<std::vector<float>> score(std::string_view query,
                                   std::span<const std::string_view> passages,
                                   const CallContext& call) const override {
    ++calls;
    last_query = query;
    last_passages.assign(passages.begin(), passages.end());
    last_deadline = call.deadline;
    if (on_call) on_call();
    if (failure) return *failure;
    std::vector<float> scores;
    for (const std::string_view passage : passages) scores.push_back(score_(passage));
    for (std::size_t i = 0; i < scores_missing; ++i) scores.pop_back();
    return scores;
  }

  std::string remark() const override { return said; }

  std::optional<Error> failure;
  std::string said;
  std::size_t scores_missing = 0;
  std::function<void()> on_call;
  mutable int calls = 0;
  mutable std::string last_query;
  mutable std::vector<std::string> last_passages;
  mutable std::optional<std::chrono::steady_clock::time_point> last_deadline;

 private:
  std::function<float(std::string_view)> score_;
};

float holds_lemon(std::string_view passage) {
  return passage.find("lemon") != std::string_view::npos ? 0.75f : 0.25f;
}

class RerankTest : public ::testing::Test {
 protected:
  RerankTest() {
    backend.add({"often.md", "Tea, tea, tea, tea and tea.", "Often", {}, {}});
    backend.add({"twice.md", "Tea before tea.", "Twice", {}, {}});
    backend.add({"lemon.md", "One tea with lemon.", "Lemon", {}, {}});
    backend.add({"budget.md", "The meeting about the budget.", "Budget", {}, {}});
  }

  Result<SearchResponse> run(const Reranker* with, const CallContext& call = {}) {
    return search(request, settings, backend, analyzer,
                  {.embedder = &embedder,
                   .no_embedder_reason = {},
                   .reranker = with,
                   .no_reranker_reason = no_reranker_reason},
                  call);
  }
  SearchResponse found(const Reranker* with) {
    Result<SearchResponse> response = run(with);
    EXPECT_TRUE(response) << response.error().message;
    return response ? std::move(*response) : SearchResponse{};
  }
  static std::vector<std::string> paths(const SearchResponse& response) {
    std::vector<std::string> paths;
    for (const Hit& hit : response.hits) paths.push_back(hit.path);
    return paths;
  }
  static bool warns(const SearchResponse& response, std::string_view of) {
    return std::any_of(response.report.warnings.begin(), response.report.warnings.end(),
                       [&](const std::string& w) { return w.find(of) != std::string::npos; });
  }
  static bool has_stage(const SearchResponse& response) {
    return std::any_of(response.report.stages.begin(), response.report.stages.end(),
                       [](const StageReport& stage) { return stage.name == "rerank"; });
  }
  /// The reranker's failure is told and changes nothing else.
  void expect_order_kept(const FakeReranker& failing, std::string_view reason) {
    const SearchResponse plain = found(nullptr);
    const SearchResponse kept = found(&failing);
    EXPECT_EQ(paths(kept), paths(plain));
    ASSERT_FALSE(kept.hits.empty());
    EXPECT_EQ(kept.hits[0].score, plain.hits[0].score);
    EXPECT_TRUE(warns(kept, "not reranked: ")) << testing::PrintToString(kept.report.warnings);
    EXPECT_TRUE(warns(kept, reason)) << testing::PrintToString(kept.report.warnings);
  }

  Analyzer analyzer{AnalyzerSettings{}};
  HashedWordsEmbedder embedder{analyzer};
  MemoryBackend backend{analyzer};
  SearchSettings settings;
  SearchRequest request{.collection = "default",
                        .query = "tea",
                        .mode = SearchMode::automatic,
                        .filter = {},
                        .limit = 10,
                        .explain = false,
                        .query_vector = {}};
  std::string no_reranker_reason;
  FakeReranker likes_lemon{holds_lemon};
};

TEST_F(RerankTest, FirstHitIsTheRerankersChoice) {
  ASSERT_EQ(paths(found(nullptr)), (std::vector<std::string>{"often.md", "twice.md", "lemon.md"}));
  const SearchResponse response = found(&likes_lemon);
  EXPECT_EQ(paths(response), (std::vector<std::string>{"lemon.md", "often.md", "twice.md"}));
  EXPECT_EQ(response.hits[0].rank, 1u);
  EXPECT_EQ(response.hits[0].score, 0.75);
  EXPECT_TRUE(response.report.warnings.empty());
  EXPECT_EQ(likes_lemon.calls, 1);
  EXPECT_EQ(likes_lemon.last_query, "tea");
}

TEST_F(RerankTest, EqualScoresGoByChunk) {
  backend.add({"late.md", "Tea tea tea tea tea tea tea tea.", "", {}, {}});
  const FakeReranker indifferent([](std::string_view) { return 1.0f; });
  EXPECT_EQ(paths(found(&indifferent)),
            (std::vector<std::string>{"often.md", "twice.md", "lemon.md", "late.md"}));
}

TEST_F(RerankTest, RerankerReadsTitleHeadingsAndText) {
  StoredChunk chunk;
  chunk.title = "차";
  chunk.chunk.heading_path = {"차", "홍차", "우리기"};
  chunk.chunk.text = "끓는 물에 3분.";
  EXPECT_EQ(reranked_text(chunk), "차\n홍차\n우리기\n끓는 물에 3분.");
  chunk.title.clear();
  chunk.chunk.heading_path.clear();
  EXPECT_EQ(reranked_text(chunk), "끓는 물에 3분.");
}

TEST_F(RerankTest, DepthBoundsWhatIsRescoredAndFound) {
  request.limit = 1;
  settings.rerank_depth = 2;
  EXPECT_EQ(paths(found(&likes_lemon)), std::vector<std::string>{"often.md"});
  EXPECT_EQ(likes_lemon.last_passages.size(), 2u);
  settings.rerank_depth = 3;
  EXPECT_EQ(paths(found(&likes_lemon)), std::vector<std::string>{"lemon.md"});
  EXPECT_EQ(likes_lemon.last_passages.size(), 3u);
}

TEST_F(RerankTest, LimitAboveTheDepthIsServed) {
  request.limit = 3;
  settings.rerank_depth = 1;
  EXPECT_EQ(found(&likes_lemon).hits.size(), 3u);
  EXPECT_EQ(likes_lemon.last_passages.size(), 3u);
}

TEST_F(RerankTest, DepthAboveTheRetrieversIsReached) {
  request.limit = 1;
  settings.depth = 1;
  settings.rerank_depth = 30;
  EXPECT_EQ(paths(found(&likes_lemon)), std::vector<std::string>{"lemon.md"});
}

TEST_F(RerankTest, DepthZeroNeverCallsTheReranker) {
  settings.rerank_depth = 0;
  no_reranker_reason = "it is broken";
  const SearchResponse response = found(&likes_lemon);
  EXPECT_EQ(response.hits[0].path, "often.md");
  EXPECT_EQ(likes_lemon.calls, 0);
  EXPECT_FALSE(has_stage(response));
  EXPECT_TRUE(found(nullptr).report.warnings.empty());
}

TEST_F(RerankTest, NothingFoundIsNotReranked) {
  request.query = "zebra";
  EXPECT_TRUE(found(&likes_lemon).hits.empty());
  EXPECT_EQ(likes_lemon.calls, 0);
}

TEST_F(RerankTest, MissingRerankerSaysWhy) {
  no_reranker_reason = "no service answers";
  const SearchResponse response = found(nullptr);
  EXPECT_EQ(response.hits[0].path, "often.md");
  EXPECT_TRUE(warns(response, "not reranked: no service answers"));
}

TEST_F(RerankTest, FailingRerankerKeepsTheOrderAndWarns) {
  likes_lemon.failure = Error{ErrorCode::unavailable, "the service did not answer"};
  expect_order_kept(likes_lemon, "the service did not answer");
  likes_lemon.failure = Error{ErrorCode::deadline_exceeded, "the service took too long"};
  expect_order_kept(likes_lemon, "the service took too long");
}

TEST_F(RerankTest, RerankerThatBreaksItsContractKeepsTheOrderAndWarns) {
  likes_lemon.scores_missing = 1;
  expect_order_kept(likes_lemon, "the reranker fake gave 2 scores for 3 passages");
  const FakeReranker confused(
      [](std::string_view) { return std::numeric_limits<float>::quiet_NaN(); });
  expect_order_kept(confused, "not a number");
}

TEST_F(RerankTest, RerankersTimeIsLimitedAndKeepsTheOrder) {
  const auto before = std::chrono::steady_clock::now();
  settings.rerank_ms = 60'000;
  found(&likes_lemon);
  ASSERT_TRUE(likes_lemon.last_deadline);
  EXPECT_GE(*likes_lemon.last_deadline, before + std::chrono::milliseconds(60'000));
  EXPECT_LE(*likes_lemon.last_deadline,
            std::chrono::steady_clock::now() + std::chrono::milliseconds(60'000));
  CallContext call;
  call.deadline = before + std::chrono::milliseconds(50'000);
  ASSERT_TRUE(run(&likes_lemon, call));
  EXPECT_EQ(likes_lemon.last_deadline, call.deadline);
  // Waits for its deadline as a slow service does.
  settings.rerank_ms = 1;
  likes_lemon.on_call = [&] {
    while (std::chrono::steady_clock::now() < *likes_lemon.last_deadline) {
    }
  };
  likes_lemon.failure = Error{ErrorCode::deadline_exceeded, "too slow"};
  expect_order_kept(likes_lemon, "fake did not finish within search.rerank_ms (1 ms)");
}

TEST_F(RerankTest, WhatTheRerankerRemarksIsAWarning) {
  likes_lemon.said = "only half of them were read";
  const SearchResponse response = found(&likes_lemon);
  EXPECT_EQ(response.hits[0].path, "lemon.md");
  EXPECT_TRUE(warns(response, "only half of them were read"));
}

TEST_F(RerankTest, AFollowUpIsRerankedByWhatItMeans) {
  request.embedded_text = "How is tea made?\nand with lemon?";
  found(&likes_lemon);
  EXPECT_EQ(likes_lemon.last_query, request.embedded_text);
}

TEST_F(RerankTest, StopDuringRerankingIsTheError) {
  std::stop_source stop;
  CallContext call;
  call.stop = stop.get_token();
  likes_lemon.on_call = [&] { stop.request_stop(); };
  likes_lemon.failure = Error{ErrorCode::unavailable, "interrupted"};
  const auto response = run(&likes_lemon, call);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::cancelled);
}

TEST_F(RerankTest, ChunkThatVanishedMakesRoomForTheNext) {
  request.limit = 1;
  settings.rerank_depth = 2;
  backend.vanished = ChunkId{1};
  EXPECT_EQ(paths(found(&likes_lemon)), std::vector<std::string>{"lemon.md"});
}

TEST_F(RerankTest, ShortListBecauseOfDocumentsIsSaid) {
  for (int i = 0; i < 5; ++i) backend.add({"long.md", "Tea tea tea tea tea tea.", "", {}, {}}, 77);
  settings.document_hits_max = 1;
  settings.rerank_depth = 3;
  request.limit = 3;
  const SearchResponse response = found(&likes_lemon);
  EXPECT_EQ(paths(response), std::vector<std::string>{"long.md"});
  EXPECT_TRUE(warns(response, "only 1 hit: "));
  settings.rerank_depth = 30;
  EXPECT_EQ(paths(found(&likes_lemon)),
            (std::vector<std::string>{"lemon.md", "often.md", "twice.md"}));
}

TEST_F(RerankTest, StageIsReportedBetweenFuseAndFetch) {
  std::vector<std::string> names;
  settings.rerank_depth = 2;
  request.limit = 2;
  for (const StageReport& stage : found(&likes_lemon).report.stages) {
    names.push_back(stage.name);
    if (stage.name != "rerank") continue;
    EXPECT_EQ(stage.in, 3u);
    EXPECT_EQ(stage.out, 2u);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"plan", "retrieve words", "fuse", "rerank", "fetch"}));
}

TEST_F(RerankTest, ExplanationIsTheRerankersScoreAboveTheOneBefore) {
  const unsigned seed = 20260412;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 40; ++i) {
    std::string text = "tea ";
    for (std::size_t count = random() % 8; count > 0; --count) {
      text += random() % 2 == 0 ? "water " : "tea ";
    }
    backend.add({"n" + std::to_string(i), text, "", {}, {}});
  }
  backend.embed(embedder, 30);
  const FakeReranker by_length(
      [](std::string_view text) { return 1.0f / static_cast<float>(text.size()); });
  request.explain = true;
  request.limit = 40;
  for (const SearchMode mode : {SearchMode::lexical, SearchMode::vector, SearchMode::hybrid}) {
    request.mode = mode;
    std::map<ChunkId, Explanation> before;
    for (const Hit& hit : found(nullptr).hits) before[hit.chunk] = *hit.explanation;
    const SearchResponse response = found(&by_length);
    ASSERT_GT(response.hits.size(), 20u);
    for (const Hit& hit : response.hits) {
      ASSERT_TRUE(hit.explanation);
      EXPECT_EQ(hit.explanation->value, hit.score);
      EXPECT_EQ(hit.explanation->label, "score that the reranker fake gave");
      ASSERT_EQ(hit.explanation->children.size(), 1u);
      const Explanation& child = hit.explanation->children[0];
      EXPECT_EQ(child.value, before[hit.chunk].value);
      EXPECT_EQ(child.label, "before reranking, not part of the score: " + before[hit.chunk].label);
      EXPECT_EQ(child.children.size(), before[hit.chunk].children.size());
    }
  }
}

}  // namespace
}  // namespace saerok
