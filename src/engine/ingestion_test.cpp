// In which order vectors are made, and what is said meanwhile.

#include "engine/ingestion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/stored_notes.h"

namespace saerok {
namespace {

/// Remembers what it was given, and asks for a stop after so many texts.
class RecordingEmbedder final : public Embedder {
 public:
  explicit RecordingEmbedder(std::size_t texts_max, std::stop_source stop = {})
      : texts_max_(texts_max), stop_(std::move(stop)) {}
  std::string_view fingerprint() const override { return inner_.fingerprint(); }
  std::size_t dimension() const override { return inner_.dimension(); }
  Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole role,
                                   const CallContext& call) const override {
    seen_.insert(seen_.end(), texts.begin(), texts.end());
    if (seen_.size() >= texts_max_) stop_.request_stop();
    return inner_.embed(texts, role, CallContext{.stop = {}, .deadline = call.deadline});
  }
  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override {
    return inner_.count_tokens(text, call);
  }
  const std::vector<std::string>& seen() const { return seen_; }

 private:
  HashEmbedder inner_;
  std::size_t texts_max_;
  mutable std::stop_source stop_;
  mutable std::vector<std::string> seen_;
};

/// `count` chunks, all different, that say whose they are.
std::vector<std::string> texts_of(const std::string& note, std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(note + " part " + std::to_string(i));
  return texts;
}

TEST(Ingestion, NotesChangedLastGetTheirVectorsFirst) {
  test::StoredNotes notes;
  constexpr std::size_t kGroup = 256;
  notes.commit("old.md", texts_of("old", kGroup), 1'000);
  notes.commit("new.md", texts_of("new", kGroup), 3'000);
  notes.commit("middle.md", texts_of("middle", kGroup), 2'000);
  std::stop_source stop;
  const RecordingEmbedder embedder(kGroup, stop);
  const auto stopped = notes.index(embedder, {.stop = stop.get_token(), .deadline = {}});
  ASSERT_TRUE(stopped) << stopped.error().message;
  ASSERT_EQ(embedder.seen().size(), kGroup);
  EXPECT_TRUE(std::ranges::all_of(embedder.seen(),
                                  [](const std::string& text) { return text.starts_with("new"); }));
  // They can be searched for while the others wait.
  EXPECT_EQ(notes.manifest().pending_chunk_vectors, 2 * kGroup);
  const RecordingEmbedder rest(10 * kGroup);
  ASSERT_TRUE(notes.index(rest));
  EXPECT_TRUE(rest.seen().front().starts_with("middle"));
  EXPECT_EQ(notes.manifest().pending_chunk_vectors, 0u);
}

TEST(Ingestion, ProgressGrowsWithinAGroupAndCountsTokens) {
  test::StoredNotes notes;
  notes.commit("a.md", texts_of("a", 200));
  std::vector<Progress> seen;
  const RecordingEmbedder embedder(1'000'000);
  const auto indexed = notes.index(embedder, {}, [&](const Progress& progress) {
    if (progress.stage == "embed chunks") seen.push_back(progress);
  });
  ASSERT_TRUE(indexed) << indexed.error().message;
  ASSERT_GT(seen.size(), 3u) << "200 chunks are one group of several batches";
  for (std::size_t i = 1; i < seen.size(); ++i) {
    EXPECT_GE(seen[i].done, seen[i - 1].done);
    EXPECT_GE(seen[i].tokens, seen[i - 1].tokens);
    EXPECT_GE(seen[i].seconds, seen[i - 1].seconds);
    EXPECT_EQ(seen[i].total, 200u);
  }
  EXPECT_GT(seen[1].done, 0u);
  EXPECT_LT(seen[1].done, 200u);
  EXPECT_GT(seen[1].tokens, 0u);
  EXPECT_EQ(seen.back().done, 200u);
}

TEST(Ingestion, WordsAnalysedInAnotherWayAreIndexedAnewAndVectorsStay) {
  test::StoredNotes notes;
  notes.commit("a.md", {"검색 엔진을 만들다"});
  ASSERT_TRUE(notes.index());
  const SegmentId words = notes.segment(SegmentKind::lexical)->id;
  const SegmentId vectors = notes.segment(SegmentKind::chunk_vectors)->id;
  notes.analyzer.korean = KoreanAnalysis::robust;
  const RecordingEmbedder embedder(100);
  const auto again = notes.index(embedder);
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->warnings.size(), 1u);
  EXPECT_NE(again->warnings[0].find("indexed anew"), std::string::npos) << again->warnings[0];
  EXPECT_TRUE(embedder.seen().empty());
  EXPECT_EQ(notes.segment(SegmentKind::chunk_vectors)->id, vectors);
  EXPECT_NE(notes.segment(SegmentKind::lexical)->id, words);
  EXPECT_EQ(notes.manifest().pending_lexical, 0u);
  EXPECT_EQ(notes.manifest().collection.analyzer_fingerprint,
            Analyzer(notes.analyzer).fingerprint());
  EXPECT_TRUE(notes.index(embedder)->warnings.empty());
}

}  // namespace
}  // namespace saerok
