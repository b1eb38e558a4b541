#include "search/searcher.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "search/memory_backend.h"

namespace saerok {
namespace {

class SearcherTest : public ::testing::Test {
 protected:
  SearcherTest() {
    backend.add({"차.md",
                 "녹차는 80도의 물에 2분 우린다.\n홍차는 끓는 물에 3분 우린다.",
                 "차 우리기",
                 {},
                 {}});
    backend.add({"tea.md",
                 "Green tea is steeped at 80 degrees.\nBlack tea needs boiling water.",
                 "Tea",
                 {{"tag", std::string("Kitchen")}},
                 {}});
    backend.add({"일기/3월.md",
                 "오늘은 친구와 산에 올랐다. 정상에서 김밥을 먹었다.",
                 "3월 일기",
                 {{"tag", std::string("일기")}},
                 {}});
    backend.add({"work/plan.md", "The meeting about the budget is on Monday.", "Plan", {}, {}});
  }

  Result<SearchResponse> run(SearchRequest request, const Embedder* with = nullptr) {
    return search(request, settings, backend, analyzer,
                  {.embedder = with,
                   .no_embedder_reason = "no model is installed",
                   .reranker = nullptr,
                   .no_reranker_reason = {}},
                  {});
  }
  SearchResponse found(SearchRequest request, const Embedder* with = nullptr) {
    Result<SearchResponse> response = run(std::move(request), with);
    EXPECT_TRUE(response) << response.error().message;
    return response ? std::move(*response) : SearchResponse{};
  }
  static SearchRequest ask(std::string query, SearchMode mode = SearchMode::automatic,
                           std::string filter = "") {
    SearchRequest request;
    request.query = std::move(query);
    request.mode = mode;
    request.filter = std::move(filter);
    return request;
  }
  static bool warns(const SearchResponse& response, std::string_view of) {
    return std::any_of(response.report.warnings.begin(), response.report.warnings.end(),
                       [&](const std::string& w) { return w.find(of) != std::string::npos; });
  }

