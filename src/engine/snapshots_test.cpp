// Views of a collection while it changes: at once where that is cheap, else beside the searches.

#include "engine/snapshots.h"

#include <gtest/gtest.h>

#include "engine/stored_notes.h"

namespace saerok {
namespace {

struct SnapshotsTest : testing::Test {
  test::StoredNotes notes;
  SimEnv& env = notes.env;

  void commit(const std::string& path, std::size_t chunks) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < chunks; ++i) texts.push_back("word" + std::to_string(i));
    notes.commit(path, texts);
  }
};

TEST_F(SnapshotsTest, AFewPendingChunksAreSeenAtOnce) {
  Snapshots snapshots(env, "/store");
  commit("a.md", 3);
  EXPECT_EQ(snapshots.get("default", {}, {}).value()->manifest.chunk_count, 3u);
  commit("b.md", 2);
  EXPECT_EQ(snapshots.get("default", {}, {}).value()->manifest.chunk_count, 5u);
}

TEST_F(SnapshotsTest, WithManyPendingTheViewAtHandServesUntilTheNewOneIsMade) {
  Snapshots snapshots(env, "/store");
  commit("a.md", 3);
  const auto first = snapshots.get("default", {}, {}).value();
  commit("b.md", kDeltaAtOnceMax + 1);
  EXPECT_EQ(snapshots.get("default", {}, {}).value(), first);
  // It comes by itself; each look is a search's.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::uint64_t chunks = 3;
  while (chunks == 3 && std::chrono::steady_clock::now() < until) {
    chunks = snapshots.get("default", {}, {}).value()->manifest.chunk_count;
  }
  EXPECT_EQ(chunks, kDeltaAtOnceMax + 4);
}

TEST_F(SnapshotsTest, OtherSettingsOfTheAnalyserAreAnotherView) {
  Snapshots snapshots(env, "/store");
  commit("a.md", 3);
  const auto lists = [](std::string_view text) {
    return std::make_shared<const WordLists>(parse_word_lists(text).value());
  };
  const AnalyzerSettings first{.words = lists("자동차, car\n")};
  const auto view = snapshots.get("default", first, {}).value();
  EXPECT_EQ(view->analyzer->synonyms_of("자동차"), "car\n");
  EXPECT_EQ(snapshots.get("default", first, {}).value(), view);
  const auto changed = snapshots.get("default", {.words = lists("자동차, 차량\n")}, {}).value();
  EXPECT_EQ(changed->analyzer->synonyms_of("자동차"), "차량\n");
  // What cuts words otherwise is no view of this index.
  const auto robust = snapshots.get("default", {.korean = KoreanAnalysis::robust}, {});
  ASSERT_FALSE(robust);
  EXPECT_EQ(robust.error().code, ErrorCode::failed_precondition);
  EXPECT_FALSE(snapshots.get("default", {.words = lists("!나이키\n")}, {}));
}

TEST_F(SnapshotsTest, TheFirstViewHoldsAllThatIsPending) {
  Snapshots snapshots(env, "/store");
  commit("a.md", kDeltaAtOnceMax + 1);
  EXPECT_EQ(snapshots.get("default", {}, {}).value()->manifest.chunk_count, kDeltaAtOnceMax + 1);
  EXPECT_EQ(snapshots.get("other", {}, {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace saerok
