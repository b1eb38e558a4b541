// search.order over a real store of several segments with deleted notes and notes without vectors:
// each order gives what the two whole lists give.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "saerok/engine.h"
#include "search/fusion.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSeed = 20261124;
constexpr std::size_t kDimension = 8;

class OrderOfRetrieval : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "saerok-order-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directories(folder_ / "notes/a");
    for (int i = 0; i < 40; ++i) write_note(i);
    index();
    for (int i = 40; i < 70; ++i) write_note(i);
    for (int i = 0; i < 40; i += 7) fs::remove(folder_ / "notes" / name(i));
    index();
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  static std::string name(int i) { return (i % 2 == 0 ? "a/n" : "n") + std::to_string(i) + ".md"; }
  std::string words(std::size_t count) {
    static constexpr std::string_view kWords[] = {"tea ",    "mountain ", "회의 ",   "water ",
                                                  "friend ", "산책 ",     "budget ", "친구 "};
    std::string text;
    for (; count > 0; --count) text += kWords[random_() % std::size(kWords)];
    return text;
  }
  std::vector<float> vector() {
    std::vector<float> values;
    for (std::size_t i = 0; i < kDimension; ++i) {
      values.push_back(static_cast<float>(random_() % 2'001) / 1'000 - 1);
    }
    values[0] += 0.5f;
    return values;
  }
  /// Two notes in three have a vector.
  void write_note(int i) {
    std::ofstream(folder_ / "notes" / name(i), std::ios::binary)
        << words(1 + random_() % 9) << "\n";
    if (i % 3 == 0) return;
    std::string line = R"({"id": ")" + name(i) + R"(", "vector": [)";
    for (const float value : vector()) line += std::to_string(value) + ",";
    line.back() = ']';
    std::ofstream(folder_ / "vectors.jsonl", std::ios::app | std::ios::binary) << line << "}\n";
  }

  Engine open(const SearchSettings& search) {
    Settings settings;
    settings.search = search;
    auto engine = Engine::open({.store = (folder_ / "store").string(),
                                .models_directory = (folder_ / "models").string(),
                                .worker_program = {},
                                .settings = settings});
    EXPECT_TRUE(engine) << engine.error().message;
    return std::move(*engine);
  }
  void index() {
    Engine engine = open({});
    const auto report = engine.ingest("default",
                                      {.roots = {(folder_ / "notes").string()},
                                       .vectors_file = (folder_ / "vectors.jsonl").string()},
                                      {}, {});
    ASSERT_TRUE(report) << report.error().message;
  }

  RankedList search(const SearchSettings& settings, const SearchRequest& request) {
    const auto response = open(settings).search(request, {});
    EXPECT_TRUE(response) << response.error().message;
    RankedList list;
    for (std::size_t i = 0; response && i < response->hits.size(); ++i) {
      const Hit& hit = response->hits[i];
      list.push_back({hit.chunk, static_cast<float>(hit.score), {}});
    }
    return list;
  }
  static RankedList cut(RankedList list, std::size_t count) {
    if (list.size() > count) list.resize(count);
    return list;
  }
  static RankedList among(const RankedList& list, const RankedList& others) {
    RankedList kept;
    for (const Candidate& candidate : list) {
      const auto is_it = [&](const Candidate& other) { return other.chunk == candidate.chunk; };
      if (std::any_of(others.begin(), others.end(), is_it)) kept.push_back(candidate);
    }
    return kept;
  }

  fs::path folder_;
  std::mt19937 random_{kSeed};
};

TEST_F(OrderOfRetrieval, EachOrderGivesWhatTheWholeListsGive) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::size_t compared = 0;
  for (int round = 0; round < 24; ++round) {
    SearchRequest request;
    request.query = words(1 + random_() % 2);
    request.query_vector = vector();
    request.limit = 1'000;
    request.filter = round % 4 == 0 ? "path:a/" : "";
    request.mode = SearchMode::lexical;
    const RankedList lexical = search({}, request);
    request.mode = SearchMode::vector;
    const RankedList vectors = search({}, request);
    if (lexical.empty() || vectors.empty()) continue;

    SearchSettings settings;
    settings.order =
        round % 2 == 0 ? RetrievalOrder::lexical_then_vector : RetrievalOrder::vector_then_lexical;
    settings.lexical_depth = 3 + static_cast<std::uint32_t>(random_() % 12);
    settings.vector_depth = 3 + static_cast<std::uint32_t>(random_() % 12);
    RankedList by_words = cut(lexical, settings.lexical_depth);
    RankedList by_vectors = cut(vectors, settings.vector_depth);
    if (round % 2 == 0) by_vectors = cut(among(vectors, by_words), settings.vector_depth);
    else by_words = cut(among(lexical, by_vectors), settings.lexical_depth);
    const auto share = static_cast<double>(settings.dense_share);
    const WeightedList lists[] = {{&by_words, 1 - share}, {&by_vectors, share}};
    const auto expected = fuse_weighted_sum(lists, settings.normalisation);

    request.mode = SearchMode::hybrid;
    request.limit = 3;
    const RankedList found = search(settings, request);
    ASSERT_EQ(found.size(), std::min<std::size_t>(3, expected.size())) << "round " << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(found[i].score), expected[i].score, 1e-5)
          << "round " << round;
      ++compared;
    }
  }
  EXPECT_GT(compared, 40u);
}

}  // namespace
}  // namespace saerok