  Analyzer analyzer{AnalyzerSettings{}};
  HashedWordsEmbedder embedder{analyzer};
  MemoryBackend backend{analyzer};
  SearchSettings settings;
};

TEST_F(SearcherTest, KoreanQuestionWithParticlesFindsItsNote) {
  const SearchResponse response = found(ask("녹차를 몇 도에서 우리나요?"));
  ASSERT_FALSE(response.hits.empty());
  EXPECT_EQ(response.hits[0].path, "차.md");
  EXPECT_EQ(response.hits[0].rank, 1u);
  EXPECT_EQ(response.mode, SearchMode::lexical);
}

TEST_F(SearcherTest, EnglishQuestionFindsItsNoteWithEveryFieldFilled) {
  const SearchResponse response = found(ask("How is green tea steeped?"));
  ASSERT_FALSE(response.hits.empty());
  const Hit& hit = response.hits[0];
  EXPECT_EQ(hit.path, "tea.md");
  EXPECT_EQ(hit.root, "/notes");
  EXPECT_EQ(hit.document_id, "tea.md");
  EXPECT_EQ(hit.title, "Tea");
  EXPECT_EQ(hit.snippet, "Green tea is steeped at 80 degrees. Black tea needs boiling water.");
  EXPECT_EQ(hit.lines, (LineSpan{5, 6}));
  EXPECT_EQ(hit.bytes, (ByteSpan{100, 100 + hit.text.size()}));
  EXPECT_EQ(hit.text_bytes, hit.bytes);
  EXPECT_EQ(hit.passage, (ByteSpan{0, hit.text.size()}));
  EXPECT_GT(hit.score, 0);
  ASSERT_FALSE(hit.highlights.empty());
  EXPECT_EQ(
      hit.snippet.substr(hit.highlights[0].begin, hit.highlights[0].end - hit.highlights[0].begin),
      "Green");
  EXPECT_FALSE(hit.explanation);
}

TEST_F(SearcherTest, LexicalModeNeverCallsTheEmbedder) {
  backend.embed(embedder, 4);
  embedder.calls = 0;
  EXPECT_EQ(found(ask("tea", SearchMode::lexical), &embedder).mode, SearchMode::lexical);
  EXPECT_EQ(embedder.calls, 0);
}

TEST_F(SearcherTest, AutomaticIsLexicalWithoutVectorsAndSaysNothing) {
  const SearchResponse response = found(ask("tea"), &embedder);
  EXPECT_EQ(response.mode, SearchMode::lexical);
  EXPECT_TRUE(response.report.warnings.empty());
}

TEST_F(SearcherTest, AutomaticIsHybridWithVectors) {
  backend.embed(embedder, 4);
  const SearchResponse response = found(ask("tea"), &embedder);
  EXPECT_EQ(response.mode, SearchMode::hybrid);
  EXPECT_TRUE(response.report.warnings.empty());
  EXPECT_EQ(response.hits[0].path, "tea.md");
}

TEST_F(SearcherTest, AutomaticWithoutItsEmbedderSaysWhy) {
  backend.embed(embedder, 4);
  const SearchResponse response = found(ask("tea"));
  EXPECT_EQ(response.mode, SearchMode::lexical);
  EXPECT_TRUE(warns(response, "searched words only: no model is installed"));
}

TEST_F(SearcherTest, HybridWithoutVectorsFallsBackAndSaysSo) {
  const SearchResponse response = found(ask("tea", SearchMode::hybrid), &embedder);
  EXPECT_EQ(response.mode, SearchMode::lexical);
  EXPECT_TRUE(warns(response, "no vectors yet; run `saerok index`"));
}

TEST_F(SearcherTest, HybridWithAFailingEmbedderFallsBackAndSaysSo) {
  backend.embed(embedder, 4);
  embedder.failure = Error{ErrorCode::unavailable, "the worker died"};
  const SearchResponse response = found(ask("tea", SearchMode::hybrid), &embedder);
  EXPECT_EQ(response.mode, SearchMode::lexical);
  EXPECT_FALSE(response.hits.empty());
  EXPECT_TRUE(warns(response, "the worker died"));
}

TEST_F(SearcherTest, VectorModeWithAFailingEmbedderIsAnError) {
  backend.embed(embedder, 4);
  embedder.failure = Error{ErrorCode::unavailable, "the worker died"};
  const auto response = run(ask("tea", SearchMode::vector), &embedder);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::unavailable);
}

TEST_F(SearcherTest, VectorModeWithoutVectorsNamesTheCure) {
  const auto response = run(ask("tea", SearchMode::vector), &embedder);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(response.error().message.find("run `saerok index`"), std::string::npos);
}

TEST_F(SearcherTest, EmbedderOfAnotherIndexIsNotAsked) {
  backend.embed(embedder, 4);
  backend.fingerprint = "another";
  embedder.calls = 0;
  const SearchResponse response = found(ask("tea"), &embedder);
  EXPECT_EQ(response.mode, SearchMode::lexical);
  EXPECT_EQ(embedder.calls, 0);
  EXPECT_TRUE(warns(response, "made with embedder another"));
  EXPECT_FALSE(run(ask("tea", SearchMode::vector), &embedder));
}

TEST_F(SearcherTest, VectorsAloneFindByMeaning) {
  backend.embed(embedder, 4);
  const SearchResponse response = found(ask("budget meeting", SearchMode::vector), &embedder);
  EXPECT_EQ(response.mode, SearchMode::vector);
  ASSERT_EQ(response.hits.size(), 4u);
  EXPECT_EQ(response.hits[0].path, "work/plan.md");
}

TEST_F(SearcherTest, QueryVectorNeedsNoEmbedder) {
  backend.embed(embedder, 4);
  SearchRequest request = ask("anything at all", SearchMode::vector);
  const std::string_view texts[] = {"budget meeting"};
  request.query_vector = embedder.embed(texts, TextRole::query, {}).value();
  for (float& x : request.query_vector) x *= 7;  // Its length does not matter.
  EXPECT_EQ(found(request).hits[0].path, "work/plan.md");
  request.query_vector.pop_back();
  const auto wrong = run(request);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
}

TEST_F(SearcherTest, MissingVectorsAreCounted) {
  backend.embed(embedder, 3);
  EXPECT_TRUE(warns(found(ask("tea"), &embedder),
                    "vectors are missing for 1 of 4 chunks; run `saerok index` to finish"));
}

TEST_F(SearcherTest, OneFailedListIsAWarningAndTwoAreAnError) {
  backend.embed(embedder, 4);
  backend.vector_failure = Error{ErrorCode::corrupt, "segment 7 is damaged"};
  const SearchResponse response = found(ask("tea"), &embedder);
  EXPECT_EQ(response.mode, SearchMode::lexical);
  EXPECT_TRUE(warns(response, "segment 7 is damaged"));
  backend.vector_failure.reset();
  backend.lexical_failure = Error{ErrorCode::corrupt, "segment 8 is damaged"};
  EXPECT_EQ(found(ask("tea"), &embedder).mode, SearchMode::vector);
  const auto both = run(ask("tea", SearchMode::lexical), &embedder);
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ErrorCode::corrupt);
}

