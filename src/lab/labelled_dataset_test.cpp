// Labels of one's own, written as a dataset and read back by the reader of datasets.

#include "lab/labelled_dataset.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "lab/dataset.h"

namespace saerok::lab {
namespace {

namespace fs = std::filesystem;

struct LabelledDatasetTest : testing::Test {
  fs::path folder = fs::temp_directory_path() / ("saerok-labels-" + std::to_string(random_seed()));

  void SetUp() override {
    write("notes/차/녹차.md", "# 녹차\n\n녹차는 80도에서 우린다.\n");
    write("notes/boiler.md", "# Boiler\n\nThe boiler is serviced every October.\n");
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name) const { return (folder / name).string(); }

  LabelledDataset dataset(std::vector<LabelRecord> labels) const {
    return {.name = "mine", .corpus = {path("notes")}, .labels = std::move(labels)};
  }
};

LabelRecord make_label(std::uint64_t id, std::string question, std::string document, ByteSpan bytes,
                       std::int32_t grade) {
  LabelRecord label;
  label.id = LabelId{id};
  label.question = std::move(question);
  label.path = label.document_id = std::move(document);
  label.bytes = bytes;
  label.grade = grade;
  return label;
}

TEST_F(LabelledDatasetTest, WhatIsWrittenIsReadAsTheSameLabels) {
  const auto report = write_labelled_dataset(
      path("out/deep"), dataset({make_label(1, "녹차는 몇 도?\t\"응\"", "차/녹차.md", {10, 44}, 1),
                                 make_label(2, "when is the boiler due?", "boiler.md", {}, 2),
                                 make_label(3, "녹차는 몇 도?\t\"응\"", "boiler.md", {3, 9}, 0)}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->questions, 2u);
  EXPECT_EQ(report->labels, 3u);
  EXPECT_EQ(report->without_right, 0u);
  EXPECT_TRUE(report->warnings.empty());

  DatasetRequest request;
  request.folder = path("out/deep");
  const auto read = open_dataset(request, {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "mine");
  EXPECT_EQ(read->corpus, std::vector{path("notes")});
  EXPECT_EQ(read->problems.bad_lines, 0u);
  EXPECT_EQ(read->problems.unknown_documents, 0u);
  ASSERT_EQ(read->topics.size(), 2u);
  EXPECT_EQ(read->topics[0].text, "녹차는 몇 도?\t\"응\"");
  ASSERT_EQ(read->labels.size(), 3u);
  EXPECT_EQ(read->labels[0].topic, read->topics[0].id);
  EXPECT_EQ(read->labels[0].document, "차/녹차.md");
  EXPECT_EQ(read->labels[0].grade, 1);
  EXPECT_EQ(read->labels[0].span, (ByteSpan{10, 44}));
  EXPECT_EQ(read->labels[1].topic, read->topics[1].id);
  EXPECT_EQ(read->labels[1].grade, 2);
  EXPECT_FALSE(read->labels[1].span.has_value());
  EXPECT_EQ(read->labels[2].grade, 0);
}

TEST_F(LabelledDatasetTest, LastWordOnAPassageCounts) {
  const auto report = write_labelled_dataset(
      path("out"), dataset({make_label(1, "tea?", "boiler.md", {3, 9}, 1),
                            make_label(2, " tea?\n", "boiler.md", {3, 9}, 0)}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->superseded, 1u);
  EXPECT_EQ(report->without_right, 1u);
  DatasetRequest request;
  request.folder = path("out");
  const auto read = open_dataset(request, {}).value();
  ASSERT_EQ(read.labels.size(), 1u);
  EXPECT_EQ(read.labels[0].grade, 0);
}

TEST_F(LabelledDatasetTest, IdOfAQuestionStaysWhenOthersAreAdded) {
  const LabelRecord first = make_label(1, "first?", "boiler.md", {3, 9}, 1);
  const LabelRecord second = make_label(2, "second?", "boiler.md", {3, 9}, 1);
  ASSERT_TRUE(write_labelled_dataset(path("out"), dataset({second})));
  DatasetRequest request;
  request.folder = path("out");
  const std::string id = open_dataset(request, {}).value().topics[0].id;
  ASSERT_TRUE(write_labelled_dataset(path("out"), dataset({first, second})));
  EXPECT_EQ(open_dataset(request, {}).value().topics[1].id, id);
}

TEST_F(LabelledDatasetTest, DocumentWhoseNameNoTableHoldsIsLeftOutWithASentence) {
  const auto report =
      write_labelled_dataset(path("out"), dataset({make_label(7, "tea?", "a\tb.md", {3, 9}, 1),
                                                   make_label(8, "tea?", "boiler.md", {3, 9}, 1)}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->labels, 1u);
  ASSERT_EQ(report->warnings.size(), 1u);
  EXPECT_NE(report->warnings[0].find("label 7"), std::string::npos);
}

TEST_F(LabelledDatasetTest, ForeignFilesAreNeverWrittenOver) {
  write("theirs/queries.jsonl", "{}\n");
  const auto refused = write_labelled_dataset(
      path("theirs"), dataset({make_label(1, "tea?", "boiler.md", {3, 9}, 1)}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_FALSE(fs::exists(folder / "theirs/qrels.tsv"));
}

TEST_F(LabelledDatasetTest, WithoutLabelsNothingIsWritten) {
  EXPECT_EQ(write_labelled_dataset(path("out"), dataset({})).error().code,
            ErrorCode::failed_precondition);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace saerok::lab
