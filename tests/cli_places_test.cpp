// Where a hit and a citation say they stand: the bytes and lines of the original file, whatever its
// encoding and line ends, really hold what was shown.

#include <gtest/gtest.h>
#include <iconv.h>

#include <algorithm>
#include <sstream>

#include "base/unicode.h"
#include "cli_program.h"

namespace saerok {
namespace {

constexpr char kVault[] = SAEROK_SOURCE_DIR "/examples/vault";
constexpr char kQuestions[] = SAEROK_SOURCE_DIR "/examples/questions/queries.jsonl";

std::string convert(const std::string& text, const char* from, const char* to) {
  iconv_t converter = iconv_open(to, from);
  EXPECT_NE(converter, reinterpret_cast<iconv_t>(-1)) << from << " to " << to;
  std::string result(text.size() * 4 + 8, '\0');
  std::string input = text;
  char* in = input.data();
  char* out = result.data();
  std::size_t in_left = input.size();
  std::size_t out_left = result.size();
  EXPECT_NE(iconv(converter, &in, &in_left, &out, &out_left), static_cast<std::size_t>(-1)) << from;
  iconv_close(converter);
  result.resize(result.size() - out_left);
  return result;
}

/// The words of what was shown; "…" says that the text goes on.
std::vector<std::string> words_of(std::string text) {
  constexpr std::string_view kEllipsis = "…";
  for (std::size_t at = 0; (at = text.find(kEllipsis, at)) != std::string::npos;) {
    text.replace(at, kEllipsis.size(), " ");
  }
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// Without the signs of mark-up, which stand inside words too: **된장**찌개.
std::string without_mark_up(std::string text) {
  std::erase_if(text, [](char sign) {
    return std::string_view("*_`[]").find(sign) != std::string_view::npos;
  });
  return text;
}

/// Expects that bytes [begin, end) of the file hold every word shown, in order, and that the lines
/// are those of the bytes. `encoding` is the file's; a line break of UTF-16 is two bytes.
void expect_place(const Json& place, const std::string& shown, const std::string& file,
                  const char* encoding = "UTF-8") {
  SCOPED_TRACE(place["bytes"].dump());
  const auto begin = place["bytes"][0].get<std::size_t>();
  const auto end = place["bytes"][1].get<std::size_t>();
  ASSERT_LE(begin, end);
  ASSERT_LE(end, file.size());
  // Places are mapped by bytes of UTF-8, so the last character of sixteen-bit text may be cut.
  const std::size_t unit = std::string_view(encoding) == "UTF-16LE" ? 2 : 1;
  const std::size_t whole = (end - begin) / unit * unit;
  const std::string source = to_nfc(convert(file.substr(begin, whole), encoding, "UTF-8"));
  std::size_t at = 0;
  const std::string plain = without_mark_up(source);
  const auto words = words_of(without_mark_up(shown));
  EXPECT_FALSE(words.empty());
  for (const std::string& word : words) {
    const std::size_t found = plain.find(word, at);
    ASSERT_NE(found, std::string::npos) << word << " is not in\n" << source << "\nshown: " << shown;
    at = found + word.size();
  }
  const std::string before = convert(file.substr(0, begin), encoding, "UTF-8");
  const auto first = 1 + std::count(before.begin(), before.end(), '\n');
  EXPECT_EQ(place["lines"][0], first);
  const std::string trimmed = source.substr(0, source.find_last_not_of("\r\n") + 1);
  EXPECT_EQ(place["lines"][1], first + std::count(trimmed.begin(), trimmed.end(), '\n'));
}

class CliPlaces : public testing::Test {
 protected:
  /// Indexes and finds the one hit of `query`.
  Json find(const std::string& query) {
    const Json report = home_.ask_json({"index", home_.path("notes").string()});
    EXPECT_TRUE(report["failed"].empty()) << report;
    const Json found = home_.ask_json({"search", query, "-k", "1"});
    EXPECT_EQ(found["hits"].size(), 1u) << query;
    return found["hits"].empty() ? Json() : found["hits"][0];
  }

  Home home_;
};

const std::string kKorean =
    "# 장보기 목록\n\n오늘은 시장에서 두부와 콩나물을 샀다.\n\n"
    "저녁에는 **된장찌개**를 끓였고, [[김치]]도 조금 꺼냈다.\n둘째 줄에는 고등어 구이 이야기가 "
    "있다.\n\n"
    "## 내일\n\n- 우유를 사기\n- 달걀 한 판을 사기\n";

TEST_F(CliPlaces, OfMarkdownWithMarkUp) {
  const std::string file = read_file(home_.write("notes/장보기.md", kKorean));
  for (const char* query : {"된장찌개", "고등어", "콩나물", "달걀"}) {
    const Json hit = find(query);
    EXPECT_EQ(hit["path"], "장보기.md");
    expect_place(hit, hit["snippet"], file);
  }
}

TEST_F(CliPlaces, OfLongNotesWhereTheSnippetIsAPart) {
  std::string text = "# 긴 글\n\n";
  for (int i = 0; i < 400; ++i) {
    text += "문장 " + std::to_string(i) + "번은 여기에 있고 표식" + std::to_string(i * 7 + 1) +
            "을 가진다.";
    text += i % 5 == 4 ? "\n\n" : i % 2 == 1 ? "\n" : " ";
  }
  const std::string file = read_file(home_.write("notes/긴글.md", text));
  for (const int i : {0, 57, 58, 201, 399}) {
    const Json hit = find("표식" + std::to_string(i * 7 + 1));
    EXPECT_NE(hit["snippet"].get<std::string>().find("표식" + std::to_string(i * 7 + 1)),
              std::string::npos);
    expect_place(hit, hit["snippet"], file);
  }
}

TEST_F(CliPlaces, OfCarriageReturnsAndAByteOrderMark) {
  std::string text = "\xEF\xBB\xBF" + kKorean;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
    text.insert(at, "\r");
  home_.write("notes/창.md", text);
  const Json hit = find("고등어");
  expect_place(hit, hit["snippet"], text);
  EXPECT_EQ(hit["snippet"].get<std::string>().find('\r'), std::string::npos);
}

TEST_F(CliPlaces, OfKoreanInAnOlderEncoding) {
  const std::string file =
      convert(kKorean + "햏자와 뷁은 나중에 더해진 글자다.\n", "UTF-8", "CP949");
  home_.write("notes/옛글.txt", file);
  for (const char* query : {"고등어", "뷁은"}) {
    const Json hit = find(query);
    expect_place(hit, hit["snippet"], file, "CP949");
  }
}

TEST_F(CliPlaces, OfSixteenBitText) {
  const std::string file = "\xFF\xFE" + convert(kKorean, "UTF-8", "UTF-16LE");
  home_.write("notes/wide.md", file);
  const Json hit = find("고등어");
  expect_place(hit, hit["snippet"], file, "UTF-16LE");
}

TEST_F(CliPlaces, OfDecomposedNamesAndText) {
  // 각 as ㄱ, ㅏ and ㄱ: what some systems make of a file name.
  const std::string decomposed_name = "notes/\u1100\u1161\u11A8.md";
  const std::string file =
      "# 제목\n\n\u1100\u1161\u11A8 \u1112\u1161\u11AB\u1100\u1173\u11AF 이야기가 길게 이어진다.\n";
  home_.write(decomposed_name, file);
  const Json hit = find("각 한글");
  EXPECT_EQ(hit["path"], "각.md");
  expect_place(hit, hit["snippet"], file);
}

TEST_F(CliPlaces, OfARecordAreItsLineAndTheDecodedField) {
  std::string corpus;
  std::vector<std::string> texts;
  for (int i = 0; i < 30; ++i) {
    texts.push_back("기록 \"" + std::to_string(i) + "\"의\n본문에는 단서" + std::to_string(i) +
                    "가 있다. Tab\tand 끝.");
    corpus +=
        Json{{"_id", "doc-" + std::to_string(i)}, {"title", "제목"}, {"text", texts.back()}}.dump(
            -1, ' ', i % 2 == 1) +
        "\n";
  }
  home_.write("notes/corpus.jsonl", corpus);
  for (const std::size_t i : {0u, 7u, 29u}) {
    const Json hit = find("단서" + std::to_string(i));
    EXPECT_EQ(hit["document_id"], "doc-" + std::to_string(i));
    EXPECT_EQ(hit["path"], "corpus.jsonl");
    EXPECT_EQ(hit["lines"], Json::array({i + 1, i + 1}));
    const auto begin = hit["bytes"][0].get<std::size_t>();
    const auto end = hit["bytes"][1].get<std::size_t>();
    ASSERT_LE(end, texts[i].size());
    const std::string field = texts[i].substr(begin, end - begin);
    for (const std::string& word : words_of(hit["snippet"]))
      EXPECT_NE(field.find(word), std::string::npos) << word;
  }
}

TEST_F(CliPlaces, OfEveryCitationInTheSampleVault) {
  home_.ask_json({"index", kVault});
  std::istringstream lines(read_file(kQuestions));
  int asked = 0;
  int answered = 0;
  for (std::string line; std::getline(lines, line);) {
    const Json question = Json::parse(line);
    if (question["kind"] != "direct") continue;
    ++asked;
    SCOPED_TRACE(question["text"].get<std::string>());
    const Json answer = home_.ask_json({"ask", "--no-model", question["text"]});
    bool holds_expected = false;
    for (const Json& citation : answer["citations"]) {
      const std::string quote = citation["quote"];
      holds_expected |= quote.find(question["expect"].get<std::string>()) != std::string::npos;
      const auto marker = citation["marker"].get<std::size_t>();
      ASSERT_LE(marker, answer["sources"].size());
      EXPECT_EQ(citation["path"], answer["sources"][marker - 1]["path"]);
      expect_place(citation, quote,
                   read_file(std::filesystem::path(kVault) / citation["path"].get<std::string>()));
    }
    answered += holds_expected ? 1 : 0;
  }
  RecordProperty("direct_questions", asked);
  RecordProperty("cited_the_expected_words", answered);
  std::printf("direct questions whose citations hold the expected words: %d of %d\n", answered,
              asked);
  EXPECT_GE(answered * 4, asked * 3);
}

}  // namespace
}  // namespace saerok
