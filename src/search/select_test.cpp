#include "search/select.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/source_map.h"
#include "search/memory_backend.h"

namespace saerok {
namespace {

/// A document of chunks that follow one another, as the store would hold it: the file is the text
/// with two bytes of mark-up before each line.
class SelectTest : public ::testing::Test {
 protected:
  struct Piece {
    ByteSpan span;
    std::string heading;
  };

  /// Hits of the chunks, in order.
  std::vector<Hit> add_document(const std::string& path, const std::string& text,
                                const std::vector<Piece>& pieces) {
    std::vector<Hit> hits;
    ++document_;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      StoredChunk stored;
      Chunk& chunk = stored.chunk;
      chunk.id = ChunkId{chunks_.size() + 1};
      chunk.document = DocumentId{document_};
      chunk.ordinal = static_cast<std::uint32_t>(i);
      chunk.span = pieces[i].span;
      chunks_.push_back(stored);
      hits.push_back(hit_of(path, text, pieces[i], chunk.id));
    }
    return hits;
  }

  static Hit hit_of(const std::string& path, const std::string& text, const Piece& piece,
                    ChunkId id) {
    Hit hit;
    hit.chunk = id;
    hit.path = hit.document_id = path;
    hit.heading_path = {piece.heading};
    hit.text = text.substr(piece.span.begin, piece.span.size());
    const auto line_of = [&](std::uint64_t at) {
      return 1 + static_cast<std::uint32_t>(std::count(
                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    };
    std::uint64_t begin = piece.span.begin;
    while (begin < piece.span.end) {
      const std::uint32_t line = line_of(begin);
      hit.anchors.push_back({begin - piece.span.begin, begin + 2 * line, line});
      const std::size_t end = text.find('\n', begin);
      if (end == std::string::npos) break;
      begin = end + 1;
    }
    hit.text_bytes = {hit.anchors.front().source,
                      hit.anchors.back().source + piece.span.end - begin};
    hit.text_lines = {hit.anchors.front().line, hit.anchors.back().line};
    hit.passage = {0, hit.text.size()};
    return hit;
  }

  std::vector<Hit> select(const std::vector<Hit>& hits, std::size_t limit = 6) {
    Chunks backend(analyzer_, chunks_);
    auto selected = select_sources(hits, limit, settings, backend);
    EXPECT_TRUE(selected);
    return selected ? std::move(*selected) : std::vector<Hit>{};
  }

  /// Gives back the chunks that were added, with their spans.
  class Chunks : public MemoryBackend {
   public:
    Chunks(const Analyzer& analyzer, const std::vector<StoredChunk>& chunks)
        : MemoryBackend(analyzer), chunks_(chunks) {}
    Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> ids) const override {
      std::vector<StoredChunk> found;
      for (const ChunkId id : ids) found.push_back(chunks_.at(static_cast<std::size_t>(id) - 1));
      return found;
    }

   private:
    const std::vector<StoredChunk>& chunks_;
  };

  AskSettings settings;
  Analyzer analyzer_{AnalyzerSettings{}};
  std::vector<StoredChunk> chunks_;
  std::uint64_t document_ = 0;
};

constexpr char kText[] =
    "The kettle is descaled in May.\nUse citric acid.\n\nRinse it twice.\nDry it.";

TEST_F(SelectTest, NeighboursBecomeOneSourceWhoseEveryPlaceIsRight) {
  const std::string text = kText;
  const std::size_t cut = text.find("Rinse");
  auto hits =
      add_document("kettle.md", text, {{{0, cut - 2}, "Kettle"}, {{cut, text.size()}, "Kettle"}});
  for (const bool is_reversed : {false, true}) {
    if (is_reversed) std::swap(hits[0], hits[1]);
    const auto sources = select(hits);
    ASSERT_EQ(sources.size(), 1u);
    const Hit& joined = sources[0];
    EXPECT_EQ(joined.chunk, hits[0].chunk);
    EXPECT_EQ(joined.text.substr(joined.passage.begin, joined.passage.size()), hits[0].text);
    for (const char* part : {"kettle", "citric acid", "Rinse it", "twice.\nDry"}) {
      const std::size_t at = joined.text.find(part), in_file = text.find(part);
      ASSERT_NE(at, std::string::npos) << part;
      const auto place = locate(joined.anchors, {joined.text_bytes, joined.text_lines}, joined.text,
                                {at, at + std::string_view(part).size()});
      const auto line =
          1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(in_file), '\n');
      EXPECT_EQ(place.lines.first, static_cast<std::uint32_t>(line)) << part;
      EXPECT_EQ(place.bytes.begin, in_file + 2 * static_cast<std::size_t>(line)) << part;
    }
  }
}

TEST_F(SelectTest, OverlapOfNeighboursIsSaidOnce) {
  const std::string text = kText;
  const std::size_t end = text.find("\n\n");
  const std::size_t begin = text.find("acid");
  const auto sources = select(
      add_document("kettle.md", text, {{{0, end}, "Kettle"}, {{begin, text.size()}, "Kettle"}}));
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources[0].text, text);
  const std::size_t at = text.find("Dry");
  const auto place = locate(sources[0].anchors, {sources[0].text_bytes, sources[0].text_lines},
                            text, {at, at + 3});
  EXPECT_EQ(place.lines, (LineSpan{5, 5}));
  EXPECT_EQ(place.bytes.begin, at + 10);
}

