#include "text/sentences.h"

#include <chrono>
#include <random>
#include <string>

namespace saerok {
namespace {

std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> sentences;
  for (const ByteSpan& span : split_sentences(text)) {
    sentences.emplace_back(text.substr(span.begin, span.size()));
  }
  return sentences;
}

using Texts = std::vector<std::string>;

TEST(Sentences, KoreanEndings) {
  EXPECT_EQ(sentences_of("비가 왔다. 우산을 샀어요. 좋죠? 네!"),
            (Texts{"비가 왔다.", "우산을 샀어요.", "좋죠?", "네!"}));
}

TEST(Sentences, KoreanWithoutASpaceAfterTheStop) {
  EXPECT_EQ(sentences_of("비가 왔다.우산을 샀다."), (Texts{"비가 왔다.", "우산을 샀다."}));
}

TEST(Sentences, QuotationStaysInItsSentence) {
  EXPECT_EQ(sentences_of("그는 \"가자.\"라고 했다. 나는 \"그래.\" 라고 답했다."),
            (Texts{"그는 \"가자.\"라고 했다.", "나는 \"그래.\" 라고 답했다."}));
  EXPECT_EQ(sentences_of("“Why?” she asked. “No.” He left."),
            (Texts{"“Why?” she asked.", "“No.”", "He left."}));
}

TEST(Sentences, KoreanDatesAndItems) {
  EXPECT_EQ(sentences_of("2024. 3. 1. 회의를 했다. 끝."),
            (Texts{"2024. 3. 1. 회의를 했다.", "끝."}));
  EXPECT_EQ(sentences_of("회의는 2024. 3. 1. 오전이다."), (Texts{"회의는 2024. 3. 1. 오전이다."}));
  EXPECT_EQ(sentences_of("가. 목적\n나. 방법"), (Texts{"가. 목적", "나. 방법"}));
}

TEST(Sentences, EnglishAbbreviationsInitialsAndDecimals) {
  EXPECT_EQ(sentences_of("Dr. Kim met J. Smith, e.g. at 3.5 p.m. on Monday. They left."),
            (Texts{"Dr. Kim met J. Smith, e.g. at 3.5 p.m. on Monday.", "They left."}));
  EXPECT_EQ(sentences_of("See Fig. 2 and No. 5. It works."),
            (Texts{"See Fig. 2 and No. 5.", "It works."}));
  EXPECT_EQ(sentences_of("Is it? No. It is not."), (Texts{"Is it?", "No.", "It is not."}));
  EXPECT_EQ(sentences_of("Use node.js 3.11.2. Done."), (Texts{"Use node.js 3.11.2.", "Done."}));
}

TEST(Sentences, NumberedItemKeepsItsNumber) {
  EXPECT_EQ(sentences_of("1. Boil water\n2. Add tea. Wait."),
            (Texts{"1. Boil water", "2. Add tea.", "Wait."}));
}

TEST(Sentences, ChineseAndJapaneseStops) {
  EXPECT_EQ(sentences_of("今日は雨です。傘を買った！「行こう。」と言った。"),
            (Texts{"今日は雨です。", "傘を買った！", "「行こう。」と言った。"}));
}

TEST(Sentences, LineBreaksEndUnlessTheLineIsWrapped) {
  EXPECT_EQ(sentences_of("우유\n계란\n빵"), (Texts{"우유", "계란", "빵"}));
  EXPECT_EQ(sentences_of("- milk\n- eggs"), (Texts{"- milk", "- eggs"}));
  EXPECT_EQ(sentences_of("the line goes on\nin lower case."),
            (Texts{"the line goes on\nin lower case."}));
  EXPECT_EQ(sentences_of("a heading\n\nin lower case"), (Texts{"a heading", "in lower case"}));
  const std::string wide(70, 'x');
  EXPECT_EQ(sentences_of(wide + "\nSeoul is wide."), (Texts{wide + "\nSeoul is wide."}));
}

TEST(Sentences, NothingButWhiteSpaceHasNone) {
  EXPECT_TRUE(split_sentences("").empty());
  EXPECT_TRUE(split_sentences(" \n\t\r\n").empty());
}

TEST(Sentences, RandomTextIsCoveredOnceAndInOrder) {
  const unsigned seed = 20260304;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kPieces[] = {"비가 왔다", ".",  "!", "?",        "。",  " ",
                                                 "\n",        "\"", "”", "1",        "Mr",  "a",
                                                 "B",         "…",  ")", "\xED\x95", "\r\n"};
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 40; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    std::size_t at = 0;
    const auto is_white = [&](std::size_t from, std::size_t to) {
      return text.substr(from, to - from).find_first_not_of(" \t\r\n") == std::string::npos;
    };
    for (const ByteSpan& span : split_sentences(text)) {
      ASSERT_LE(at, span.begin);
      ASSERT_LT(span.begin, span.end);
      ASSERT_TRUE(is_white(at, span.begin)) << text;
      ASSERT_FALSE(is_white(span.begin, span.begin + 1) || is_white(span.end - 1, span.end));
      at = span.end;
    }
    ASSERT_TRUE(is_white(at, text.size())) << text;
  }
}

TEST(Sentences, HostileTextTakesLinearTime) {
  // Each of these takes minutes where a rule looks back or ahead without a limit.
  for (const std::string_view piece : {"1. ", ". ", "\n ", "a\n", "\"", ".\"", " "}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    const auto began = std::chrono::steady_clock::now();
    split_sentences(text);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2)) << piece;
  }
}

}  // namespace
}  // namespace saerok
