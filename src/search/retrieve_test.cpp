#include "search/retrieve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "search/fusion.h"
#include "search/memory_backend.h"
#include "search/searcher.h"

namespace saerok {
namespace {

bool is_better(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
}

/// Notes of random words, most of them with vectors.
class RetrieveTest : public ::testing::Test {
 protected:
  RetrieveTest() {
    for (int i = 0; i < 60; ++i) {
      const std::string text = words(1 + random() % 10);
      backend.add({"n" + std::to_string(i), text, words(random() % 3), {}, {}});
    }
    backend.embed(embedder, 50);
  }

  std::string words(std::size_t count) {
    static constexpr std::string_view kWords[] = {"tea ",    "차 ",     "mountain ", "산에 ",
                                                  "budget ", "회의를 ", "water ",    "물이 ",
                                                  "friend ", "친구와 "};
    std::string text;
    for (; count > 0; --count) text += kWords[random() % std::size(kWords)];
    return text;
  }
  SearchResponse found(const std::string& query, SearchMode mode = SearchMode::hybrid) {
    SearchRequest request;
    request.query = query;
    request.mode = mode;
    request.limit = limit;
    request.explain = true;
    auto response = search(request, settings, backend, analyzer,
                           {.embedder = &embedder,
                            .no_embedder_reason = {},
                            .reranker = nullptr,
                            .no_reranker_reason = {}},
                           {});
    EXPECT_TRUE(response) << response.error().message;
    return response ? std::move(*response) : SearchResponse{};
  }
  /// One retriever's list over all chunks, by searching with it alone.
  RankedList all_of(const std::string& query, SearchMode mode) {
    const SearchSettings kept = settings;
    const std::uint32_t kept_limit = limit;
    settings.depth = 1'000;
    settings.lexical_depth = settings.vector_depth = 0;
    limit = 1'000;
    RankedList list;
    for (const Hit& hit : found(query, mode).hits) {
      list.push_back({hit.chunk, static_cast<float>(hit.score), {}});
    }
    settings = kept;
    limit = kept_limit;
    return list;
  }
  static RankedList first_of(RankedList list, std::size_t count) {
    std::sort(list.begin(), list.end(), is_better);
    if (list.size() > count) list.resize(count);
    return list;
  }
  /// What of `list` the other list holds, too.
  static RankedList among(const RankedList& list, const RankedList& others) {
    RankedList kept;
    for (const Candidate& candidate : list) {
      const auto is_it = [&](const Candidate& other) { return other.chunk == candidate.chunk; };
      if (std::any_of(others.begin(), others.end(), is_it)) kept.push_back(candidate);
    }
    return kept;
  }
  static std::vector<std::string> stages(const SearchResponse& response) {
    std::vector<std::string> names;
    for (const StageReport& stage : response.report.stages) names.push_back(stage.name);
    return names;
  }
  static bool warns(const SearchResponse& response, std::string_view of) {
    return std::any_of(response.report.warnings.begin(), response.report.warnings.end(),
                       [&](const std::string& w) { return w.find(of) != std::string::npos; });
  }

