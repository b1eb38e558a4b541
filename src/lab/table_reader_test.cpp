#include "lab/table_reader.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "lab/test_folder.h"

namespace saerok::lab {
namespace {

struct Read {
  std::vector<TableRow> rows;
  std::vector<std::pair<std::uint64_t, std::string>> bad;
  std::string error;
};

Read read(std::string_view text, const TableLayout& layout) {
  Read out;
  const Status status = for_each_row(
      text, layout,
      [&](TableRow&& row) -> Status {
        out.rows.push_back(std::move(row));
        return {};
      },
      [&](std::uint64_t line, const std::string& reason) { out.bad.emplace_back(line, reason); },
      {});
  if (!status) out.error = status.error().message;
  return out;
}

const TableLayout kCsv = {.format = TableFormat::csv, .known_names = {"id", "text"}};

TEST(TableReader, CsvCellsMayHoldSeparatorsQuotesAndLineEnds) {
  const Read out = read("id,text\n1,\"a, \"\"b\"\"\nc\"\n2,plain\r\n", kCsv);
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(out.rows[0].fields["text"], "a, \"b\"\nc");
  EXPECT_EQ(out.rows[0].line, 2u);
  EXPECT_EQ(out.rows[1].fields["text"], "plain");
  EXPECT_EQ(out.rows[1].line, 4u) << "the row before takes two lines";
  EXPECT_TRUE(out.bad.empty());
}

TEST(TableReader, AQuoteThatIsNeverClosedCostsOneLineOnly) {
  const Read out = read("id,text\n1,\"open\n2,b\n3,c\n", kCsv);
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(out.rows[0].fields["id"], "2");
  ASSERT_EQ(out.bad.size(), 1u);
  EXPECT_EQ(out.bad[0].first, 2u);
  EXPECT_NE(out.bad[0].second.find("never closed"), std::string::npos);
}

TEST(TableReader, RowsOfAnotherWidthAreBadLines) {
  const Read out = read("id,text\n1,a,b\n2\n\n   \n3,c\n", kCsv);
  ASSERT_EQ(out.rows.size(), 1u);
  EXPECT_EQ(out.rows[0].line, 6u);
  ASSERT_EQ(out.bad.size(), 2u);
  EXPECT_EQ(out.bad[0],
            (std::pair<std::uint64_t, std::string>{2, "3 columns where 2 are expected"}));
}

TEST(TableReader, SemicolonsSeparateWhereTheFirstLineHasNoComma) {
  const Read out = read("ID;Text\n1;a,b\n", kCsv);
  ASSERT_EQ(out.rows.size(), 1u);
  EXPECT_EQ(out.rows[0].fields, Json::parse(R"({"id": "1", "text": "a,b"})"));
}

TEST(TableReader, TheFirstRowIsNoHeaderWhereItHoldsNoKnownName) {
  TableLayout layout = {.format = TableFormat::tsv, .known_names = {"id", "text"}};
  layout.headerless = {{"id", "text"}};
  const Read out = read("q1\t\"물\" 끓는 온도\nq2\tb\n", layout);
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(out.rows[0].fields["text"], "\"물\" 끓는 온도") << "quotes mean nothing in TSV";
  EXPECT_EQ(read("id\ttext\nq1\ta\n", layout).rows.size(), 1u);
}

TEST(TableReader, AColumnNamedTwiceIsRefused) {
  EXPECT_NE(read("id,ID,text\n1,2,a\n", kCsv).error.find("\"id\" twice"), std::string::npos);
}

TEST(TableReader, JsonLinesThatAreNoObjectsAreBadLines) {
  const Read out = read("\xEF\xBB\xBF{\"a\": 1}\r\n\n[1]\n{\"a\": NaN}\n{\"a\": 2}", {});
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(out.rows[0].fields["a"], 1) << "behind a byte order mark";
  EXPECT_EQ(out.rows[1].line, 5u);
  ASSERT_EQ(out.bad.size(), 2u);
  EXPECT_EQ(out.bad[0].first, 3u);
  EXPECT_EQ(out.bad[1].first, 4u);
}

TEST(TableReader, TextIsComposedAndMadeValidAsAnIndexMakesIt) {
  const Read out = read("{\"a\": \"\xE1\x84\x80\xE1\x85\xA1\"}\n{\"a\": \"x\xFFy\"}\n", {});
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(out.rows[0].fields["a"], "가");
  EXPECT_EQ(out.rows[1].fields["a"], "x\xEF\xBF\xBDy");
}

TEST(TableReader, Utf16IsRefusedWithTheCure) {
  const TestFolder folder;
  const auto bytes = read_dataset_file(folder.write("a.csv", "\xFF\xFEi\0"), {});
  ASSERT_FALSE(bytes);
  EXPECT_NE(bytes.error().message.find("save it as UTF-8"), std::string::npos);
}

TEST(TableReader, FormatIsToldByTheExtensionBelowTheCompression) {
  EXPECT_EQ(table_format_of("a/b.csv.gz"), TableFormat::csv);
  EXPECT_EQ(table_format_of("a/b.TSV"), TableFormat::tsv);
  EXPECT_EQ(table_format_of("a.tsv/b.jsonl.zst"), TableFormat::jsonl);
  EXPECT_EQ(extension_of("a.b/qrels"), "");
}

/// What a spreadsheet writes.
std::string print_csv(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? "" : ",";
      std::string cell = row[i];
      for (std::size_t at = 0; (at = cell.find('"', at)) != std::string::npos; at += 2) {
        cell.insert(at, 1, '"');
      }
      text += cell.find_first_of(",\"\n") == std::string::npos ? cell : '"' + cell + '"';
    }
    text += "\r\n";
  }
  return text;
}

TEST(TableReader, RandomCellsComeBackFromCsv) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed);
  Random random(seed);
  constexpr std::string_view kPieces[] = {"a", ",", "\"", "\n", "가", " ", ";"};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<std::string>> rows = {{"id", "text", "third"}};
    for (std::uint64_t i = 1 + random.below(6); i > 0; --i) {
      std::vector<std::string> row = {"x"};  // Never a blank row.
      while (row.size() < 3) {
        std::string cell;
        for (std::uint64_t n = random.below(6); n > 0; --n) cell += kPieces[random.below(7)];
        row.push_back(cell);
      }
      rows.push_back(row);
    }
    const Read out = read(print_csv(rows), kCsv);
    ASSERT_TRUE(out.bad.empty()) << out.bad[0].second;
    ASSERT_EQ(out.rows.size() + 1, rows.size());
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
      EXPECT_EQ(out.rows[i].fields["text"], rows[i + 1][1]);
      EXPECT_EQ(out.rows[i].fields["third"], rows[i + 1][2]);
    }
  }
}

}  // namespace
}  // namespace saerok::lab
