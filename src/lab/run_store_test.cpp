#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "lab/run.h"
#include "lab/test_folder.h"

namespace saerok::lab {
namespace {

RunInfo sample_info(std::string id) {
  RunInfo info;
  info.id = std::move(id);
  info.kind = RunKind::ensemble;
  info.dataset = "새들:dev";
  info.dataset_folder = "/data/새들";
  info.dataset_hash = "00ff";
  info.queries = "q.jsonl";
  info.qrels = "r.tsv";
  info.conversations = "c.jsonl";
  info.corpus = "notes";
  info.split = "dev";
  info.topics = 12;
  info.labels = 34;
  info.documents = 56;
  info.depth = 7;
  info.span_overlap = 0.25;
  info.with_answers = true;
  info.settings = {{"search.depth", "100"}};
  info.changed = {{"search.mode", "hybrid"}};
  info.parts = {"a-0001", "b-0002"};
  info.method = "vote";
  info.index_fingerprint = "abc";
  info.collection = "lab-abc";
  info.version = "1.2.3";
  info.seed = 9;
  info.folds = 5;
  info.fold = 4;
  info.started = "2024-02-29T23:59:59Z";
  info.is_complete = true;
  return info;
}

Outcome sample_outcome() {
  Outcome outcome;
  outcome.topic = "q 1";
  outcome.decision = Decision::clarify;
  outcome.standalone_query = "둥지는 어디에?";
  outcome.hits = {{"notes/a b%.md", 0.1 + 0.2, {3, 9}, {1, 2}},
                  {"c", -1e-9, {0, 1}, {7, 7}},
                  {"notes/a b%.md", 1.0 / 3, {10, 12}, {3, 3}}};
  outcome.answer = "line\none [1]";
  outcome.citations = {{"notes/a b%.md", {4, 9}, "quote"}};
  outcome.warnings = {"vectors are missing"};
  return outcome;
}

TEST(RunStore, GivesBackWhatWasSaved) {
  const TestFolder folder;
  const RunStore store(folder.path("lab/runs"));
  const auto id = store.create("새들:dev");
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(*id, "새들-dev-0001");
  const RunInfo info = sample_info(*id);
  const double undefined = std::numeric_limits<double>::quiet_NaN();
  const std::vector<MetricSummary> metrics = {{*parse_metric("ndcg@10"), 1.0 / 7, {0.1, 0.2}, 2},
                                              {*parse_metric("map"), 0.25, {0, 1}, 1}};
  RunTimings timings;
  timings.latency_ms = {1.5, 2.5, 3.5};
  timings.stages_ms["fuse"] = {0.1, 0.2, 0.3};
  timings.text_seconds = 4;
  timings.embed_seconds = 5;
  timings.index_bytes = 6;
  timings.peak_memory_bytes = 7;
  timings.peak_worker_memory_bytes = 8;
  ASSERT_TRUE(store.save_info(info));
  ASSERT_TRUE(store.save_outcomes(*id, {sample_outcome()}));
  ASSERT_TRUE(store.save_metrics(*id, metrics, {{"q 1", "direct", {0.5, undefined}}}));
  ASSERT_TRUE(store.save_timings(*id, timings));
  ASSERT_TRUE(store.save_decisions(*id, {{"search", "answer"}, {5, 1, 2, 4}}));
  ASSERT_TRUE(store.add_note(*id, {"2024-03-01T00:00:00Z", "lost to \"b\""}));
  ASSERT_TRUE(store.add_note(*id, {"2024-03-02T00:00:00Z", "다시"}));

  const auto record = store.load(*id);
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_TRUE(record->decisions);
  EXPECT_EQ(record->decisions->classes, (std::vector<std::string>{"search", "answer"}));
  EXPECT_EQ(record->decisions->counts, (std::vector<std::uint64_t>{5, 1, 2, 4}));
  const RunInfo& read = record->info;
  EXPECT_EQ(read.kind, info.kind);
  EXPECT_EQ(read.dataset, info.dataset);
  EXPECT_EQ(read.dataset_folder, info.dataset_folder);
  EXPECT_EQ(read.dataset_hash, info.dataset_hash);
  EXPECT_EQ(read.queries, info.queries);
  EXPECT_EQ(read.qrels, info.qrels);
  EXPECT_EQ(read.conversations, info.conversations);
  EXPECT_EQ(read.corpus, info.corpus);
  EXPECT_EQ(read.split, info.split);
  EXPECT_EQ(read.topics, info.topics);
  EXPECT_EQ(read.labels, info.labels);
  EXPECT_EQ(read.documents, info.documents);
  EXPECT_EQ(read.depth, info.depth);
  EXPECT_EQ(read.span_overlap, info.span_overlap);
  EXPECT_EQ(read.with_answers, info.with_answers);
  EXPECT_EQ(read.settings, info.settings);
  EXPECT_EQ(read.changed, info.changed);
  EXPECT_EQ(read.parts, info.parts);
  EXPECT_EQ(read.method, info.method);
  EXPECT_EQ(read.index_fingerprint, info.index_fingerprint);
  EXPECT_EQ(read.collection, info.collection);
  EXPECT_EQ(read.version, info.version);
  EXPECT_EQ(read.seed, info.seed);
  EXPECT_EQ(read.folds, info.folds);
  EXPECT_EQ(read.fold, info.fold);
  EXPECT_EQ(read.started, info.started);
  EXPECT_EQ(read.is_complete, info.is_complete);
  ASSERT_EQ(record->metrics.size(), 2u);
  EXPECT_EQ(record->metrics[0].metric, metrics[0].metric);
  EXPECT_EQ(record->metrics[0].mean, metrics[0].mean);
  EXPECT_EQ(record->metrics[0].interval.high, 0.2);
  EXPECT_EQ(record->metrics[1].topics, 1u);
  EXPECT_EQ(record->timings.latency_ms.p99, 3.5);
  EXPECT_EQ(record->timings.stages_ms.at("fuse").p95, 0.2);
  EXPECT_EQ(record->timings.embed_seconds, 5);
  EXPECT_EQ(record->timings.peak_worker_memory_bytes, 8u);
  ASSERT_EQ(record->notes.size(), 2u);
  EXPECT_EQ(record->notes[1].text, "다시");

  const auto values = store.topic_values(*id);
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->at(0).group, "direct");
  EXPECT_EQ(values->at(0).values.at(0), 0.5);
  EXPECT_TRUE(std::isnan(values->at(0).values.at(1)));
}

TEST(RunStore, AnOutcomeReadsBackEqualToTheLastBit) {
  const std::string line = print_outcome(sample_outcome());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto read = read_outcome(line, "line");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(print_outcome(*read), line);
  EXPECT_EQ(read->hits[0].score, 0.1 + 0.2);
  EXPECT_EQ(read->decision, Decision::clarify);
}

TEST(RunStore, TheTrecFileHasEachDocumentOnceAndNoBlanksInIds) {
  const TestFolder folder;
  const RunStore store(folder.path("lab/runs"));
  const auto id = store.create("x");
  ASSERT_TRUE(id);
  ASSERT_TRUE(store.save_outcomes(*id, {sample_outcome()}));
  EXPECT_EQ(folder.read("lab/runs/x-0001/run.trec"),
            "q%201 Q0 notes/a%20b%25.md 1 0.30000000000000004 saerok\n"
            "q%201 Q0 c 2 -1e-09 saerok\n");
}

TEST(RunStore, AnUnknownRunGetsTheNearestNameAndADamagedOneAReason) {
  const TestFolder folder;
  const RunStore store(folder.path("lab/runs"));
  const auto id = store.create("birds");
  ASSERT_TRUE(id && store.save_info(sample_info(*id)));
  const auto missing = store.load("bird-0001");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().message.find("did you mean birds-0001?"), std::string::npos);
  EXPECT_EQ(store.load("../runs/birds-0001").error().code, ErrorCode::not_found);

  folder.write("lab/runs/birds-0001/run.json", R"({"id": "birds-0001", "kind": "search"})");
  const auto damaged = store.load("birds-0001");
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
  EXPECT_NE(damaged.error().message.find("\"dataset\""), std::string::npos);
  std::vector<std::string> warnings;
  const auto all = store.list(warnings);
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->empty());
  EXPECT_EQ(warnings.size(), 1u);
}

TEST(RunStore, NumbersGoOnWhereAnotherRunHasTheName) {
  const TestFolder folder;
  const RunStore store(folder.path("lab/runs"));
  EXPECT_EQ(*store.create("a/b c"), "a-b-c-0001");
  EXPECT_EQ(*store.create("a/b c"), "a-b-c-0002");
  EXPECT_EQ(*store.create(""), "run-0001");
}

}  // namespace
}  // namespace saerok::lab