TEST_F(SearcherTest, FilterThatNothingPassesIsSaid) {
  EXPECT_EQ(found(ask("tea", SearchMode::lexical, "tag:kitchen")).hits.size(), 1u);
  const SearchResponse nothing = found(ask("tea", SearchMode::lexical, "tag:garden"));
  EXPECT_TRUE(nothing.hits.empty());
  EXPECT_TRUE(warns(nothing, "passes the filter"));
  EXPECT_TRUE(found(ask("zebra", SearchMode::lexical, "tag:garden")).report.warnings.empty());
}

TEST_F(SearcherTest, KoreanFolderFilterKeepsItsNotes) {
  const SearchResponse response = found(ask("김밥 tea", SearchMode::lexical, "path:일기/"));
  ASSERT_EQ(response.hits.size(), 1u);
  EXPECT_EQ(response.hits[0].path, "일기/3월.md");
}

TEST_F(SearcherTest, RequestsThatCannotSucceedAreRefused) {
  const auto refused = [&](const SearchRequest& request, std::string_view message) {
    const auto response = run(request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(response.error().message.find(message), std::string::npos)
        << response.error().message;
  };
  refused(ask(" \n"), "give words to search for");
  refused(ask("", SearchMode::automatic, "tag:x"), "give words to search for");
  refused(ask("tea", SearchMode::automatic, "tag:"), "at character 5");
  refused(ask(std::string(kQueryBytesMax + 1, 'x')), "shorten it");
  SearchRequest none = ask("tea");
  none.limit = 0;
  refused(none, "from 1 to 10,000");
}

TEST_F(SearcherTest, QueryWithoutWordsHasNoHitsAndSaysSo) {
  const SearchResponse response = found(ask("?!"));
  EXPECT_TRUE(response.hits.empty());
  EXPECT_TRUE(warns(response, "no word to search for"));
}

TEST_F(SearcherTest, ManyWordsAreCutWithAWarning) {
  std::string query = "tea ";
  for (int i = 0; i < 600; ++i) query += "word" + std::to_string(i) + " ";
  const SearchResponse response = found(ask(query));
  EXPECT_EQ(response.hits[0].path, "tea.md");
  EXPECT_TRUE(warns(response, "only the first 512"));
}

TEST_F(SearcherTest, StopRequestEndsTheSearch) {
  std::stop_source stop;
  stop.request_stop();
  CallContext call;
  call.stop = stop.get_token();
  const auto response = search(ask("tea"), settings, backend, analyzer, {}, call);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::cancelled);
}

TEST_F(SearcherTest, DocumentsGiveNoMoreHitsThanAllowed) {
  for (int i = 0; i < 5; ++i) backend.add({"long.md", "Tea tea tea.", "", {}, {}}, 77);
  settings.document_hits_max = 2;
  const SearchResponse response = found(ask("tea"));
  EXPECT_EQ(std::count_if(response.hits.begin(), response.hits.end(),
                          [](const Hit& hit) { return hit.path == "long.md"; }),
            2);
  EXPECT_TRUE(std::any_of(response.hits.begin(), response.hits.end(),
                          [](const Hit& hit) { return hit.path == "tea.md"; }));
}

