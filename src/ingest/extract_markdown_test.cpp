#include <algorithm>
#include <chrono>

#include "base/source_map.h"
#include "ingest/chunker.h"
#include "ingest/test_document.h"

namespace saerok {
namespace {

using testing::extract_all;
using testing::extract_one;
using testing::strings_of;
using testing::values_of;
using Strings = std::vector<std::string>;

std::string text_of(std::string_view markdown) { return extract_one("note.md", markdown).text; }

TEST(Markdown, InlineMarksGoAndTheirTextStays) {
  EXPECT_EQ(text_of("**bold** _it_ ~~gone~~ ==lit== `co*de` \\*star\\*"),
            "bold it gone lit co*de *star*");
  EXPECT_EQ(text_of("**\"굵은 말\"**은 *강조*다"), "\"굵은 말\"은 강조다");
  EXPECT_EQ(text_of("snake_case_name 2 * 3 * 4 a == b"), "snake_case_name 2 * 3 * 4 a == b");
  EXPECT_EQ(text_of("Q&amp;A &#44032; &unknown; AT&T"), "Q&A 가 &unknown; AT&T");
  EXPECT_EQ(text_of("a <b>c</b> List<String> <https://x.org/a_b_> x<br>y"),
            "a c List<String> https://x.org/a_b_ x\ny");
  EXPECT_EQ(text_of("$a_1 * b_1$ and $$x_1*y*$$ cost $5"), "$a_1 * b_1$ and $$x_1*y*$$ cost $5");
}

TEST(Markdown, LinksShowTheirTextAndBecomeAttributes) {
  const Document note =
      extract_one("note.md",
                  "See [[차/녹차#우리기|green tea]] and [[Rice]], [site](https://x.org/(a)) "
                  "[local](My%20Note.md \"t\") ![[pic.png|300]] ![alt](img/a.png) [[#Here]]");
  EXPECT_EQ(note.text, "See green tea and Rice, site local pic.png alt Here");
  EXPECT_EQ(strings_of(note, "link"), (Strings{"차/녹차", "Rice", "My Note.md"}));
  EXPECT_EQ(strings_of(note, "embed"), (Strings{"pic.png", "img/a.png"}));
}

TEST(Markdown, ReferenceLinksLoseTheirLabelsAndDefinitions) {
  EXPECT_EQ(text_of("[the docs][d] and [d] but [x]\n\n[d]: https://x.org 'T'\n[중요]: 내일 회의"),
            "the docs and d but [x]\n\n[중요]: 내일 회의");
}

TEST(Markdown, TagsAreFoundInTextOnly) {
  const Document note = extract_one(
      "note.md",
      "# Heading\n#업무/회의록 and #Work-1, #123 x#no `#code` [a](#frag)\n\n```\n#fence\n```\n");
  EXPECT_EQ(strings_of(note, "tag"), (Strings{"업무/회의록", "업무", "Work-1"}));
  EXPECT_NE(note.keywords.find("업무/회의록"), std::string::npos);
}

TEST(Markdown, ObsidiansOwnMarksAreHidden) {
  EXPECT_EQ(text_of("> [!note]- 제목\n> 본문\n\n글 %%숨김%% 끝 "
                    "^abc-1\n\n%%\nhidden\n\nall\n%%\n<!-- a\n\nb -->after"),
            "제목\n본문\n\n글  끝\n\nafter");
  EXPECT_EQ(text_of("text[^1] more^[inline]\n\n[^1]: The note."), "text more inline\n\nThe note.");
  EXPECT_EQ(text_of("100%% open"), "100%% open");
}

TEST(Markdown, BlocksHaveKindsAndLevels) {
  const Document note =
      extract_one("n.md",
                  "# One\npara\n\nTitle\n===\n- a\n  - [x] b\n1. c\n\n> q\n\n"
                  "```py\nx = '#1'\n\n  y\n```\n| h | i |\n|---|:-:|\n| 1 | [[a\\|b]] |\n\n"
                  "    indented\n");
  std::vector<std::pair<BlockKind, int>> kinds;
  Strings texts;
  for (const Block& block : note.blocks) {
    kinds.emplace_back(block.kind, block.level);
    texts.push_back(note.text.substr(block.span.begin, block.span.size()));
  }
  using enum BlockKind;
  const std::vector<std::pair<BlockKind, int>> expected = {
      {heading, 1},   {paragraph, 0}, {heading, 1}, {list_item, 1}, {list_item, 2},
      {list_item, 1}, {quote, 0},     {code, 0},    {table, 0},     {code, 0}};
  EXPECT_EQ(kinds, expected);
  EXPECT_EQ(texts, (Strings{"One", "para", "Title", "a", "b", "1. c", "q", "x = '#1'\n\n  y",
                            "h | i\n1 | b", "indented"}));
  EXPECT_EQ(strings_of(note, "task"), Strings{"done"});
}

TEST(Markdown, FrontmatterBecomesTypedAttributes) {
  const Document note = extract_one(
      "일기/2024-03-01 산책.md",
      "---\ntitle: \"봄: 산책\"\ntags: [걷기, '봄/꽃']\naliases:\n  - Walk\n  - Spring walk\n"
      "created: 2024-02-29T10:00:00\nrating: 4.5\ncount: 12\nphone: 01012345678\ndone: true\n"
      "place: {city: 서울, zip: 04524}\nempty:\nnested:\n  deep: x # comment\nrelated: [[Tea]]\n"
      "text: |\n  line 1\n  line 2\nodd: &anchor v\njust words\n---\n# H\nbody\n");
  EXPECT_EQ(note.title, "봄: 산책");
  EXPECT_EQ(note.text, "H\n\nbody");
  EXPECT_EQ(strings_of(note, "tag"), (Strings{"걷기", "봄/꽃", "봄"}));
  EXPECT_EQ(strings_of(note, "alias"), (Strings{"Walk", "Spring walk"}));
  EXPECT_EQ(values_of(note, "rating"), std::vector<AttributeValue>{4.5});
  EXPECT_EQ(values_of(note, "count"), std::vector<AttributeValue>{std::int64_t{12}});
  EXPECT_EQ(strings_of(note, "phone"), Strings{"01012345678"});
  EXPECT_EQ(values_of(note, "done"), std::vector<AttributeValue>{true});
  EXPECT_EQ(strings_of(note, "place.city"), Strings{"서울"});
  EXPECT_EQ(strings_of(note, "nested.deep"), Strings{"x"});
  EXPECT_EQ(strings_of(note, "link"), Strings{"Tea"});
  EXPECT_EQ(strings_of(note, "text"), Strings{"line 1\nline 2"});
  EXPECT_EQ(strings_of(note, "odd"), Strings{"&anchor v"});
  EXPECT_EQ(values_of(note, "date"), std::vector<AttributeValue>{Date{19'782}});
  EXPECT_EQ(strings_of(note, "folder"), Strings{"일기"});
  EXPECT_NE(note.keywords.find("Spring walk"), std::string::npos);
  EXPECT_NE(note.keywords.find("2024-03-01 산책"), std::string::npos);
}

TEST(Markdown, WhatFrontmatterDoesNotUnderstandIsKeptAndNoted) {
  const auto result = testing::extract_all("n.md", "---\na: &x 1\nwords\nb: [1, 2\n---\ntext");
  ASSERT_EQ(result.notes.notes.size(), 3u);
  EXPECT_NE(result.notes.notes[1].find("line 3"), std::string::npos);
  EXPECT_EQ(strings_of(result.documents.at(0), "frontmatter"), Strings{"words"});
}

TEST(Markdown, ARuleAtTheTopIsNoFrontmatter) {
  EXPECT_EQ(text_of("---\njust text\n---\nmore"), "just text\n\nmore");
}

TEST(Markdown, TheTitleIsFrontmatterThenFirstHeadingThenFileName) {
  EXPECT_EQ(extract_one("a/b.md", "# 제목 *하나*\n").title, "제목 하나");
  EXPECT_EQ(extract_one("a/b.md", "text\n# Later\n").title, "b");
  EXPECT_EQ(extract_one("a/b.md.gz",
                        std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0", 20))
                .title,
            "b");
}

TEST(Markdown, DatesComeFromFileNamesInManyForms) {
  for (const char* name :
       {"2024-03-01.md", "20240301 회의.md", "회의 2024년 3월 1일.md", "m_2024.3.1.md"}) {
    EXPECT_EQ(values_of(extract_one(name, "x"), "date"), std::vector<AttributeValue>{Date{19'783}})
        << name;
  }
  EXPECT_TRUE(values_of(extract_one("2024-13-01.md", "x"), "date").empty());
  EXPECT_TRUE(values_of(extract_one("123456789.md", "x"), "date").empty());
}

TEST(Markdown, EveryWordLeadsBackToItsLineAndBytes) {
  const std::string source =
      "---\ntitle: x\n---\r\n# 머리말\r\n\r\n**굵은** 글과 [[a|별칭]]\r\n> 인용문\r\n> "
      "둘째\r\n\r\n- 항목 `code`\r\n";
  const Document note = extract_one("n.md", source);
  const std::vector<Chunk> chunks =
      chunk_document(note, {.target_tokens = 256, .overlap_tokens = 0});
  ASSERT_EQ(chunks.size(), 1u);
  for (const std::string word :
       {"머리말", "굵은", "글과", "별칭", "인용문", "둘째", "항목", "code"}) {
    const std::size_t at = chunks[0].text.find(word);
    ASSERT_NE(at, std::string::npos) << word;
    const auto place = locate(chunks[0], {at, at + word.size()});
    EXPECT_EQ(source.substr(place.bytes.begin, place.bytes.size()), word);
    const auto line =
        1 + std::count(source.begin(),
                       source.begin() + static_cast<std::ptrdiff_t>(place.bytes.begin), '\n');
    EXPECT_EQ(place.lines,
              (LineSpan{static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(line)}));
  }
  EXPECT_EQ(chunks[0].source_lines, (LineSpan{4, 10}));
}

TEST(Markdown, HostileNestingTakesLinearTime) {
  const auto repeat = [](std::string_view part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  const Strings hostile = {repeat("[", 300'000),
                           repeat("[a](", 100'000),
                           repeat("![[", 100'000),
                           repeat("*a ", 100'000),
                           repeat("**a*", 100'000),
                           repeat("<a ", 100'000),
                           repeat("<!--", 100'000),
                           repeat("$a ", 100'000),
                           repeat("- ", 100'000) + "x",
                           repeat("> ", 100'000) + "x",
                           repeat("# h\n", 100'000),
                           repeat("%% a\n\n", 50'001),
                           repeat("`a``b```c", 50'000),
                           repeat("|a|\n|-|\n", 50'000),
                           repeat("[a]: /x\n", 50'000) + repeat("[", 50'000) + repeat("]", 50'000),
                           repeat("a", 1'000'000),
                           repeat("가", 300'000),
                           "---\na: " + repeat("[", 200'000) + "\n---\n"};
  for (const std::string& text : hostile) {
    const auto begin = std::chrono::steady_clock::now();
    const Document note = extract_one("n.md", text);
    chunk_document(note, {.target_tokens = 256, .overlap_tokens = 32});
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    // Some ten times what a loaded machine needs; quadratic work takes minutes.
    EXPECT_LT(spent.count(), 5.0) << text.substr(0, 12);
  }
}

}  // namespace
}  // namespace saerok
