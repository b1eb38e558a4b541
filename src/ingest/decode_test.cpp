#include "ingest/decode.h"

#include <iconv.h>

#include <algorithm>
#include <random>

#include "base/unicode.h"
#include "ingest/encoding_guess.h"
#include "ingest/test_document.h"
#include "ingest/text_builder.h"

namespace saerok {
namespace {

std::string encoded(std::string_view utf8, const char* charset) {
  const iconv_t handle = iconv_open(charset, "UTF-8");
  std::string out(utf8.size() * 4 + 8, '\0');
  char* in = const_cast<char*>(utf8.data());
  std::size_t in_left = utf8.size();
  char* to = out.data();
  std::size_t to_left = out.size();
  EXPECT_NE(iconv(handle, &in, &in_left, &to, &to_left), static_cast<std::size_t>(-1));
  iconv_close(handle);
  out.resize(out.size() - to_left);
  return out;
}

/// Raw bytes of the text [begin, end), by the anchors alone.
std::string_view raw_of(std::string_view bytes, const DecodedText& decoded, std::size_t begin,
                        std::size_t end) {
  const auto source = [&](std::size_t at) {
    const auto& anchors = decoded.anchors();
    std::size_t i = 0;
    while (i + 1 < anchors.size() && anchors[i + 1].text <= at) ++i;
    std::uint64_t raw = anchors[i].source + (at - anchors[i].text);
    if (i + 1 < anchors.size()) raw = std::min(raw, anchors[i + 1].source);
    return std::min<std::uint64_t>(raw, bytes.size());
  };
  return bytes.substr(source(begin), source(end) - source(begin));
}

DecodedText decode(std::string_view bytes) {
  auto decoded = decode_text(bytes);
  EXPECT_TRUE(decoded.has_value()) << (decoded ? "" : decoded.error().message);
  return decoded ? std::move(*decoded) : DecodedText();
}

constexpr std::string_view kNote = "새록은 노트를 찾는다. Tea at 80 degrees.\n두 번째 줄이다.\n";

TEST(Decode, Utf8InNfcIsNotCopied) {
  const DecodedText decoded = decode(kNote);
  EXPECT_EQ(decoded.text().data(), kNote.data());
  EXPECT_EQ(decoded.text(), kNote);
}

TEST(Decode, AByteOrderMarkIsNoText) {
  std::string bytes = "\xEF\xBB\xBF";
  bytes += kNote;
  const DecodedText decoded = decode(bytes);
  EXPECT_EQ(decoded.text(), kNote);
  EXPECT_EQ(decoded.anchors().front(), (OffsetAnchor{0, 3}));
}

TEST(Decode, KoreanEncodingsAreRecognisedAndEveryWordLeadsBackToItsBytes) {
  for (const char* charset : {"CP949", "UTF-16LE", "UTF-16BE"}) {
    const std::string bytes = encoded(kNote, charset);
    const DecodedText decoded = decode(bytes);
    EXPECT_EQ(decoded.encoding(), charset);
    ASSERT_EQ(decoded.text(), kNote);
    for (const std::string_view word : {"새록은", "찾는다", "Tea", "줄이다"}) {
      const std::size_t at = kNote.find(word);
      EXPECT_EQ(raw_of(bytes, decoded, at, at + word.size()), encoded(word, charset)) << word;
    }
  }
}

TEST(Decode, Utf16WithAByteOrderMarkIsReadEvenWithoutBlanks) {
  std::string bytes = "\xFF\xFE";
  bytes += encoded("한글", "UTF-16LE");
  EXPECT_EQ(decode(bytes).text(), "한글");
}

TEST(Decode, LineEndsOfEverySystemBecomeLineFeeds) {
  const std::string bytes = "one\r\ntwo\rthree\nfour";
  const DecodedText decoded = decode(bytes);
  EXPECT_EQ(decoded.text(), "one\ntwo\nthree\nfour");
  EXPECT_EQ(raw_of(bytes, decoded, 4, 7), "two");
  EXPECT_EQ(raw_of(bytes, decoded, 14, 18), "four");
}

TEST(Decode, DecomposedHangulIsComposedAndLeadsBack) {
  const std::string bytes = "a \u1112\u1161\u11ab\u1100\u1173\u11af b";  // 한글 as macOS writes it.
  const DecodedText decoded = decode(bytes);
  EXPECT_EQ(decoded.text(), "a 한글 b");
  EXPECT_EQ(raw_of(bytes, decoded, 5, 8), "\u1100\u1173\u11af");
  EXPECT_EQ(raw_of(bytes, decoded, 9, 10), "b");
}

TEST(Decode, InvalidBytesAreReplacedAndCounted) {
  std::string bytes(kNote);
  bytes += "tail \xFF\xFE end";
  const DecodedText decoded = decode(bytes);
  EXPECT_EQ(decoded.invalid_count(), 2u);
  EXPECT_TRUE(decoded.text().ends_with("tail \uFFFD\uFFFD end"));
}

TEST(Decode, BinaryDataIsRefusedWithAReason) {
  const auto decoded =
      decode_text(std::string("\x7F"
                              "ELF\x02\0\0\0\x01\0\xB7\0\xFF\x1B",
                              14));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(decoded.error().message.find("binary"), std::string::npos);
}

TEST(Decode, AnyBytesGiveValidUtf8InNfcOrAnError) {
  constexpr std::uint32_t kSeed = 20'240'301;
  SCOPED_TRACE(kSeed);
  std::mt19937 generator(kSeed);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  const std::vector<std::string> parts = {"a",          "é",  "e\u0301", "한",   "\u1112\u1161",
                                          "\r\n",       "\r", "\xFF",    "\xC3", "\xED\xA0\x80",
                                          "\U0001F600", " ",  "\u0301"};
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes;
    for (std::uint32_t i = random() % 20; i > 0; --i) bytes += parts[random() % parts.size()];
    const auto decoded = decode_text(bytes);
    if (!decoded) continue;
    EXPECT_TRUE(is_valid_utf8(decoded->text()));
    EXPECT_EQ(to_nfc(decoded->text()), decoded->text()) << bytes;
    std::uint64_t source = 0;
    for (const OffsetAnchor& anchor : decoded->anchors()) {
      EXPECT_GE(anchor.source, source);
      EXPECT_LE(anchor.source, bytes.size());
      source = anchor.source;
    }
  }
}

TEST(Decode, WhatIsPassedOverQuicklyHidesNothing) {
  constexpr std::uint32_t kSeed = 20'261'123;
  SCOPED_TRACE(kSeed);
  std::mt19937 generator(kSeed);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  const std::vector<std::string> common = {"a", " ", "가", "漢", "\u9FFF", "\uAC00", "하", "힣"};
  // Around the ranges that are passed over, and what tidying changes.
  const std::vector<std::string> rare = {"\r",     "\r\n",      "\u1112\u1161", "e\u0301", "\u0301",
                                         "\uF900", "\uD7B0",    "\uAA7C",       "\uA9BD",  "“",
                                         "\u3099", "か\u3099",  "\u4FFF",       "\uE000",  "é",
                                         "\uFFFD", "\U0001F600"};
  const std::string kMark = "[표식]";
  for (int round = 0; round < 3'000; ++round) {
    std::string bytes;
    std::string expected;
    for (std::uint32_t i = 1 + random() % 60; i > 0; --i) {
      const bool is_rare = random() % 12 == 0;
      const std::vector<std::string>& parts = is_rare ? rare : common;
      const std::string& part = parts[random() % parts.size()];
      bytes += part;
      expected += part == "\r" || part == "\r\n" ? "\n" : part;
    }
    bytes += kMark + bytes;
    const DecodedText decoded = decode(bytes);
    ASSERT_EQ(decoded.text(), to_nfc(expected + kMark + expected)) << bytes;
    const std::size_t mark = decoded.text().find(kMark);
    EXPECT_EQ(raw_of(bytes, decoded, mark, mark + kMark.size()), kMark) << bytes;
  }
}

TEST(Decode, ControlsAreCountedWhereverTheyStand) {
  constexpr std::uint32_t kSeed = 20'261'124;
  SCOPED_TRACE(kSeed);
  std::mt19937 generator(kSeed);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(generator() % 70, 'a');
    std::uint64_t expected = 0;
    for (char& c : bytes) {
      const auto kind = static_cast<std::uint32_t>(generator() % 40);
      if (kind == 0) c = static_cast<char>(1 + generator() % 8);  // Below the tabulator.
      if (kind == 1) c = '\n';
      if (kind == 2) c = '\x1B';  // Of terminals, in logs.
      if (kind == 3) c = '\x9B';
      expected += kind == 0 ? 1 : 0;
    }
    ASSERT_EQ(count_controls(bytes), expected);
  }
}

TEST(TextBuilder, LinesAndBytesFollowWhatWasLeftOut) {
  const std::string bytes = "# one\n\n**two** three\r\nfour";
  const DecodedText decoded = decode(bytes);
  TextBuilder out(decoded);
  out.append(2, 5);  // one
  out.append_made("\n\n", 5);
  out.append(9, 12);   // two
  out.append(14, 25);  // " three\nfour"
  EXPECT_EQ(out.text(), "one\n\ntwo three\nfour");
  const SourceMap map = out.take_map();
  const auto place = [&](std::uint64_t at) {
    std::size_t i = map.anchors.size() - 1;
    while (map.anchors[i].text > at) --i;
    return map.anchors[i];
  };
  EXPECT_EQ(place(5).source, 9u);
  EXPECT_EQ(place(5).line, 3u);
  EXPECT_EQ(place(15).source, 22u);
  EXPECT_EQ(place(15).line, 4u);
}

}  // namespace
}  // namespace saerok