TEST_F(SearcherTest, ChunkThatVanishedIsPassedOver) {
  backend.add({"other.md", "More tea.", "", {}, {}});
  const SearchResponse before = found(ask("tea"));
  ASSERT_EQ(before.hits.size(), 2u);
  backend.vanished = before.hits[0].chunk;
  const SearchResponse after = found(ask("tea"));
  ASSERT_EQ(after.hits.size(), 1u);
  EXPECT_EQ(after.hits[0].rank, 1u);
}

TEST_F(SearcherTest, BestWindowIsThePassageShown) {
  const std::string text = "Apples are red. Plums are blue. Lemons are yellow.";
  backend.add({"fruit.md", text, "", {}, {{0, 15}, {16, 31}, {32, 50}}});
  backend.embed(embedder, 5);
  const SearchResponse response = found(ask("blue plums"), &embedder);
  ASSERT_EQ(response.hits[0].path, "fruit.md");
  EXPECT_EQ(response.hits[0].passage, (ByteSpan{16, 31}));
  EXPECT_EQ(response.hits[0].snippet, "…Plums are blue.…");
  EXPECT_EQ(response.hits[0].bytes, (ByteSpan{116, 131}));
}

TEST_F(SearcherTest, StagesAreReported) {
  backend.embed(embedder, 4);
  std::vector<std::string> names;
  for (const StageReport& stage : found(ask("tea"), &embedder).report.stages) {
    names.push_back(stage.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"plan", "embed", "retrieve words", "retrieve vectors",
                                             "fuse", "fetch"}));
}

/// Every node whose label names an operation is the result of it.
void check_node(const Explanation& node) {
  double sum = 0, product = 1;
  for (const Explanation& child : node.children) {
    sum += child.value;
    product *= child.value;
    check_node(child);
  }
  if (node.children.empty()) return;
  const double slack = 1e-5 * (1 + std::abs(node.value));
  const std::vector<Explanation>& c = node.children;
  if (node.label.find("product of") != std::string::npos) {
    EXPECT_NEAR(node.value, product, slack) << node.label;
  } else if (node.label.find("sum of") != std::string::npos) {
    EXPECT_NEAR(node.value, sum, slack) << node.label;
  } else if (node.label == "1 / (k + rank)") {
    EXPECT_NEAR(node.value, 1 / (c[0].value + c[1].value), slack);
  } else if (node.label == "(score - lowest) / (highest - lowest)") {
    EXPECT_NEAR(node.value, (c[0].value - c[1].value) / (c[2].value - c[1].value), slack);
  } else {
    EXPECT_EQ(node.label, "1, since all candidates score the same");
    EXPECT_EQ(node.value, 1);
  }
}

TEST_F(SearcherTest, ExplanationOfEveryHitAddsUpToItsScore) {
  const unsigned seed = 20260305;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kWords[] = {"tea ",    "차 ",     "mountain ", "산에 ",
                                                "budget ", "회의를 ", "water ",    "물이 ",
                                                "friend ", "친구와 "};
  const auto words = [&](std::size_t count) {
    std::string text;
    for (; count > 0; --count) text += kWords[random() % std::size(kWords)];
    return text;
  };
  for (int i = 0; i < 60; ++i) {
    const std::string text = words(1 + random() % 12);
    std::vector<Window> windows;
    if (random() % 2 == 0) windows = {{0, static_cast<std::uint32_t>(text.find(' '))}};
    backend.add({"n" + std::to_string(i), text, words(random() % 3), {}, windows});
  }
  backend.embed(embedder, 50);
  std::size_t checked = 0;
  for (int round = 0; round < 60; ++round) {
    SearchRequest request = ask(words(1 + random() % 4));
    request.mode = static_cast<SearchMode>(random() % 4);
    request.explain = true;
    request.limit = 64;
    settings.depth = 20 + static_cast<std::uint32_t>(random() % 40);
    settings.fusion = static_cast<FusionMethod>(random() % 2);
    const SearchResponse response = found(request, &embedder);
    for (std::size_t i = 0; i < response.hits.size(); ++i) {
      const Hit& hit = response.hits[i];
      ASSERT_TRUE(hit.explanation);
      ASSERT_EQ(hit.explanation->value, hit.score);
      check_node(*hit.explanation);
      ASSERT_TRUE(i == 0 || response.hits[i - 1].score >= hit.score);
      ++checked;
    }
  }
  EXPECT_GT(checked, 500u);
}

