#include "ingest/extract.h"

#include "base/unicode.h"
#include "ingest/test_document.h"

namespace saerok {
namespace {

using testing::extract_all;
using testing::extract_one;
using testing::strings_of;
using testing::values_of;

TEST(Extract, KindsGoByExtensionUnderCompression) {
  EXPECT_EQ(kind_of("a/b.MD"), FileKind::markdown);
  EXPECT_EQ(kind_of("a.jsonl.zst"), FileKind::jsonl);
  EXPECT_EQ(kind_of("a.txt.gz"), FileKind::plain_text);
  EXPECT_EQ(kind_of("src/main.cpp"), FileKind::plain_text);
  EXPECT_EQ(kind_of("README"), FileKind::plain_text);
  EXPECT_EQ(kind_of("a.pdf"), FileKind::unknown);
  EXPECT_EQ(kind_of("a.md.pdf"), FileKind::unknown);
}

TEST(Extract, WhatIsNotReadIsRefusedWithAReason) {
  for (const auto& [path, reason] : std::vector<std::pair<std::string, std::string>>{
           {"a.pdf", "PDF"}, {"a.PNG", "image"}, {"a.docx", "word processor"}, {"a.xyz", ".xyz"}}) {
    const auto result = extract_all(path, "bytes");
    ASSERT_FALSE(result.status.has_value()) << path;
    EXPECT_EQ(result.status.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(result.status.error().message.find(reason), std::string::npos) << path;
  }
}

TEST(Extract, TooLargeAndCancelledStopBeforeAnyWork) {
  ExtractNotes notes;
  const auto sink = [](Document&&) -> Status { return {}; };
  EXPECT_EQ(extract("a.txt", "12345", 4, sink, notes, {}).error().code,
            ErrorCode::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(extract("a.txt", "1", 4, sink, notes, {stop.get_token(), {}}).error().code,
            ErrorCode::cancelled);
}

TEST(Extract, PlainTextIsKeptAsItStandsInParagraphs) {
  const Document note = extract_one("d/notes.txt", "\none\ntwo\n\n\n  three  \n");
  EXPECT_EQ(note.text, "\none\ntwo\n\n\n  three  \n");
  ASSERT_EQ(note.blocks.size(), 2u);
  EXPECT_EQ(note.text.substr(note.blocks[1].span.begin, note.blocks[1].span.size()), "three");
  EXPECT_EQ(note.title, "notes");
  EXPECT_TRUE(extract_one("empty.txt", "").blocks.empty());
}

TEST(Extract, TheEncodingIsNoted) {
  const auto result = extract_all("a.txt", "\xBE\xC8\xB3\xE7\xC7\xCF\xBC\xBC\xBF\xE4");  // CP949
  ASSERT_EQ(result.documents.size(), 1u);
  EXPECT_EQ(result.documents[0].text, "안녕하세요");
  EXPECT_EQ(result.notes.notes, std::vector<std::string>{"read as CP949"});
}

TEST(Jsonl, RecordsBecomeDocumentsWithAttributes) {
  const auto result = extract_all(
      "c.jsonl",
      "\n{\"docid\": \"d1\", \"title\": \"차\", \"content\": \"녹차는 \\ud55c국\", \"year\": 2024, "
      "\"meta\": {\"lang\": \"ko\", \"tags\": [\"a\", \"b\"]}, \"tags\": [\"x/y\"], \"none\": "
      "null, "
      "\"day\": \"2024-03-01\", \"ok\": true, \"w\": 0.5}\n"
      "{\"_id\": 7, \"text\": [\"one\", \"two\"]}\n");
  ASSERT_TRUE(result.status.has_value());
  ASSERT_EQ(result.documents.size(), 2u);
  const Document& first = result.documents[0];
  EXPECT_EQ(first.record_id, "d1");
  EXPECT_EQ(first.title, "차");
  EXPECT_EQ(first.text, "녹차는 한국");
  EXPECT_EQ(values_of(first, "year"), std::vector<AttributeValue>{std::int64_t{2024}});
  EXPECT_EQ(strings_of(first, "meta.lang"), std::vector<std::string>{"ko"});
  EXPECT_EQ(strings_of(first, "meta.tags"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(strings_of(first, "tag"), (std::vector<std::string>{"x/y", "x"}));
  EXPECT_EQ(values_of(first, "day").front(), AttributeValue{Date{19'783}});
  EXPECT_TRUE(values_of(first, "none").empty());
  EXPECT_EQ(first.source_map.anchors.front(), (SourceAnchor{0, 0, 2}));
  EXPECT_EQ(result.documents[1].record_id, "7");
  EXPECT_EQ(result.documents[1].text, "one\n\ntwo");
}

TEST(Jsonl, BadLinesAreSkippedWithTheirNumberAndTheRestIsKept) {
  const auto result = extract_all("c.jsonl",
                                  "{\"id\": 1, \"text\": \"a\"}\n{broken\n[1]\n{\"id\": 2}\n"
                                  "{\"id\": 1, \"text\": \"b\"}\n{\"text\": \"c\"}");
  ASSERT_EQ(result.documents.size(), 2u);
  EXPECT_EQ(result.documents[0].text, "b");  // The last of two with one id.
  EXPECT_EQ(result.documents[1].record_id, "#6");
  EXPECT_EQ(result.notes.records_skipped, 4u);
  ASSERT_EQ(result.notes.notes.size(), 5u);
  EXPECT_NE(result.notes.notes[0].find("line 1"), std::string::npos);
  EXPECT_NE(result.notes.notes[0].find("line 5"), std::string::npos);
  EXPECT_NE(result.notes.notes[1].find("line 2"), std::string::npos);
}

TEST(Jsonl, NotesAreBoundedAndSayHowManyMoreThereWere) {
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "oops\n";
  const auto result = extract_all("c.jsonl", lines);
  ASSERT_EQ(result.notes.notes.size(), kNotesMax);
  EXPECT_EQ(result.notes.notes.back(), "and 81 more notes");
  EXPECT_EQ(result.notes.records_skipped, 100u);
}

TEST(Jsonl, AnErrorOfTheSinkEndsTheExtraction) {
  ExtractNotes notes;
  int seen = 0;
  const auto sink = [&](Document&&) -> Status {
    return ++seen == 2 ? Status(Error{ErrorCode::out_of_space, "full"}) : Status();
  };
  const std::string lines = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"c\"}\n";
  EXPECT_EQ(extract("c.jsonl", lines, 1'000, sink, notes, {}).error().code,
            ErrorCode::out_of_space);
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace saerok
