// Damage of every kind: found, named with what to do, taken out of use, made again.

#include "engine/store_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "engine/snapshots.h"
#include "engine/stored_notes.h"
#include "search/searcher.h"

namespace saerok {
namespace {

constexpr SegmentKind kKinds[] = {SegmentKind::lexical, SegmentKind::chunk_vectors,
                                  SegmentKind::window_vectors};

struct StoreCheck : testing::Test {
  test::StoredNotes notes;

  void SetUp() override {
    notes.commit("tea.md", {"Green tea is steeped at 80 degrees. It is bitter if it is hotter.",
                            "녹차는 팔십 도에서 우린다. 더 뜨거우면 쓰다."});
    notes.commit("coffee.md", {"Coffee is brewed at 93 degrees. Never boil it."});
    const auto indexed = notes.index();
    ASSERT_TRUE(indexed) << indexed.error().message;
    ASSERT_TRUE(indexed->warnings.empty()) << indexed->warnings.front();
    ASSERT_TRUE(notes.storage().truth->change_named_roots(notes.collection,
                                                          std::vector<std::string>{"/notes"}, {}));
  }

  std::string path_of(SegmentKind kind) { return "/store/seg/" + notes.segment(kind)->file; }
  void flip(const std::string& path, std::uint64_t byte) { notes.env.flip_bit(path, byte * 8 + 3); }
  CheckReport check() { return check_store(notes.env, notes.storage(), {}).value(); }
  void expect_sound() {
    const CheckReport report = check();
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    EXPECT_EQ(report.segments_checked, 3u);
    EXPECT_EQ(report.chunks_checked, 3u);
    EXPECT_EQ(notes.manifest().pending_lexical, 0u);
    EXPECT_EQ(notes.manifest().pending_chunk_vectors, 0u);
    EXPECT_EQ(notes.manifest().pending_window_vectors, 0u);
  }
  /// Paths of what a search by words finds, and its warnings.
  std::pair<std::vector<std::string>, std::vector<std::string>> find(const std::string& words) {
    Snapshots snapshots(notes.env, "/store");
    const auto snapshot = snapshots.get("default", {}, {});
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    SearchRequest request;
    request.query = words;
    request.mode = SearchMode::lexical;
    const auto found =
        search(request, SearchSettings{}, *(*snapshot)->backend, *(*snapshot)->analyzer, {}, {});
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::string> paths;
    for (const Hit& hit : found->hits) paths.push_back(hit.path);
    return {paths, (*snapshot)->warnings};
  }
};

TEST_F(StoreCheck, ASoundStoreHasNoProblems) {
  expect_sound();
  EXPECT_EQ(check().reserve_bytes, std::uint64_t{16} << 20);
}

TEST_F(StoreCheck, EveryDamagedByteOfASegmentIsFoundAndItsFileNamed) {
  for (const SegmentKind kind : kKinds) {
    const std::string path = path_of(kind);
    const std::uint64_t size = notes.env.stat(path).value()->size;
    for (std::uint64_t byte = 0; byte < size; byte += 7) {
      flip(path, byte);
      const CheckReport report = check();
      ASSERT_EQ(report.problems.size(), 1u) << path << " byte " << byte;
      const std::string& problem = report.problems.front();
      EXPECT_NE(problem.find(notes.segment(kind)->file), std::string::npos) << problem;
      flip(path, byte);
    }
  }
  flip(path_of(SegmentKind::lexical), 200);
  const std::string problem = check().problems.front();
  EXPECT_NE(problem.find("`saerok doctor --repair`"), std::string::npos) << problem;
  EXPECT_NE(problem.find("`saerok index /notes`"), std::string::npos) << problem;
}

TEST_F(StoreCheck, RepairSetsAsideWhatIsDamagedAndTheNextIndexMakesItAgain) {
  for (const SegmentKind kind : kKinds) {
    const SegmentRecord damaged = *notes.segment(kind);
    flip("/store/seg/" + damaged.file, damaged.size / 2);
    const auto repaired = repair_store(notes.env, notes.storage(), {});
    ASSERT_TRUE(repaired) << repaired.error().message;
    EXPECT_TRUE(repaired->problems.empty());
    ASSERT_EQ(repaired->set_aside.size(), 1u);
    EXPECT_NE(repaired->set_aside[0].find("/store/quarantine/" + damaged.file), std::string::npos)
        << repaired->set_aside[0];
    EXPECT_TRUE(notes.env.stat("/store/quarantine/" + damaged.file).value());
    EXPECT_FALSE(notes.segment(kind)) << "its chunks wait now";
    ASSERT_TRUE(notes.index());
    expect_sound();
    EXPECT_NE(notes.segment(kind)->file, damaged.file);
  }
  EXPECT_EQ(find("steeped").first, std::vector<std::string>{"tea.md"});
}

TEST_F(StoreCheck, IndexMakesAgainWhatASearchCouldNotOpen) {
  for (const SegmentKind kind : kKinds) {
    for (const bool is_missing : {true, false}) {
      const std::string path = path_of(kind);
      if (is_missing) ASSERT_TRUE(notes.env.remove(path));
      else ASSERT_TRUE(notes.env.open(path, FileAccess::write).value()->truncate(100));
      const auto indexed = notes.index();
      ASSERT_TRUE(indexed) << indexed.error().message;
      ASSERT_EQ(indexed->warnings.size(), 1u);
      EXPECT_NE(indexed->warnings[0].find(is_missing ? "its file is missing" : "100 bytes"),
                std::string::npos)
          << indexed->warnings[0];
      expect_sound();
    }
  }
}

TEST_F(StoreCheck, WordsAreFoundWhileTheirSegmentIsDamaged) {
  ASSERT_TRUE(
      notes.env.open(path_of(SegmentKind::lexical), FileAccess::write).value()->truncate(9));
  const auto [paths, warnings] = find("steeped");
  EXPECT_EQ(paths, std::vector<std::string>{"tea.md"});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("`saerok index`"), std::string::npos) << warnings[0];
}

TEST_F(StoreCheck, WhicheverBitOfASegmentIsFlippedASearchFindsTheSameAndSaysWhatIsDamaged) {
  struct Found {
    std::vector<std::pair<std::string, double>> hits;
    std::vector<std::string> warnings;
  };
  const HashEmbedder embedder;
  const std::string_view texts[] = {"Coffee is brewed at 93 degrees."};
  const std::vector<float> vector = embedder.embed(texts, TextRole::query, {}).value();
  const auto search_in = [&](SearchMode mode) {
    Found found;
    Snapshots snapshots(notes.env, "/store");
    const auto snapshot = snapshots.get("default", {}, {}).value();
    SearchRequest request;
    request.query = "steeped degrees 우린다";
    request.mode = mode;
    if (mode != SearchMode::lexical) request.query_vector = vector;
    const auto response =
        search(request, SearchSettings{}, *snapshot->backend, *snapshot->analyzer, {}, {});
    if (response) {
      for (const Hit& hit : response->hits) found.hits.emplace_back(hit.text, hit.score);
    } else {
      found.warnings.push_back(response.error().message);
    }
    const auto later = snapshot->backend->warnings();
    found.warnings.insert(found.warnings.end(), snapshot->warnings.begin(),
                          snapshot->warnings.end());
    found.warnings.insert(found.warnings.end(), later.begin(), later.end());
    return found;
  };
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const auto by_words = search_in(SearchMode::lexical);
  const auto by_vectors = search_in(SearchMode::vector);
  ASSERT_EQ(by_words.hits.size(), 3u);
  ASSERT_EQ(by_vectors.hits.size(), 3u);
  int said = 0;
  for (int round = 0; round < 150; ++round) {
    const SegmentKind kind = kKinds[round % 3];
    const std::string path = path_of(kind);
    const std::uint64_t bit = random.below(notes.env.stat(path).value()->size * 8);
    notes.env.flip_bit(path, bit);
    const auto words = search_in(SearchMode::lexical);
    ASSERT_EQ(words.hits, by_words.hits) << path << " bit " << bit;
    const auto vectors = search_in(SearchMode::vector);
    if (!vectors.warnings.empty()) {
      ++said;
      EXPECT_NE(vectors.warnings.back().find(kind == SegmentKind::lexical ? "`saerok " : ""),
                std::string::npos);
    } else {
      ASSERT_EQ(vectors.hits, by_vectors.hits) << path << " bit " << bit;
    }
    said += words.warnings.empty() ? 0 : 1;
    notes.env.flip_bit(path, bit);
  }
  EXPECT_GT(said, 50);
}

TEST_F(StoreCheck, ASegmentFoundDamagedByASearchIsNamedWithWhatToDo) {
  const SegmentRecord record = *notes.segment(SegmentKind::lexical);
  Snapshots snapshots(notes.env, "/store");
  flip("/store/seg/" + record.file, record.size / 2);
  const auto snapshot = snapshots.get("default", {}, {}).value();
  ASSERT_TRUE(snapshot->warnings.empty()) << "what opening looks at is sound";
  SearchRequest request;
  request.query = "steeped";
  request.mode = SearchMode::lexical;
  for (int round = 0; round < 2; ++round) {
    const auto found =
        search(request, SearchSettings{}, *snapshot->backend, *snapshot->analyzer, {}, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->hits.size(), 1u);
    const auto warnings = snapshot->backend->warnings();
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_NE(warnings[0].find(record.file), std::string::npos) << warnings[0];
    EXPECT_NE(warnings[0].find("fail their checksum"), std::string::npos) << warnings[0];
    EXPECT_NE(warnings[0].find("`saerok doctor --repair`"), std::string::npos) << warnings[0];
  }
}

TEST_F(StoreCheck, AMergeDoesNotCopyDamagedVectors) {
  for (int run = 0; run < 6; ++run) {
    notes.commit(std::to_string(run) + ".md",
                 {"Note number " + std::to_string(run) + " is short."});
    ASSERT_TRUE(notes.index());
  }
  const SegmentRecord damaged = *notes.segment(SegmentKind::chunk_vectors);
  flip("/store/seg/" + damaged.file, damaged.size - 200);  // Among the rows.
  notes.commit("last.md", {"The eighth segment of its kind fills the class."});
  const auto merged = notes.index();
  ASSERT_TRUE(merged) << merged.error().message;
  ASSERT_EQ(merged->warnings.size(), 1u);
  EXPECT_NE(merged->warnings[0].find(damaged.file), std::string::npos) << merged->warnings[0];
  ASSERT_TRUE(notes.index());
  EXPECT_TRUE(check().problems.empty());
  EXPECT_EQ(notes.manifest().pending_chunk_vectors, 0u);
}

TEST_F(StoreCheck, ADamagedPageIsNamedWithTheFilesOfItsChunks) {
  notes.close();
  const std::string database = "/store/truth.db";
  const auto size = notes.env.stat(database).value()->size;
  const auto mapped = notes.env.map(database).value();
  const auto bytes = mapped->bytes();
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), size);
  const std::size_t at = all.find("Coffee is brewed");
  ASSERT_NE(at, std::string_view::npos);
  flip(database, at + 2);
  notes.open();
  const CheckReport report = check();
  // The page, and all that stood in it.
  ASSERT_EQ(report.problems.size(), 4u);
  EXPECT_NE(report.problems[0].find("truth.db is damaged (page "), std::string::npos);
  EXPECT_NE(report.problems[0].find("`saerok index`"), std::string::npos) << report.problems[0];
  const auto names_coffee = [](const std::string& problem) {
    return problem.find("of coffee.md cannot be read") != std::string::npos;
  };
  EXPECT_EQ(std::ranges::count_if(report.problems, names_coffee), 1);
}

}  // namespace
}  // namespace saerok
