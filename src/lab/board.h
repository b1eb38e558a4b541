/// The board: which runs there are, how good and how fast each was, sorted, with those marked that
/// no other run of the same questions beats in both. Plain values in, plain values out; what it
/// looks like is the terminal's (cli) or board_html.h's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/metrics.h"
#include "lab/run.h"
#include "saerok/result.h"

namespace saerok::lab {

struct BoardRequest {
  std::vector<std::string> datasets;  ///< Names, with or without split, or folders; empty: all.
  std::vector<Metric> metrics;        ///< Columns; empty: the default ones that any run has.
  std::string sort;                   ///< A column's name; empty: by dataset, best first.
};

struct BoardRow {
  RunRecord run;
  /// No other run of the same questions is at least as good and as fast, and better in one.
  bool is_on_frontier = false;
  /// What sets it apart: mode, depth, ensemble and the settings that differ from the defaults.
  std::map<std::string, std::string> differences;

  /// Nothing where the run has no value, or no question has.
  const MetricSummary* find(const Metric& metric) const;
  /// 0: it was not measured (an ensemble of runs searches nothing).
  double latency_p50_ms() const { return run.timings.latency_ms.p50; }
};

struct Board {
  std::vector<Metric> metrics;
  Metric quality;  ///< What the frontier weighs against latency: the first metric.
  std::vector<BoardRow> rows;
};

/// Names that BoardRequest::sort takes beside those of metrics.
std::vector<std::string> sort_columns();

/// Errors: not_found (a dataset without runs; names the nearest), invalid_argument (sort).
Result<Board> make_board(std::vector<RunRecord> runs, const BoardRequest& request);

/// Runs of one group asked the same questions of the same documents, so that their values compare:
/// dataset, split, content and fold.
std::string group_of(const RunInfo& info);

/// The same for people: "vault", or "vault, fold 2 of 5" (folds count from 0).
std::string title_of_group(const RunInfo& info);

}  // namespace saerok::lab
