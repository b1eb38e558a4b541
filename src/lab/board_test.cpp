#include "lab/board.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "lab/board_html.h"

namespace saerok::lab {
namespace {

constexpr Metric kNdcg{MetricKind::ndcg, 10};
constexpr Metric kRecall{MetricKind::recall, 10};

RunRecord make_run(std::string id, double ndcg, double p50_ms, std::string dataset = "vault") {
  RunRecord run;
  run.info.id = std::move(id);
  run.info.dataset = std::move(dataset);
  run.info.dataset_hash = "hash of " + run.info.dataset;
  run.info.started = "2024-05-01T12:00:00Z";
  run.info.topics = 10;
  run.info.is_complete = true;
  const Interval interval{ndcg - 0.1, ndcg + 0.1};
  run.metrics = {{.metric = kNdcg, .mean = ndcg, .interval = interval, .topics = 10},
                 {.metric = kRecall, .mean = 1 - ndcg, .interval = {0, 1}, .topics = 10}};
  run.timings.latency_ms = {p50_ms, 2 * p50_ms, 3 * p50_ms};
  return run;
}

std::vector<std::string> ids_of(const Board& board) {
  std::vector<std::string> ids;
  for (const BoardRow& row : board.rows) ids.push_back(row.run.info.id);
  return ids;
}

std::vector<std::string> frontier_of(const Board& board) {
  std::vector<std::string> ids;
  for (const BoardRow& row : board.rows) {
    if (row.is_on_frontier) ids.push_back(row.run.info.id);
  }
  std::ranges::sort(ids);
  return ids;
}

TEST(Board, FrontierHoldsWhatNoRunBeatsInBothQualityAndLatency) {
  const Board board = make_board({make_run("fast", 0.3, 1), make_run("good", 0.9, 50),
                                  make_run("beaten", 0.3, 2), make_run("middle", 0.6, 10),
                                  make_run("same", 0.6, 10), make_run("worse", 0.5, 10)},
                                 {})
                          .value();
  EXPECT_EQ(frontier_of(board), (std::vector<std::string>{"fast", "good", "middle", "same"}));
}

TEST(Board, FrontierIsWhatComparingEveryPairGives) {
  const std::uint64_t seed = random_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<RunRecord> runs;
    for (int i = 0; i < 12; ++i) {
      runs.push_back(make_run("r" + std::to_string(i), static_cast<double>(random.below(6)) / 6,
                              1 + static_cast<double>(random.below(6)),
                              random.chance(0.5) ? "a" : "b"));
    }
    std::vector<std::string> expected;
    for (const RunRecord& run : runs) {
      bool is_beaten = false;
      for (const RunRecord& other : runs) {
        if (other.info.dataset != run.info.dataset) continue;
        const double quality = other.metrics[0].mean - run.metrics[0].mean;
        const double speed = run.timings.latency_ms.p50 - other.timings.latency_ms.p50;
        is_beaten = is_beaten || (quality >= 0 && speed >= 0 && quality + speed > 0);
      }
      if (!is_beaten) expected.push_back(run.info.id);
    }
    std::ranges::sort(expected);
    EXPECT_EQ(frontier_of(make_board(runs, {}).value()), expected) << "seed " << seed;
  }
}

TEST(Board, RunsOfOtherQuestionsAndInterruptedOnesBeatNone) {
  RunRecord other_content = make_run("other", 0.9, 1);
  other_content.info.dataset_hash = "changed";
  RunRecord other_fold = make_run("fold", 0.9, 1);
  other_fold.info.folds = 5;
  RunRecord stopped = make_run("stopped", 0.9, 1);
  stopped.info.is_complete = false;
  RunRecord ensemble = make_run("ensemble", 0.95, 0);
  const Board board =
      make_board({make_run("plain", 0.5, 5), other_content, other_fold, stopped, ensemble}, {})
          .value();
  EXPECT_EQ(frontier_of(board), (std::vector<std::string>{"fold", "other", "plain"}));
}

TEST(Board, AFoldIsCalledByTheNumberThatTheRunWasGiven) {
  RunInfo info;
  info.dataset = "vault";
  info.folds = 5;
  EXPECT_EQ(title_of_group(info), "vault, fold 0 of 5");
}

TEST(Board, SortsByEveryColumnWithWhatIsAbsentLast) {
  RunRecord a = make_run("a", 0.2, 9, "x");
  RunRecord b = make_run("b", 0.8, 3, "y");
  RunRecord c = make_run("c", 0.5, 0, "x");
  b.info.started = "2025-01-01T00:00:00Z";
  c.metrics.clear();
  a.timings.index_bytes = 5;
  b.timings.index_bytes = 4;
  using Ids = std::vector<std::string>;
  const std::vector<std::pair<std::string, Ids>> expected = {
      {"", {"a", "c", "b"}},     {"run", {"a", "b", "c"}},     {"dataset", {"a", "c", "b"}},
      {"date", {"b", "a", "c"}}, {"ndcg@10", {"b", "a", "c"}}, {"recall@10", {"a", "b", "c"}},
      {"p50", {"b", "a", "c"}},  {"p95", {"b", "a", "c"}},     {"index", {"b", "a", "c"}},
      {"map", {"a", "c", "b"}}};
  for (const auto& [column, ids] : expected) {
    const auto board = make_board({c, b, a}, {.datasets = {}, .metrics = {}, .sort = column});
    ASSERT_TRUE(board) << board.error().message;
    EXPECT_EQ(ids_of(*board), ids) << column;
  }
  for (const std::string& column : sort_columns()) {
    EXPECT_TRUE(make_board({c, b, a}, {.datasets = {}, .metrics = {}, .sort = column})) << column;
  }
  const auto unknown = make_board({a}, {.datasets = {}, .metrics = {}, .sort = "p5"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(unknown.error().message.find("did you mean p50"), std::string::npos);
}

TEST(Board, DatasetIsNamedWithOrWithoutItsSplitOrByItsFolder) {
  RunRecord dev = make_run("dev", 0.5, 1, "quiz:dev");
  RunRecord test = make_run("test", 0.5, 1, "quiz:test");
  RunRecord other = make_run("other", 0.5, 1, "other");
  other.info.dataset_folder = "/data/other/";
  const auto chosen = [&](std::vector<std::string> names) {
    return ids_of(
        make_board({dev, test, other}, {.datasets = std::move(names), .metrics = {}, .sort = "run"})
            .value());
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(chosen({"quiz"}), (Ids{"dev", "test"}));
  EXPECT_EQ(chosen({"quiz:dev"}), Ids{"dev"});
  EXPECT_EQ(chosen({"/data/other", "quiz:test"}), (Ids{"other", "test"}));
  const auto unknown = make_board({dev, other}, {.datasets = {"othr"}, .metrics = {}, .sort = {}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
  EXPECT_NE(unknown.error().message.find("did you mean other"), std::string::npos);
}

TEST(Board, RowSaysWhatSetsItsRunApart) {
  RunRecord run = make_run("a", 0.5, 1);
  run.info.changed = {{"search.rrf_k", "10"}};
  run.info.depth = 20;
  RunRecord both = make_run("b", 0.5, 1);
  both.info.kind = RunKind::ensemble;
  both.info.method = "rrf";
  both.info.parts = {"a", "c"};
  const Board board = make_board({run, both}, {}).value();
  EXPECT_EQ(board.rows[0].differences,
            (std::map<std::string, std::string>{{"search.rrf_k", "10"}, {"depth", "20"}}));
  EXPECT_EQ(board.rows[1].differences.at("ensemble"), "rrf of a + c");
}

TEST(Board, OfNoRunsIsEmptyAndNotAnError) {
  const auto board = make_board({}, {});
  ASSERT_TRUE(board);
  EXPECT_TRUE(board->rows.empty());
  EXPECT_EQ(board->quality, default_metrics().front());
  EXPECT_NE(render_board_html(*board).find("no runs"), std::string::npos);
}

TEST(BoardHtml, TextIsEscapedAndNothingIsLoadedOrRun) {
  RunRecord run = make_run("a<b>", 0.5, 1, "<script>alert('d')</script>");
  run.info.changed = {{"models.chat", "\"><img src=x onerror=alert(1)>"}};
  run.notes = {{"2024-05-01T12:00:00Z", "failed: <script>alert(\"n\")</script> & more"}};
  const Board board = make_board({run, make_run("b", 0.7, 2)}, {}).value();
  const std::string page = render_board_html(board);
  for (const char* wrong :
       {"<script", "<img", "http://", "https://", "javascript:", "@import", "url("}) {
    EXPECT_EQ(page.find(wrong), std::string::npos) << wrong;
  }
  EXPECT_NE(page.find("&lt;script&gt;alert(&quot;n&quot;)&lt;/script&gt; &amp; more"),
            std::string::npos);
  EXPECT_NE(page.find("a&lt;b&gt;"), std::string::npos);
}

TEST(BoardHtml, EveryElementThatIsOpenedIsClosed) {
  RunRecord late = make_run("late", 0.7, 2'000);
  late.notes = {{"2024-05-01T12:00:00Z", "slow"}};
  RunRecord unjudged = make_run("unjudged", 0.7, 3, "other");
  unjudged.metrics.clear();
  const Board board =
      make_board({make_run("a", 0.5, 0.01), late, unjudged, make_run("same", 0.7, 2'000)}, {})
          .value();
  const std::string page = render_board_html(board);
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = page.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    const bool is_void = tag.ends_with('/') || name == "meta" || tag.starts_with('!');
    if (tag.starts_with('/')) {
      ASSERT_FALSE(open.empty()) << tag;
      ASSERT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (!is_void) {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(page.find("nan"), std::string::npos);
  EXPECT_EQ(page.find("inf"), std::string::npos);
}

TEST(BoardHtml, IsTheSameForTheSameRuns) {
  const Board board = make_board({make_run("a", 0.5, 1), make_run("b", 0.7, 2)}, {}).value();
  EXPECT_EQ(render_board_html(board), render_board_html(board));
}

}  // namespace
}  // namespace saerok::lab
