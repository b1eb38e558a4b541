/// Every shared hard input and note, where that data is present: no crash, no hang, and the
/// promises of the extract seam hold.
#include <algorithm>
#include <chrono>

#include "base/code_points.h"
#include "base/compress.h"
#include "base/json.h"
#include "base/source_map.h"
#include "base/unicode.h"
#include "ingest/chunker.h"
#include "ingest/test_document.h"

namespace saerok {
namespace {

struct Tally {
  std::uint64_t characters = 0;
  std::uint64_t exact = 0;  ///< Stand in the source where the map says.
};

/// The promises that hold for any file; `tally` counts letters of UTF-8 sources.
void check(const Document& document, std::string_view source, Tally* tally) {
  EXPECT_TRUE(is_valid_utf8(document.text));
  EXPECT_EQ(to_nfc(document.text), document.text) << document.path;
  std::uint64_t at = 0;
  for (const Block& block : document.blocks) {
    EXPECT_GE(block.span.begin, at);
    EXPECT_LT(block.span.begin, block.span.end);
    at = block.span.end;
  }
  EXPECT_LE(at, document.text.size());
  const SourceMap& map = document.source_map;
  ASSERT_FALSE(map.anchors.empty());
  EXPECT_EQ(map.anchors[0].text, 0u);
  for (std::size_t i = 1; i < map.anchors.size(); ++i) {
    EXPECT_GT(map.anchors[i].text, map.anchors[i - 1].text);
    EXPECT_GE(map.anchors[i].source, map.anchors[i - 1].source);
    EXPECT_LE(map.anchors[i].source, map.source_size);
  }
  std::uint64_t done = 0;
  for (const Chunk& chunk : chunk_document(document, {128, 0})) {
    EXPECT_TRUE(chars::trim(document.text.substr(done, chunk.span.begin - done)).empty());
    done = chunk.span.end;
    EXPECT_LE(chunk.source_bytes.end, map.source_size);
    if (tally == nullptr) continue;
    for (const ByteSpan sentence : split_sentences(chunk.text)) {
      const std::string_view text =
          std::string_view(chunk.text).substr(sentence.begin, sentence.size());
      for (std::size_t i = 0; i < text.size(); i += chars::code_point_at(text, i).size) {
        const chars::CodePoint c = chars::code_point_at(text, i);
        if (!chars::is_hangul(c.value) && !chars::is_ascii_letter(text[i])) continue;
        const ByteSpan place =
            locate(chunk, {sentence.begin + i, sentence.begin + i + c.size}).bytes;
        ++tally->characters;
        if (source.substr(place.begin, place.size()) == text.substr(i, c.size)) ++tally->exact;
      }
    }
  }
  EXPECT_TRUE(chars::trim(document.text.substr(done)).empty());
}

void check_file(const std::string& path, std::string_view bytes, Tally* tally) {
  SCOPED_TRACE(path);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = testing::extract_all(path, bytes);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(spent.count(), 5.0);
  EXPECT_TRUE(result.status.has_value() || !result.status.error().message.empty());
  for (const Document& document : result.documents) check(document, bytes, tally);
}

/// Calls `visit` with the name and bytes of each file in a tar archive (names and sizes only).
template <class Visit>
void for_each_in_tar(std::string_view tar, Visit visit) {
  constexpr std::size_t kBlock = 512;
  std::string long_name;
  for (std::size_t at = 0; at + kBlock <= tar.size();) {
    const std::string_view header = tar.substr(at, kBlock);
    if (header[0] == '\0') break;
    const auto size = static_cast<std::size_t>(
        std::strtoull(std::string(header.substr(124, 12)).c_str(), nullptr, 8));
    const std::string_view bytes = tar.substr(at + kBlock, size);
    const char type = header[156];
    std::string name = std::string(header.substr(0, 100)).c_str();
    if (!long_name.empty()) name = std::exchange(long_name, {});
    if (type == 'L') {
      long_name = std::string(bytes).c_str();
    } else if (type == 'x') {
      const std::size_t path = bytes.find(" path=");
      if (path != std::string_view::npos) {
        long_name = bytes.substr(path + 6, bytes.find('\n', path) - path - 6);
      }
    } else if (type == '0' || type == '\0') {
      visit(name, bytes);
    }
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
}

std::string unpacked(const std::filesystem::path& path) {
  auto made = decompress(Compression::zstd, testing::slurp(path), 1 << 30, {});
  EXPECT_TRUE(made.has_value()) << path;
  return made ? std::move(made->bytes) : std::string();
}

TEST(HardInputs, BrokenAndHostileFilesAreReadOrRefused) {
  const auto data = testing::shared_data();
  if (data.empty()) GTEST_SKIP() << "no shared data; set SAEROK_SHARED_DATA to its folder";
  for_each_in_tar(unpacked(data / "hard-inputs" / "files.tar.zst"),
                  [](const std::string& name, std::string_view bytes) {
                    check_file(name, bytes, nullptr);
                    check_file(name + ".md", bytes, nullptr);
                    check_file(name + ".jsonl", bytes, nullptr);
                  });
}

TEST(HardInputs, CommonMarkExamplesKeepTheirPlaces) {
  const auto data = testing::shared_data();
  if (data.empty()) GTEST_SKIP() << "no shared data; set SAEROK_SHARED_DATA to its folder";
  std::ifstream lines(data / "hard-inputs" / "commonmark_examples.jsonl");
  Tally tally;
  for (std::string line; std::getline(lines, line);) {
    const auto example = parse_json(line, "example");
    ASSERT_TRUE(example.has_value());
    check_file("example.md", *find_text(*example, "markdown"), &tally);
  }
  EXPECT_GT(tally.characters, 1'000u);
  EXPECT_GE(static_cast<double>(tally.exact), 0.99 * static_cast<double>(tally.characters));
}

TEST(HardInputs, EveryNoteOfTheVaultsKeepsItsPlaces) {
  const auto data = testing::shared_data();
  if (data.empty()) GTEST_SKIP() << "no shared data; set SAEROK_SHARED_DATA to its folder";
  for (const char* archive :
       {"vault-johngrib-ko/notes.tar.zst", "vault-obsidian-help/en.tar.zst",
        "vault-obsidian-help/ko.tar.zst", "vault-obsidian-help/sandbox.tar.zst"}) {
    Tally tally;
    for_each_in_tar(unpacked(data / archive), [&](const std::string& name, std::string_view bytes) {
      check_file(name, bytes, &tally);
    });
    EXPECT_GT(tally.characters, 1'000u) << archive;
    EXPECT_GE(static_cast<double>(tally.exact), 0.999 * static_cast<double>(tally.characters))
        << archive;
  }
}

}  // namespace
}  // namespace saerok