TEST_F(SearcherTest, APhraseLeavesNotesThatHaveItsWordsApart) {
  EXPECT_EQ(found(ask("black tea boiling")).hits.size(), 1u);
  backend.add({"apart.md", "Tea in a black cup.", "", {}, {}});
  EXPECT_EQ(found(ask("black tea")).hits.size(), 2u);
  const SearchResponse response = found(ask("\"black teas\""));
  ASSERT_EQ(response.hits.size(), 1u);
  EXPECT_EQ(response.hits[0].path, "tea.md");
  EXPECT_TRUE(response.report.warnings.empty());
}

TEST_F(SearcherTest, APhraseThatNoNoteHasIsSearchedForAsWords) {
  const SearchResponse response = found(ask("\"tea boiling\""));
  ASSERT_EQ(response.hits.size(), 1u);
  EXPECT_TRUE(warns(response, "no note has the words in quotation marks together"));
}

TEST_F(SearcherTest, WordsAreExcludedAndRequired) {
  EXPECT_EQ(found(ask("홍차 tea -녹차")).hits.size(), 1u);
  EXPECT_EQ(found(ask("홍차 tea -녹차")).hits[0].path, "tea.md");
  const SearchResponse response = found(ask("tea +budget"));
  ASSERT_EQ(response.hits.size(), 1u);
  EXPECT_EQ(response.hits[0].path, "work/plan.md");
  EXPECT_TRUE(warns(found(ask("tea +nowhere")), "nothing has what the query's operators"));
}

TEST_F(SearcherTest, TestsInTheQueryFilterAsFiltersDo) {
  const SearchResponse response = found(ask("tea 산 path:일기/"));
  ASSERT_EQ(response.hits.size(), 1u);
  EXPECT_EQ(response.hits[0].path, "일기/3월.md");
}

TEST_F(SearcherTest, TestsAloneListTheirNotesNewestFirst) {
  const auto add = [&](std::string path, std::int32_t days) {
    std::vector<Attribute> attributes = {{"tag", std::string("work")}};
    if (days > 0) attributes.push_back({"date", Date{days}});
    return backend.add({std::move(path), "A note.", "", std::move(attributes), {}});
  };
  add("old.md", 100);
  add("undated.md", 0);
  const ChunkId newest = add("new.md", 300);
  add("middle.md", 200);
  backend.add({"new.md", "More of it.", "", {{"tag", std::string("work")}}, {}},
              static_cast<std::uint64_t>(newest));
  for (const SearchMode mode : {SearchMode::automatic, SearchMode::lexical}) {
    SearchRequest request = ask("tag:work", mode);
    request.explain = true;
    const SearchResponse response = found(request);
    std::vector<std::string> paths;
    for (const Hit& hit : response.hits) {
      paths.push_back(hit.path);
      EXPECT_EQ(hit.score, 0);
      ASSERT_TRUE(hit.explanation);
      EXPECT_EQ(hit.explanation->value, 0);
    }
    EXPECT_EQ(paths, (std::vector<std::string>{"new.md", "middle.md", "old.md", "undated.md"}));
    EXPECT_EQ(response.mode, SearchMode::lexical);
    EXPECT_TRUE(response.report.warnings.empty());
  }
  EXPECT_EQ(found(ask("tag:work", SearchMode::lexical, "tag:일기")).hits.size(), 0u);
  EXPECT_TRUE(warns(found(ask("tag:nothing")), "no note has what the query asks for"));
}

TEST_F(SearcherTest, OperatorsBindVectorsToo) {
  backend.embed(embedder, 4);
  for (const Hit& hit : found(ask("tea -boiling"), &embedder).hits) EXPECT_NE(hit.path, "tea.md");
}

