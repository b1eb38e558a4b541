// A floor under the quality of search and answers on the sample vault: figures a little below what
// is measured, so that a change that makes them worse is noticed. The questions are
// examples/questions.

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "base/json.h"
#include "lab/metrics.h"
#include "models/import_e5.h"
#include "models/model_catalogue.h"
#include "saerok/engine.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

const fs::path kExamples = fs::path(SAEROK_SOURCE_DIR) / "examples";

struct Question {
  std::string id;
  std::string text;
  std::string kind;
  std::set<std::string> relevant;  ///< Paths.
};

struct Figures {
  double success_at_1 = 0;
  double recall_at_5 = 0;
  double mrr_at_10 = 0;
  int questions = 0;
};

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream) << file;
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<Question> read_questions() {
  std::map<std::string, std::set<std::string>> relevant;
  bool is_header = true;
  for (const std::string& line : lines_of(kExamples / "questions/qrels.tsv")) {
    std::istringstream cells(line);
    std::string query, document, score;
    std::getline(cells, query, '\t');
    std::getline(cells, document, '\t');
    std::getline(cells, score);
    if (!is_header && score != "0") relevant[query].insert(document);
    is_header = false;
  }
  std::vector<Question> questions;
  for (const std::string& line : lines_of(kExamples / "questions/queries.jsonl")) {
    const Json json = Json::parse(line);
    questions.push_back({json["_id"], json["text"], json["kind"], relevant[json["_id"]]});
    EXPECT_FALSE(questions.back().relevant.empty()) << line;
  }
  return questions;
}

/// What the lab measures: success@1, recall@5, mrr@10.
std::vector<double> evaluate(const std::vector<Hit>& hits, const Question& question) {
  static const std::vector<lab::Metric> kMetrics = {
      {lab::MetricKind::success, 1}, {lab::MetricKind::recall, 5}, {lab::MetricKind::mrr, 10}};
  std::vector<lab::ScoredDocument> ranking;
  for (const Hit& hit : hits) ranking.push_back({hit.document_id, hit.score});
  lab::Judgements judgements;
  for (const std::string& path : question.relevant) judgements[path] = 1;
  return lab::evaluate(kMetrics, ranking, judgements);
}

/// By kind, and "all".
std::map<std::string, Figures> measure(const Engine& engine, SearchMode mode) {
  std::map<std::string, Figures> figures;
  for (const Question& question : read_questions()) {
    const auto response = engine.search(
        {.query = question.text, .mode = mode, .filter = {}, .limit = 50, .query_vector = {}}, {});
    EXPECT_TRUE(response) << question.id << ": " << response.error().message;
    if (!response) continue;
    EXPECT_EQ(response->mode, mode) << question.id;
    const std::vector<double> values = evaluate(response->hits, question);
    for (const std::string& kind : {question.kind, std::string("all")}) {
      Figures& of = figures[kind];
      of.success_at_1 += values[0];
      of.recall_at_5 += values[1];
      of.mrr_at_10 += values[2];
      ++of.questions;
    }
  }
  for (auto& [kind, of] : figures) {
    of.success_at_1 /= of.questions;
    of.recall_at_5 /= of.questions;
    of.mrr_at_10 /= of.questions;
    std::printf("%-12s %3d questions  S@1 %.3f  R@5 %.3f  MRR@10 %.3f\n", kind.c_str(),
                of.questions, of.success_at_1, of.recall_at_5, of.mrr_at_10);
  }
  return figures;
}

void expect_floor(const std::map<std::string, Figures>& measured,
                  const std::map<std::string, Figures>& floors) {
  EXPECT_EQ(measured.size(), floors.size());
  for (const auto& [kind, floor] : floors) {
    SCOPED_TRACE(kind);
    ASSERT_TRUE(measured.contains(kind));
    const Figures& of = measured.at(kind);
    EXPECT_GE(of.success_at_1, floor.success_at_1);
    EXPECT_GE(of.recall_at_5, floor.recall_at_5);
    EXPECT_GE(of.mrr_at_10, floor.mrr_at_10);
  }
}

class VaultTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "saerok-quality-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// The sample vault, indexed.
  Result<Engine> index_vault(VectorTiers vectors) {
    Settings settings;
    settings.index.vectors = vectors;
    Engine engine = TRY(Engine::open({.store = (folder_ / "store").string(),
                                      .models_directory = (folder_ / "models").string(),
                                      .worker_program = SAEROK_PROGRAM,
                                      .settings = settings}));
    const IngestReport report = TRY(engine.ingest(
        "default", {.roots = {(kExamples / "vault").string()}, .vectors_file = {}}, {}, {}));
    EXPECT_TRUE(report.failed.empty());
    EXPECT_EQ(report.pending_chunk_vectors + report.pending_window_vectors, 0u);
    for (const std::string& warning : report.warnings) ADD_FAILURE() << warning;
    return engine;
  }

  fs::path folder_;
};

using LexicalQuality = VaultTest;
using HybridQuality = VaultTest;

TEST_F(LexicalQuality, QuestionsFindTheirNotesByWordsAlone) {
  const auto engine = index_vault(VectorTiers::none);
  ASSERT_TRUE(engine) << engine.error().message;
  expect_floor(measure(*engine, SearchMode::lexical), {
                                                          {"all", {0.52, 0.68, 0.59}},
                                                          {"direct", {0.93, 0.96, 0.96}},
                                                          {"paraphrase", {0.34, 0.67, 0.48}},
                                                          {"crosslingual", {0, 0.05, 0.02}},
                                                          {"two-notes", {0.7, 0.7, 0.75}},
                                                      });
}

/// Of the questions in that file, how many were answered.
std::pair<int, int> count_answered(const Engine& engine, const char* file,
                                   const std::string& kind) {
  int asked = 0;
  int answered = 0;
  for (const std::string& line : lines_of(kExamples / "questions" / file)) {
    const Json question = Json::parse(line);
    if (!kind.empty() && question["kind"] != kind) continue;
    const auto response = engine.ask({.conversation = {{"user", question["text"]}},
                                      .filter = {},
                                      .mode = SearchMode::lexical,
                                      .use_model = false},
                                     {}, {});
    EXPECT_TRUE(response) << response.error().message;
    ++asked;
    answered += response && response->found ? 1 : 0;
  }
  std::printf("%s %s: %d of %d answered\n", file, kind.c_str(), answered, asked);
  return {answered, asked};
}

TEST_F(LexicalQuality, WhatTheNotesDoNotSayIsMostlyNotAnswered) {
  const auto engine = index_vault(VectorTiers::none);
  ASSERT_TRUE(engine) << engine.error().message;
  const auto [wrongly, unanswerable] = count_answered(*engine, "unanswerable.jsonl", "");
  EXPECT_LE(wrongly * 10, unanswerable * 2);
  const auto [rightly, direct] = count_answered(*engine, "queries.jsonl", "direct");
  EXPECT_GE(rightly * 10, direct * 9);
}

TEST_F(HybridQuality, QuestionsFindTheirNotesByMeaningToo) {
#ifndef SAEROK_TEST_LLAMA
  GTEST_SKIP() << "built without a runtime for local models";
#else
  const std::string model = (folder_ / "e5.gguf").string();
  const Status imported = import_e5(SAEROK_TEST_E5, model);
  if (!imported) GTEST_SKIP() << "the embedder cannot be made: " << imported.error().message;
  const auto added =
      ModelCatalogue((folder_ / "models").string()).add_file(model, "default", {}, {});
  ASSERT_TRUE(added) << added.error().message;
  const auto engine = index_vault(VectorTiers::windows);
  ASSERT_TRUE(engine) << engine.error().message;
  expect_floor(measure(*engine, SearchMode::hybrid), {
                                                         {"all", {0.60, 0.72, 0.65}},
                                                         {"direct", {0.96, 0.97, 0.97}},
                                                         {"paraphrase", {0.48, 0.76, 0.61}},
                                                         {"crosslingual", {0, 0.08, 0.05}},
                                                         {"two-notes", {0.8, 0.8, 0.85}},
                                                     });
#endif
}

}  // namespace
}  // namespace saerok
