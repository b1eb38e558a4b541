#include "search/feedback.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "search/memory_backend.h"
#include "search/searcher.h"

namespace saerok {
namespace {

/// Two notes on one matter in different words, and others.
class FeedbackTest : public ::testing::Test {
 protected:
  FeedbackTest() {
    backend.add({"a.md", "Sourdough bread wants a levain of rye.", "Bread", {}, {}});
    backend.add({"b.md", "The levain is fed with rye each morning.", "Jar", {}, {}});
    for (int i = 0; i < 30; ++i) {
      backend.add(
          {"n" + std::to_string(i) + ".md", "Note on matter " + std::to_string(i), "Note", {}, {}});
    }
  }

  std::vector<std::string> paths(const SearchRequest& request, const Embedder* embedder = nullptr) {
    SearchModels models;
    models.embedder = embedder;
    const auto response = search(request, settings, backend, analyzer, models, {});
    EXPECT_TRUE(response) << response.error().message;
    std::vector<std::string> found;
    if (!response) return found;
    for (const Hit& hit : response->hits) {
      found.push_back(hit.path);
      if (hit.explanation) {
        EXPECT_EQ(hit.explanation->value, hit.score);
      }
    }
    stages = response->report.stages;
    return found;
  }
  bool has_stage(std::string_view name) const {
    return std::any_of(stages.begin(), stages.end(),
                       [&](const StageReport& stage) { return stage.name == name; });
  }
  static SearchRequest words(std::string query) {
    SearchRequest request;
    request.query = std::move(query);
    request.mode = SearchMode::lexical;
    request.explain = true;
    return request;
  }

  static Ranking ranking_of(std::vector<std::uint64_t> chunks) {
    Ranking ranking;
    for (const std::uint64_t chunk : chunks)
      ranking.candidates.push_back({ChunkId{chunk}, 1, {}, {}});
    return ranking;
  }

  Analyzer analyzer{AnalyzerSettings{}};
  MemoryBackend backend{analyzer};
  SearchSettings settings;
  std::vector<StageReport> stages;
};

TEST_F(FeedbackTest, WordsOfTheFirstHitFindWhatSharesNoneWithTheQuery) {
  EXPECT_EQ(paths(words("sourdough")), (std::vector<std::string>{"a.md"}));
  EXPECT_FALSE(has_stage("feedback"));
  settings.feedback_terms = 10;
  EXPECT_EQ(paths(words("sourdough")), (std::vector<std::string>{"a.md", "b.md"}));
  EXPECT_TRUE(has_stage("feedback"));
}

TEST_F(FeedbackTest, AddedWordsHaveTheirShareOfTheWeight) {
  settings.feedback_terms = 5;
  settings.feedback_share = 0.25f;
  LexicalQuery query;
  query.terms.push_back({IndexField::body_stem, "sourdough", 3});
  const Ranking ranking = ranking_of({1});
  const auto hits = first_hits(ranking, 3, backend);
  ASSERT_TRUE(hits);
  EXPECT_EQ(add_feedback_terms(*hits, settings, analyzer, backend, query), 5u);
  double total = 0;
  for (const LexicalTerm& term : query.terms) {
    if (term.field == IndexField::body_stem) total += static_cast<double>(term.weight);
  }
  EXPECT_NEAR(total, 4, 1e-5);
}

TEST_F(FeedbackTest, WordsOfManyNotesAreNotAdded) {
  settings.feedback_terms = 50;
  LexicalQuery query;
  query.terms.push_back({IndexField::body_stem, "matter", 1});
  const auto hits = first_hits(ranking_of({3, 4}), 3, backend);
  ASSERT_TRUE(hits);
  add_feedback_terms(*hits, settings, analyzer, backend, query);
  for (const LexicalTerm& term : query.terms) EXPECT_NE(term.text, "note");
}

TEST_F(FeedbackTest, NoHitsChangeNothing) {
  settings.feedback_terms = 10;
  EXPECT_TRUE(paths(words("zeppelin")).empty());
}

TEST_F(FeedbackTest, VectorMovesTowardsTheFirstHits) {
  HashedWordsEmbedder embedder(analyzer);
  backend.embed(embedder, 32);
  SearchRequest request = words("sourdough");
  request.mode = SearchMode::vector;
  request.limit = 2;
  settings.vector_feedback = 0.5f;
  settings.feedback_hits = 1;
  EXPECT_EQ(paths(request, &embedder), (std::vector<std::string>{"a.md", "b.md"}));
  EXPECT_TRUE(has_stage("feedback"));
}

TEST_F(FeedbackTest, FailingEmbedderLeavesTheSearchAsItWas) {
  HashedWordsEmbedder embedder(analyzer);
  const auto hits = first_hits(ranking_of({1}), 1, backend);
  ASSERT_TRUE(hits);
  embedder.failure = Error{ErrorCode::unavailable, "gone"};
  VectorQuery query{std::vector<float>(embedder.dimension(), 0.125f)};
  const VectorQuery before = query;
  EXPECT_FALSE(add_feedback_vector(*hits, 0.5f, embedder, {}, query));
  EXPECT_EQ(query.vector, before.vector);
}

}  // namespace
}  // namespace saerok