TEST_F(SearcherTest, PlainSyntaxReadsNoOperators) {
  SearchRequest request = ask("\"tea boiling\" -green");
  request.syntax = QuerySyntax::plain;
  const SearchResponse response = found(std::move(request));
  ASSERT_EQ(response.hits.size(), 1u);
  EXPECT_TRUE(response.report.warnings.empty());
}

TEST_F(SearcherTest, AStarFindsWhatBeginsSoAndMarksIt) {
  EXPECT_TRUE(found(ask("budg")).hits.empty());
  const SearchResponse response = found(ask("budg*"));
  ASSERT_EQ(response.hits.size(), 1u);
  const Hit& hit = response.hits[0];
  ASSERT_EQ(hit.highlights.size(), 1u);
  EXPECT_EQ(
      hit.snippet.substr(hit.highlights[0].begin, hit.highlights[0].end - hit.highlights[0].begin),
      "budget");
}

TEST_F(SearcherTest, AnUnfinishedLastWordFindsWhatItCanBecome) {
  SearchRequest request = ask("친구와 사");
  request.as_you_type = true;
  EXPECT_EQ(found(request).hits[0].path, "일기/3월.md");
  request.query = "ㅈㅅ";  // 정상
  ASSERT_EQ(found(request).hits.size(), 1u);
  request.query = "gree";
  EXPECT_EQ(found(request).hits.size(), 1u);
  EXPECT_EQ(found(request).searched_for, "");
  request.query = "gree ";  // The blank says that the word is finished.
  request.correct = false;
  EXPECT_TRUE(found(request).hits.empty());
}

TEST_F(SearcherTest, CorrectionsAreSearchedForAndSaid) {
  const SearchResponse response = found(ask("zzz \"gren tea\""));
  EXPECT_EQ(response.searched_for, "zzz \"green tea\"");
  const SearchResponse korean = found(ask("shrck 우리기"));
  EXPECT_EQ(korean.searched_for, "녹차 우리기");
  ASSERT_FALSE(korean.hits.empty());
  EXPECT_EQ(korean.hits[0].path, "차.md");
}

TEST_F(SearcherTest, LiteralSearchesAreNotCorrected) {
  SearchRequest request = ask("meetnig");
  EXPECT_EQ(found(request).searched_for, "meeting");
  request.correct = false;
  EXPECT_EQ(found(request).searched_for, "");
  EXPECT_TRUE(found(request).hits.empty());
  request.correct = true;
  settings.correct = Switch::off;
  EXPECT_TRUE(found(request).hits.empty());
}

TEST_F(SearcherTest, SynonymsAreSearchedForAtTheirWeight) {
  const Analyzer with(
      {.words = std::make_shared<const WordLists>(parse_word_lists("예산 => budget\n").value())});
  const auto hits = [&] {
    SearchRequest request = ask("예산");
    return search(request, settings, backend, with, {}, {}).value().hits;
  };
  ASSERT_EQ(hits().size(), 1u);
  EXPECT_EQ(hits()[0].path, "work/plan.md");
  const double score = hits()[0].score;
  settings.synonym_weight = 0.35f;
  EXPECT_NEAR(hits()[0].score, score / 2, 1e-6);
  settings.synonym_weight = 0;
  EXPECT_TRUE(hits().empty());
}

TEST_F(SearcherTest, NamesOfSeveralWordsHaveSynonymsBothWays) {
  backend.add({"ai.md", "AI is here.", "", {}, {}});
  backend.add({"인공.md", "인공 지능이 왔다.", "", {}, {}});
  const Analyzer with(
      {.words = std::make_shared<const WordLists>(parse_word_lists("인공 지능 = AI\n").value())});
  const auto paths = [&](std::string query) {
    std::vector<std::string> found;
    for (const Hit& hit :
         search(ask(std::move(query)), settings, backend, with, {}, {}).value().hits) {
      found.push_back(hit.path);
    }
    return found;
  };
  EXPECT_EQ(paths("인공 지능의"), (std::vector<std::string>{"인공.md", "ai.md"}));
  EXPECT_EQ(paths("AI"), (std::vector<std::string>{"ai.md", "인공.md"}));
  EXPECT_EQ(paths("지능"), (std::vector<std::string>{"인공.md"}));
}

}  // namespace
}  // namespace saerok