  const unsigned seed = 20261122;
  std::mt19937 random{seed};
  Analyzer analyzer{AnalyzerSettings{}};
  HashedWordsEmbedder embedder{analyzer};
  MemoryBackend backend{analyzer};
  SearchSettings settings;
  std::uint32_t limit = 3;
};

TEST_F(RetrieveTest, EachOrderAndDepthGivesWhatTheWholeListsGive) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::size_t compared = 0;
  for (int round = 0; round < 80; ++round) {
    const std::string query = words(1 + random() % 3);
    const RankedList lexical = all_of(query, SearchMode::lexical);
    const RankedList vector = all_of(query, SearchMode::vector);
    settings.depth = 5 + static_cast<std::uint32_t>(random() % 30);
    settings.lexical_depth = random() % 2 == 0 ? 0 : 3 + static_cast<std::uint32_t>(random() % 30);
    settings.vector_depth = random() % 2 == 0 ? 0 : 3 + static_cast<std::uint32_t>(random() % 30);
    settings.order = static_cast<RetrievalOrder>(random() % 3);
    settings.fusion = static_cast<FusionMethod>(random() % 2);
    const std::size_t lexical_depth =
        settings.lexical_depth > 0 ? settings.lexical_depth : settings.depth;
    const std::size_t vector_depth =
        settings.vector_depth > 0 ? settings.vector_depth : settings.depth;

    RankedList by_words = first_of(lexical, lexical_depth);
    RankedList by_vectors = first_of(vector, vector_depth);
    if (settings.order == RetrievalOrder::lexical_then_vector) {
      by_vectors = first_of(among(vector, by_words), vector_depth);
    } else if (settings.order == RetrievalOrder::vector_then_lexical) {
      by_words = first_of(among(lexical, by_vectors), lexical_depth);
    }
    const bool by_rank = settings.fusion == FusionMethod::reciprocal_rank;
    const double share = static_cast<double>(settings.dense_share);
    const WeightedList lists[] = {{&by_words, by_rank ? 1 : 1 - share},
                                  {&by_vectors, by_rank ? 1 : share}};
    const auto expected = by_rank
                              ? fuse_reciprocal_ranks(lists, static_cast<double>(settings.rrf_k))
                              : fuse_weighted_sum(lists, settings.normalisation);

    limit = 1 + static_cast<std::uint32_t>(random() % 3);
    const SearchResponse response = found(query);
    ASSERT_EQ(response.hits.size(), std::min<std::size_t>(limit, expected.size()));
    for (std::size_t i = 0; i < response.hits.size(); ++i) {
      ASSERT_EQ(response.hits[i].chunk, expected[i].chunk) << "round " << round;
      ASSERT_NEAR(response.hits[i].score, expected[i].score, 1e-6);
      ++compared;
    }
  }
  EXPECT_GT(compared, 80u);
}

TEST_F(RetrieveTest, TheSecondStageIsNamedCountedAndExplained) {
  settings.order = RetrievalOrder::lexical_then_vector;
  settings.lexical_depth = 7;
  const SearchResponse words_first = found("tea water");
  EXPECT_EQ(stages(words_first), (std::vector<std::string>{"plan", "embed", "retrieve words",
                                                           "rescore vectors", "fuse", "fetch"}));
  EXPECT_EQ(words_first.report.stages[3].in, 7u);
  ASSERT_FALSE(words_first.hits.empty());
  EXPECT_EQ(words_first.hits[0].explanation->label,
            "sum of weighted parts; vectors scored only what the words found");

  settings.order = RetrievalOrder::vector_then_lexical;
  settings.vector_depth = 9;
  const SearchResponse vectors_first = found("tea water");
  EXPECT_EQ(stages(vectors_first), (std::vector<std::string>{"plan", "embed", "retrieve vectors",
                                                             "rescore words", "fuse", "fetch"}));
  EXPECT_EQ(vectors_first.report.stages[3].in, 9u);
  EXPECT_EQ(vectors_first.hits[0].explanation->label,
            "sum of weighted parts; words scored only what the vectors found");
}

TEST_F(RetrieveTest, AnOrderIsOfHybridSearchesOnly) {
  settings.order = RetrievalOrder::vector_then_lexical;
  EXPECT_EQ(stages(found("tea", SearchMode::lexical)),
            (std::vector<std::string>{"plan", "retrieve words", "fuse", "fetch"}));
}

TEST_F(RetrieveTest, WhereTheFirstFindsNothingTheOtherLooksAtAll) {
  settings.order = RetrievalOrder::lexical_then_vector;
  settings.correct = Switch::off;
  const SearchResponse response = found("zebra");
  EXPECT_EQ(response.hits.size(), limit);
  EXPECT_TRUE(warns(response, "no note has the query's words"));
  EXPECT_EQ(response.hits[0].explanation->label, "sum of weighted parts");
}

TEST_F(RetrieveTest, WhereTheFirstFailsTheOtherLooksAtAll) {
  settings.order = RetrievalOrder::lexical_then_vector;
  backend.lexical_failure = Error{ErrorCode::corrupt, "the segment is damaged"};
  const RankedList vector = all_of("tea", SearchMode::vector);
  const SearchResponse response = found("tea");
  EXPECT_EQ(response.mode, SearchMode::vector);
  EXPECT_EQ(response.hits.at(0).chunk, vector.at(0).chunk);
  EXPECT_TRUE(warns(response, "words could not be searched"));
}

}  // namespace
}  // namespace saerok