TEST_F(SelectTest, OtherSectionsAndOtherDocumentsAreNotJoined) {
  const std::string text = kText;
  const std::size_t cut = text.find("Rinse");
  auto hits = add_document("a.md", text, {{{0, cut - 2}, "Kettle"}, {{cut, text.size()}, "After"}});
  const auto others = add_document("b.md", "Something else entirely.", {{{0, 24}, "Kettle"}});
  hits.push_back(others[0]);
  EXPECT_EQ(select(hits).size(), 3u);
}

TEST_F(SelectTest, JoiningCanBeSwitchedOff) {
  const std::string text = kText;
  const std::size_t cut = text.find("Rinse");
  const auto hits = add_document("a.md", text, {{{0, cut - 2}, "K"}, {{cut, text.size()}, "K"}});
  settings.join_neighbours = Switch::off;
  EXPECT_EQ(select(hits).size(), 2u);
}

TEST_F(SelectTest, NearDuplicatesOfABetterHitAreLeftOut) {
  const std::string text = "The boiler is serviced each October by the people from the valley.";
  auto hits = add_document("a.md", text, {{{0, text.size()}, "A"}});
  const std::string copy = "The boiler is serviced each October by the people from the village.";
  hits.push_back(add_document("b.md", copy, {{{0, copy.size()}, "B"}})[0]);
  const std::string other = "The boiler was bought in 2019 and has a guarantee of ten years.";
  hits.push_back(add_document("c.md", other, {{{0, other.size()}, "C"}})[0]);
  const auto sources = select(hits);
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].path, "a.md");
  EXPECT_EQ(sources[1].path, "c.md");
  EXPECT_EQ(sources[1].rank, 2u);
  settings.duplicate_overlap = 0;
  EXPECT_EQ(select(hits).size(), 3u);
}

TEST_F(SelectTest, OneDocumentTakesNoMoreThanItsPlaces) {
  const std::string text = "Bees sleep at night.xxxx Foxes hunt at dusk.xxxx Owls hoot in winter.";
  auto hits =
      add_document("a.md", text, {{{0, 20}, "1"}, {{25, 44}, "2"}, {{49, text.size()}, "3"}});
  const std::string other = "Tea steeps at eighty degrees.";
  hits.push_back(add_document("b.md", other, {{{0, other.size()}, "B"}})[0]);
  settings.document_sources_max = 2;
  const auto sources = select(hits, 3);
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[2].path, "b.md");
}

TEST_F(SelectTest, SharedPartSeesThroughBlanksAndCase) {
  EXPECT_EQ(shared_part("녹차는 80도에 우린다", "녹차는80도에  우린다"), 1);
  EXPECT_EQ(shared_part("Green Tea", "green\ntea"), 1);
  EXPECT_EQ(shared_part("", "anything"), 0);
  EXPECT_LT(shared_part("Green tea steeps at eighty degrees.", "The cat sleeps."), .1);
}

}  // namespace
}  // namespace saerok
