#include "search/snippet.h"

#include <algorithm>
#include <random>
#include <string>

#include "base/unicode.h"

namespace saerok {
namespace {

/// The snippet with its highlights in brackets.
std::string marked(const Snippet& snippet) {
  std::string text = snippet.text;
  for (auto h = snippet.highlights.rbegin(); h != snippet.highlights.rend(); ++h) {
    text.insert(h->end, "]");
    text.insert(h->begin, "[");
  }
  return text;
}

std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += decode_utf8(text, at).size) ++count;
  return count;
}

class SnippetTest : public ::testing::Test {
 protected:
  std::vector<TextMatch> matches(std::string_view query, std::string_view text) const {
    TermList terms;
    analyzer.analyze(query, terms);
    return find_matches(analyzer, terms, text);
  }
  std::string shown(std::string_view query, std::string_view text, std::size_t characters = 240,
                    ByteSpan passage = {}) const {
    return marked(make_snippet(text, passage, matches(query, text), characters));
  }
  Analyzer analyzer{AnalyzerSettings{}};
};

TEST_F(SnippetTest, ShortTextIsShownWhole) {
  EXPECT_EQ(shown("tea", "Green tea is good."), "Green [tea] is good.");
}

TEST_F(SnippetTest, KoreanWordIsMarkedThroughItsParticle) {
  const std::string snippet = shown("녹차는", "아침에 녹차를 마신다.");
  EXPECT_TRUE(snippet == "아침에 [녹차]를 마신다." || snippet == "아침에 [녹차를] 마신다.")
      << snippet;
}

TEST_F(SnippetTest, WhiteSpaceIsSqueezedAndHighlightsMove) {
  EXPECT_EQ(shown("tea", "Green \n\n  tea\tis\r\ngood."), "Green [tea] is good.");
}

TEST_F(SnippetTest, DensestStretchIsChosen) {
  std::string text = "Tea is old. ";
  for (int i = 0; i < 30; ++i) text += "Nothing of interest is said here. ";
  text += "Green tea is steeped in hot water. ";
  for (int i = 0; i < 30; ++i) text += "Nothing of interest is said here. ";
  const std::string snippet = shown("steeped green tea", text, 80);
  EXPECT_NE(snippet.find("[Green] [tea] is [steeped] in hot water."), std::string::npos) << snippet;
  EXPECT_TRUE(snippet.starts_with("…Green") || snippet.starts_with("…[Green]")) << snippet;
  EXPECT_TRUE(snippet.ends_with("…")) << snippet;
}

TEST_F(SnippetTest, TextWithoutMatchesIsShownFromItsStart) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "Nothing is said here. ";
  EXPECT_EQ(shown("zebra", text, 50), "Nothing is said here. Nothing is said here.…");
}

TEST_F(SnippetTest, PassageIsShownRatherThanADenserPlace) {
  const std::string text = "Tea tea tea. Water is hot. Tea.";
  EXPECT_EQ(shown("tea", text, 240, {13, 26}), "…Water is hot.…");
}

TEST_F(SnippetTest, LongKoreanTextWithoutSpacesIsCutAtASyllable) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "가나다라";
  const Snippet snippet = make_snippet(text, {}, {}, 100);
  EXPECT_TRUE(is_valid_utf8(snippet.text));
  EXPECT_EQ(characters_in(snippet.text), 101u);
}

TEST_F(SnippetTest, FamilyOfJoinedEmojiIsNotCut) {
  const std::string family = "👨‍👩‍👧";
  std::string text;
  for (int i = 0; i < 100; ++i) text += family;
  const Snippet snippet = make_snippet(text, {}, {}, 52);
  EXPECT_EQ(snippet.span.end % family.size(), 0u);
}

TEST_F(SnippetTest, GramsMarkAWordThatIsOnlyThereInPart) {
  const std::string snippet = shown("데이터베이스", "데이터 베이스를 만든다.");
  EXPECT_NE(snippet.find('['), std::string::npos) << snippet;
}

TEST_F(SnippetTest, EmptyTextGivesAnEmptySnippet) {
  EXPECT_EQ(make_snippet("", {}, {}, 240).text, "");
  EXPECT_EQ(make_snippet(" \n ", {}, {}, 240).text, "");
}

TEST_F(SnippetTest, RandomTextKeepsItsInvariants) {
  const unsigned seed = 20260306;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kPieces[] = {"tea",
                                                 "녹차를 ",
                                                 "가",
                                                 " ",
                                                 "\n\n",
                                                 ". ",
                                                 "e\xCC\x81",
                                                 "👨‍👩‍👧",
                                                 "漢字",
                                                 "다. ",
                                                 "x",
                                                 "🇰🇷",
                                                 "\xE1\x84\x80\xE1\x85\xA1",
                                                 "waterfall",
                                                 "\t"};
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 120; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    const std::vector<TextMatch> found = matches("tea 녹차 waterfall 漢字", text);
    ByteSpan passage{random() % (text.size() + 1), 0};
    passage.end = passage.begin + random() % (text.size() - passage.begin + 1);
    const auto continues = [&](std::uint64_t at) {
      return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    while (continues(passage.begin)) --passage.begin;
    while (continues(passage.end)) ++passage.end;
    if (random() % 2 == 0) passage = {};
    const std::size_t room = 8 + random() % 60;
    const Snippet snippet = make_snippet(text, passage, found, room);

    ASSERT_TRUE(is_valid_utf8(snippet.text));
    ASSERT_LE(snippet.span.begin, snippet.span.end);
    ASSERT_LE(snippet.span.end, text.size());
    // A cluster at the cut may go beyond: none here has more than 5 characters.
    ASSERT_LE(characters_in(snippet.text), room + room * 15 / 100 + 8);
    ASSERT_EQ(snippet.text.find_first_of("\n\t\r"), std::string::npos);
    ASSERT_EQ(snippet.text.find("  "), std::string::npos);
    std::uint32_t at = 0;
    for (const Highlight& highlight : snippet.highlights) {
      ASSERT_LE(at, highlight.begin);
      ASSERT_LT(highlight.begin, highlight.end);
      ASSERT_LE(highlight.end, snippet.text.size());
      at = highlight.end;
      const std::string_view part =
          std::string_view(snippet.text).substr(highlight.begin, highlight.end - highlight.begin);
      ASSERT_TRUE(is_valid_utf8(part));
      // What is marked is what some match says, white space aside.
      ASSERT_TRUE(std::any_of(found.begin(), found.end(), [&](const TextMatch& match) {
        std::string said;
        for (const char c : std::string_view(text).substr(match.begin, match.end - match.begin)) {
          const bool is_blank = c == ' ' || c == '\n' || c == '\t';
          if (!is_blank) said += c;
          else if (!said.empty() && said.back() != ' ') said += ' ';
        }
        return said.find(part) != std::string::npos;
      })) << part;
    }
  }
}

}  // namespace
}  // namespace saerok
