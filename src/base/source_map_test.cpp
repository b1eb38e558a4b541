#include "base/source_map.h"

#include <random>
#include <string>

namespace saerok {
namespace {

constexpr SourcePlace kWhole{{100, 160}, {7, 12}};

TEST(SourceMap, TextWithoutAnchorsStandsWhereTheWholeStands) {
  EXPECT_EQ(locate({}, kWhole, "tea", {1, 2}), kWhole);
}

TEST(SourceMap, SpanEndsBeforeTheMarkUpThatFollowsIt) {
  // Source: "a **bold** word", text: "a bold word".
  const std::vector<SourceAnchor> anchors = {{0, 100, 7}, {2, 104, 7}, {6, 110, 7}};
  const std::string text = "a bold word";
  EXPECT_EQ(locate(anchors, kWhole, text, {2, 6}), (SourcePlace{{104, 108}, {7, 7}}));
  EXPECT_EQ(locate(anchors, kWhole, text, {0, 11}), (SourcePlace{{100, 115}, {7, 7}}));
}

TEST(SourceMap, LineFeedsBetweenAnchorsAreLinesOfTheSource) {
  const std::vector<SourceAnchor> anchors = {{0, 100, 7}};
  EXPECT_EQ(locate(anchors, kWhole, "one\ntwo\nthree", {4, 13}), (SourcePlace{{104, 113}, {8, 9}}));
}

TEST(SourceMap, SpanThatEndsWithALineFeedStaysOnItsLine) {
  const std::vector<SourceAnchor> anchors = {{0, 100, 7}};
  EXPECT_EQ(locate(anchors, kWhole, "one\ntwo", {0, 4}).lines, (LineSpan{7, 7}));
}

TEST(SourceMap, ShorterSourceCharactersDoNotReachIntoTheNext) {
  // Two Korean syllables of CP949: 2 bytes each in the source, 3 in the text.
  const std::vector<SourceAnchor> anchors = {{0, 100, 7}, {3, 102, 7}, {6, 104, 7}};
  EXPECT_EQ(locate(anchors, kWhole, "한글.", {0, 3}).bytes, (ByteSpan{100, 102}));
  EXPECT_EQ(locate(anchors, kWhole, "한글.", {3, 6}).bytes, (ByteSpan{102, 104}));
}

TEST(SourceMap, EmptySpanIsAnEmptyRange) {
  const std::vector<SourceAnchor> anchors = {{0, 100, 7}};
  EXPECT_EQ(locate(anchors, kWhole, "one", {2, 2}), (SourcePlace{{102, 102}, {7, 7}}));
}

TEST(SourceMap, RandomAnchorsNeverLeaveTheWhole) {
  const unsigned seed = 20260301;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 40, 'x');
    for (char& c : text) c = random() % 5 == 0 ? '\n' : 'x';
    std::vector<SourceAnchor> anchors;
    SourceAnchor anchor{0, 80 + random() % 40, 5 + static_cast<std::uint32_t>(random() % 4)};
    while (anchor.text <= text.size()) {
      anchors.push_back(anchor);
      anchor.text += 1 + random() % 9;
      anchor.source += random() % 20;
      anchor.line += static_cast<std::uint32_t>(random() % 2);
    }
    const std::uint64_t begin = random() % (text.size() + 1);
    const std::uint64_t end = begin + random() % (text.size() - begin + 1);
    const SourcePlace place = locate(anchors, kWhole, text, {begin, end});
    EXPECT_LE(kWhole.bytes.begin, place.bytes.begin);
    EXPECT_LE(place.bytes.begin, place.bytes.end);
    EXPECT_LE(place.bytes.end, kWhole.bytes.end);
    EXPECT_LE(kWhole.lines.first, place.lines.first);
    EXPECT_LE(place.lines.first, place.lines.last);
    EXPECT_LE(place.lines.last, kWhole.lines.last);
  }
}

}  // namespace
}  // namespace saerok
